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

MAX_TAGS = 2_000_000
"""Tags and attributes of a message at the most, counted before anything is parsed: each takes
some 100 octets of memory however short it is.  100 000 routes are half of it."""

TAG_COST = 200
"""Octets of memory that a tag or attribute takes at the most, as measured, in libxml2's tree and
beside it."""

MAX_ATTRIBUTES = 64
"""Attributes of an element at the most.  lxml looks for each from the first one on."""

_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t\r\n]+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]*)[\"']")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_CROWDED = etree.XPath(f"boolean(//@*[{MAX_ATTRIBUTES + 1}])")
_DECLARATION = re.compile(rb"\sxmlns[:=]")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NotWellFormed(Exception):
    """The octets are no XML document that NETCONF allows (RFC 6241, section 3)."""


def cost(message: bytes) -> int:
    """Octets of memory that it takes to parse a message, the message included."""
    return len(message) + TAG_COST * _tags(message)


def parse(message: bytes) -> etree._Element:
    """The root element of a message, without comments and processing instructions.

    Raises NotWellFormed, with one sentence that says why.
    """
    # Some clients send a newline first, even before the XML declaration.
    message = message.lstrip(b" \t\r\n")
    if _tags(message) > MAX_TAGS:
        raise NotWellFormed(f"a message has more than {MAX_TAGS} tags and attributes")
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


def _tags(message: bytes) -> int:
    """Tags and attributes, or somewhat more: both signs may stand in text, too."""
    return message.count(b"<") + message.count(b"=")


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
