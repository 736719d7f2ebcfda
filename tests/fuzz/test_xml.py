"""netconf/xml.py: octets become elements and text that stood in them, or are refused."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.netconf import xml
from tests.effort import effort

SECRET = "what an entity stands for"

fragments = st.sampled_from(
    ["<a>", "</a>", "<a/>", "<b xmlns='urn:x'>", "</b>", "<p:c xmlns:p='urn:y' p:d='e'/>", "text",
     f"<!DOCTYPE a [<!ENTITY e '{SECRET}'>]>", "<!DOCTYPE a SYSTEM 'file:///etc/hostname'>",
     f"<!ENTITY e '{SECRET}'>", "&e;", "&lt;", "&#0;", "&#xD800;", "&#65;", "<!--", "-->", "--",
     "<!-- c -->", "<?p ", "?>", "<![CDATA[", "]]>", "<!", "<", ">", "'", '"', "=", "xmlns='",
     "<?xml version='1.0'?>", "<?xml version='1.1'?>", "<?xml version='1.0' encoding='utf-7'?>",
     "<?xml version='1.0' encoding='UTF-16'?>", "xml:lang='x'", "\ufeff", "\n", " ", "\0", "\ufffe"]
)  # fmt: skip
encodings = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "utf-16-be", "utf-7"])
documents = st.builds(
    lambda parts, encoding: "".join(parts).encode(encoding),
    st.lists(fragments, max_size=10)
    | st.tuples(
        st.lists(fragments, max_size=4).map("".join),
        st.just("<a>"),
        st.lists(fragments, max_size=4).map("".join),
        st.just("</a>"),
    ),
    encodings,
)


@effort(3)
@given(documents)
@example(b"<?xml version='1.0'?><!-- --><!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>")
def test_any_octets_are_elements_or_refused(octets: bytes) -> None:
    try:
        root = xml.parse(octets)
    except xml.NotWellFormed:
        return
    assert root.getroottree().docinfo.doctype == ""
    assert all(isinstance(element.tag, str) for element in root.iter())
    assert SECRET not in "".join(root.itertext())
    # What is told again is the same: nothing is hidden from who looks at the elements.
    again = etree.fromstring(etree.tostring(root))
    assert etree.tostring(again, method="c14n") == etree.tostring(root, method="c14n")


@effort()
@given(st.text() | st.text("<>&\"'\r\n\t\0\ud800\ufffe"))
def test_any_text_is_written_as_well_formed_xml(text: str) -> None:
    octets = f"<a b={xml.attribute(text)}>{xml.text(text)}</a>".encode()
    root = xml.parse(octets)
    forbidden = [char for char in text if xml.text(char) == "\ufffd"]
    for char in forbidden:
        text = text.replace(char, "\ufffd")
    assert root.get("b") == text
    assert (root.text or "") == text.replace("\r\n", "\n").replace("\r", "\n")
