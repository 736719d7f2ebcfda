"""NETCONF (RFC 6241): bytes become messages, messages become operations on the datastores."""
