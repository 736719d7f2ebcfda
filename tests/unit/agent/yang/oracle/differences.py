"""Where an oracle and we disagree, and why the RFC is on our side or takes no side.

A disagreement that none of these explains fails the tests; so does one of these that its
witness no longer shows, as after a new release of an oracle.
"""

from __future__ import annotations

from .difference import Difference, beyond_ascii, hollow_twice

NO_QUANTUM = "invalid-value None .*:(coarse|fine|money|cheap|rounded)$"
NO_LENGTH = "object of type 'NoneType' has no len"

DIFFERENCES = (
    Difference(
        "yangson",
        ("numbers", "conditions", "defaults"),
        "",
        NO_QUANTUM,
        '<numbers xmlns="urn:zoo:numbers"><coarse>1.51</coarse></numbers>',
        "9.3.1 and 9.3.4: no more digits than fraction-digits; yangson rounds them away.",
    ),
    Difference(
        "yangson",
        ("unions",),
        "",
        "invalid-value None /u:unions/u:wide",
        '<unions xmlns="urn:zoo:unions"><wide>5.</wide></unions>',
        "9.3.1: a period is followed by digits, and by no more than fraction-digits.",
    ),
    Difference(
        "libyang",
        ("strings",),
        'does not conform to "a.sb',
        "",
        '<strings xmlns="urn:zoo:strings"><space>\u00a0</space></strings>',
        "9.4.5 takes XSD's expressions, in which \\s is blank, tab, CR and LF only and \\S the"
        " rest; PCRE counts U+00A0 and other separators as blank.",
    ),
    Difference(
        "yangson",
        ("strings",),
        "/space} invalid-type: pattern",
        "",
        '<strings xmlns="urn:zoo:strings"><space>\u00a0</space></strings>',
        "9.4.5 takes XSD's expressions, in which \\s is blank, tab, CR and LF only and \\S the"
        " rest; Python counts U+00A0 and other separators as blank.",
    ),
    Difference(
        "yangson",
        ("words",),
        "",
        "bad-element None /w:words/w:flag-sets",
        '<words xmlns="urn:zoo:words"><flag-sets>first last</flag-sets>'
        "<flag-sets>last first</flag-sets></words>",
        "9.7.2: the canonical form has the bits in the order of their positions, so that the"
        " two are equal, and 7.7: values of a leaf-list are unique.",
    ),
    Difference(
        "libyang",
        ("identities",),
        "",
        "invalid-value None /i:identities/i:both",
        '<identities xmlns="urn:zoo:identities"><both>stone</both></identities>',
        "9.10.2: the identity is derived from all bases; libyang is content with one.",
    ),
    Difference(
        "libyang",
        ("references",),
        "required instance not found",
        "",
        '<uses xmlns="urn:zoo:references" xmlns:ref="urn:zoo:references">'
        "<instance>/ref:places</instance></uses>",
        "6.4.1: a non-presence container is in the accessible tree when its parent is, so"
        " that it can be referred to while it is empty.",
    ),
    Difference(
        "yangson",
        ("references",),
        "/instance} instance-required",
        "",
        '<uses xmlns="urn:zoo:references" xmlns:ref="urn:zoo:references">'
        "<instance>/ref:places</instance></uses>",
        "6.4.1: a non-presence container is in the accessible tree when its parent is, so"
        " that it can be referred to while it is empty.",
    ),
    Difference(
        "yangson",
        ("references",),
        "",
        "invalid-value None /ref:uses/ref:loose-instance",
        '<uses xmlns="urn:zoo:references"><loose-instance>/nowhere:a</loose-instance></uses>',
        "9.13.2: the names are those of data nodes with the prefixes in scope; yangson looks"
        " at none of them when require-instance is false.",
    ),
    Difference(
        "yangson",
        ("smcroute",),
        "",
        "invalid-value None /nacm:nacm/nacm:rule-list/nacm:rule/nacm:path$",
        '<nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><rule-list><name>a</name>'
        "<rule><name>b</name><path/><action>permit</action></rule></rule-list></nacm>",
        "RFC 8341, section 4, node-instance-identifier: the rules of instance-identifier (9.13)"
        " hold, which is not empty and has prefixes in scope; for yangson it is any string.",
    ),
    Difference(
        "libyang",
        ("references",),
        "Unsatisfied|Invalid (union|enum|type uint8)|out of type uint8",
        "",
        '<uses xmlns="urn:zoo:references" xmlns:ref="urn:zoo:references">'
        "<loose-instance>/ref:places/ref:room[ref:name='']</loose-instance></uses>",
        "9.13.2: a predicate compares a key with a literal, which need not be one of the key's"
        " values; such an instance does not exist, which require-instance false permits.",
    ),
    Difference(
        "yangson",
        ("choices",),
        "/deep} missing-data: expected 'v'",
        "",
        '<each xmlns="urn:zoo:choices"><id>1</id><deep/></each>',
        "7.5.1 and 7.9.3: an empty non-presence container is as good as none, so that its case"
        " has no data, and what is mandatory in it is not needed (3, mandatory node).",
    ),
    Difference(
        "libyang",
        ("references", "structure", "ordered", "smcroute"),
        "Invalid position of the key",
        "",
        '<places xmlns="urn:zoo:references"><room><name>a</name><desk><side>left</side>'
        "<number>1</number></desk></room></places>",
        "7.8.5 gives the order of keys as an encoding rule; 8.3.1 names no error for another"
        " order, and we read what is unambiguous.",
    ),
    Difference(
        "yangson",
        (),
        NO_LENGTH,
        ".",
        '<strict xmlns="urn:zoo:choices"/>',
        "Both reject: 7.9.4 asks for a case of a mandatory choice; yangson fails while it"
        " writes its message, and meets the choice before what else is wrong.",
    ),
    Difference(
        "yangson",
        ("conditions",),
        "list index out of range",
        ".",
        '<musts xmlns="urn:zoo:conditions"><item><name>b</name>'
        "<next-weight>1</next-weight></item></musts>",
        "Both reject: 10.3.1, deref() of no node is an empty node-set, so the condition is"
        " false; yangson fails.",
    ),
    Difference(
        "libyang",
        ("conditions",),
        'Must condition "string-length',
        "",
        '<musts xmlns="urn:zoo:conditions"><strings>é</strings></musts>',
        "XPath 1.0, 4.2: string-length() is the number of characters; libyang counts octets.",
        beyond_ascii("strings"),
    ),
    Difference(
        "libyang",
        ("conditions",),
        "",
        "operation-failed must-violation /co:musts/co:strings$",
        '<musts xmlns="urn:zoo:conditions"><strings>éé</strings></musts>',
        "XPath 1.0, 4.2: string-length() and substring() are of characters, in libyang of octets.",
        beyond_ascii("strings"),
    ),
    Difference(
        "libyang",
        (),
        "",
        "bad-element None ",
        '<plain xmlns="urn:zoo:choices"><tcp-port>3</tcp-port></plain>'
        '<plain xmlns="urn:zoo:choices"/>',
        "7.5: a container has one instance; libyang takes an empty one for its own implied"
        " one, though not when both are empty.",
        hollow_twice,
    ),
    Difference(
        "libyang",
        ("whens", "augmented"),
        "When condition .* not satisfied",
        "",
        '<whens xmlns="urn:zoo:whens"><on-b/></whens>',
        "7.5.1: a non-presence container without child nodes is equivalent to its absence.",
    ),
    Difference(
        "yangson",
        ("whens", "augmented"),
        "config member-not-allowed: (on-b|extra-box|augmenting:pool)",
        "",
        '<whens xmlns="urn:zoo:whens"><on-b/></whens>',
        "7.5.1: a non-presence container without child nodes is equivalent to its absence.",
    ),
    Difference(
        "libyang",
        ("whens",),
        "",
        "unknown-element None /wh:whens/wh:last",
        '<whens xmlns="urn:zoo:whens"><only-a>0</only-a><last>0</last></whens>',
        "7.21.5: a node whose when is false does not exist, nor does its default; libyang"
        " evaluates the when that looks at it while it is still there.",
    ),
    Difference(
        "yangson",
        ("whens",),
        "missing-data: expected 'whens:whens'",
        "",
        "",
        "7.6.5, 7.9.4 and 8.1: what is mandatory is needed only where its when is true; here"
        " all of it depends on a type that is not the default.",
    ),
    Difference(
        "yangson",
        ("deviated",),
        "",
        "data-missing missing-choice /de:thing$",
        '<thing xmlns="urn:zoo:deviated"/>',
        "7.20.3.2: the deviation makes the choice mandatory; yangson applies it too late.",
    ),
    Difference(
        "yangson",
        ("deviated",),
        "data-not-unique",
        "",
        '<thing xmlns="urn:zoo:deviated"><entry><k>1</k><v>2</v></entry>'
        "<entry><k>2</k><v>2</v></entry><this/></thing>",
        "7.20.3.2: the deviation deletes the statement unique; yangson keeps it.",
    ),
    Difference(
        "yangson",
        ("deviated",),
        "",
        "operation-failed data-not-unique /de:thing/de:entry",
        '<thing xmlns="urn:zoo:deviated"><entry><k>1</k><w>2</w></entry>'
        "<entry><k>2</k><w>2</w></entry><this/></thing>",
        "7.20.3.2: the deviation adds a statement unique; yangson does not.",
    ),
    Difference(
        "libyang",
        ("anything",),
        "expected element tag start",
        "",
        '<anything xmlns="urn:zoo:anything"><xml><a>1<b/>2</a></xml></anything>',
        "7.11: anyxml is any XML, mixed content too; libyang reads none.",
    ),
    Difference(
        "libyang",
        ("references",),
        "Not found node .* in path",
        "",
        '<uses xmlns="urn:zoo:references" xmlns:ref="urn:zoo:references">'
        "<loose-instance>/ref:placess</loose-instance></uses>",
        "9.9.3: without require-instance the node need not exist; libyang wants one in a schema.",
    ),
    Difference(
        "libyang",
        ("smcroute",),
        "Not found node .* in path",
        "",
        '<nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><rule-list><name>a</name>'
        '<rule xmlns:n="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><name>b</name>'
        "<path>/n:nothing</path><action>permit</action></rule></rule-list></nacm>",
        "RFC 8341, section 4: the path is a string (xpath1.0) that nothing requires a node of; such"
        " a rule matches none.",
    ),
    Difference(
        "libyang",
        ("words", "smcroute"),
        "Invalid Base64 character '\\s'",
        "",
        '<words xmlns="urn:zoo:words"><binary> </binary></words>',
        "9.8.2 says nothing of blanks; keys are commonly wrapped, and XSD's base64Binary takes it.",
    ),
    Difference(
        "yangson",
        ("words", "unions", "smcroute"),
        "should contain only ASCII",
        "invalid-value None .*",
        '<words xmlns="urn:zoo:words"><binary>é</binary></words>',
        "9.8.2: base64 has no such characters; yangson ends with Python's own error.",
    ),
)
"""What is known of whether documents are valid."""
