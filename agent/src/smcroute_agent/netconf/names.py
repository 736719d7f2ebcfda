"""Namespaces and capability names of NETCONF."""

from __future__ import annotations

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
"""RFC 6241: messages, operations, their parameters and errors."""

MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
"""RFC 6022: get-schema."""

NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0"
"""RFC 5277: create-subscription, and the message around a notification."""

WITH_DEFAULTS = "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"
"""RFC 6243: the parameter with-defaults."""

REHEARSAL = "urn:mcast:params:xml:ns:yang:smcroute-netconf-rehearsal"
"""Ours: the parameter tell-pending."""

NMDA = "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"
"""RFC 8526: get-data and edit-data."""

DATASTORE_NAMES = "urn:ietf:params:xml:ns:yang:ietf-datastores"
"""RFC 8342: the identities of datastores."""

YANG = "urn:ietf:params:xml:ns:yang:1"
"""RFC 7950: its elements in <error-info>."""

XML = "http://www.w3.org/XML/1998/namespace"

BASE_1_0 = "urn:ietf:params:netconf:base:1.0"
BASE_1_1 = "urn:ietf:params:netconf:base:1.1"

CAPABILITY = "urn:ietf:params:netconf:capability:"
WRITABLE_RUNNING = CAPABILITY + "writable-running:1.0"
CANDIDATE = CAPABILITY + "candidate:1.0"
CONFIRMED_COMMIT = CAPABILITY + "confirmed-commit:1.1"
ROLLBACK_ON_ERROR = CAPABILITY + "rollback-on-error:1.0"
VALIDATE = CAPABILITY + "validate:1.1"
STARTUP = CAPABILITY + "startup:1.0"
XPATH = CAPABILITY + "xpath:1.0"
WITH_DEFAULTS_1_0 = CAPABILITY + "with-defaults:1.0"
WITH_OPERATIONAL_DEFAULTS = CAPABILITY + "with-operational-defaults:1.0"
NOTIFICATION_1_0 = CAPABILITY + "notification:1.0"
INTERLEAVE = CAPABILITY + "interleave:1.0"


def base(name: str) -> str:
    """The qualified name of an element of the base namespace."""
    return f"{{{BASE}}}{name}"


def local(qname: object) -> str:
    """The local part of a qualified name."""
    return str(qname).rpartition("}")[2]


def namespace(qname: object) -> str:
    """The namespace of a qualified name, empty when it has none."""
    return str(qname)[1:].partition("}")[0] if str(qname).startswith("{") else ""
