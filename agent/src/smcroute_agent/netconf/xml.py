"""The only XML parser that octets of a peer reach, and the escaping of what goes back.

A document type declaration is refused before libxml2 sees it, so there are no entities to
expand, no defaults to add and nothing to load.  Depth and size are capped here and not left
to the library's defaults.
"""

from __future__ import annotations

import itertools
import re

from lxml import etree

MAX_DEPTH = 64
"""Elements nested in one another at the most.  The data of a YANG module and the message
around it are far from it; the code behind may therefore recurse."""

MAX_COST = 320 * 1024 * 1024
"""Octets of memory that a message may take, as `cost` estimates it before anything is parsed.
100 000 routes, indented and each with an operation, take 310 of those 320 MiB."""

ELEMENT_COST, TEXT_COST, ATTRIBUTE_COST = 176, 160, 280
"""Octets of memory that each takes at the most beside its text, as measured: they are 120 octets
in libxml2's tree, an attribute's value is another such node, and a name is kept once."""

MAX_ATTRIBUTES = 64
"""Attributes of an element at the most.  lxml looks for each from the first one on."""

_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t\r\n]+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]*)[\"']")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_CROWDED = etree.XPath(f"boolean(//@*[{MAX_ATTRIBUTES + 1}])")
_DECLARATION = re.compile(rb"\sxmlns[:=]")
# Said without ^ and its wide ranges, which take seven times as long to compile at each start.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class NotWellFormed(Exception):
    """The octets are no XML document that NETCONF allows (RFC 6241, section 3)."""


class TooCostly(NotWellFormed):
    """A message takes more memory than there may be; it was not looked at any closer."""


def cost(message: bytes) -> int:
    """Octets of memory that it takes to parse a message, the message included, or somewhat more:
    the signs that are counted may stand in text, too.

    Raises TooCostly.
    """
    tags = message.count(b"<")
    elements = tags - message.count(b"</")
    attributes = message.count(b"=")
    found = 2 * len(message) + ELEMENT_COST * elements + ATTRIBUTE_COST * attributes
    # Each tag may have text before it, if only to indent it.
    found += TEXT_COST * tags
    if found > MAX_COST:
        raise TooCostly(f"it would take more than {MAX_COST >> 20} MiB to read the message")
    return found


def parse(message: bytes) -> etree._Element:
    """The root element of a message, without comments and processing instructions.

    Its cost is to be looked at before.  Raises NotWellFormed, with one sentence that says why.
    """
    # Some clients send a newline first, even before the XML declaration.
    message = message.lstrip(b" \t\r\n")
    if _declares_many(message):
        raise NotWellFormed("an element declares too many namespaces")
    prolog = _PROLOG.match(message)
    if prolog and message.startswith(b"<!", prolog.end()):
        raise NotWellFormed("a document type declaration is not allowed")
    encoding = _ENCODING.match(message)
    if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
        raise NotWellFormed("the encoding of a message is UTF-8")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(message, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotWellFormed(str(error).replace(" (<string>, ", " (")) from None
    if _TOO_DEEP(root):
        raise NotWellFormed(f"elements are nested more than {MAX_DEPTH} deep")
    if _CROWDED(root):
        raise NotWellFormed(f"an element has more than {MAX_ATTRIBUTES} attributes")
    return root


def _declares_many(message: bytes) -> bool:
    """Whether one tag declares more than 2 * MAX_ATTRIBUTES namespaces.

    All those in scope are looked at wherever a value has a prefix.
    """
    if message.count(b"xmlns") <= MAX_ATTRIBUTES:
        return False
    declarations = _DECLARATION.finditer(message)
    every = [found.start() for found in itertools.islice(declarations, 0, None, MAX_ATTRIBUTES)]
    return any(message.find(b"<", one, other) < 0 for one, other in itertools.pairwise(every))


def text(value: str) -> str:
    """Escaped for the content of an element; characters that XML forbids become U+FFFD."""
    value = _NOT_XML.sub("\ufffd", value)
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(value: str) -> str:
    """Escaped and quoted for an attribute; line ends and tabs survive."""
    value = text(value).replace('"', "&quot;")
    return f'"{value}"'.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
