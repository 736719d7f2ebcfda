"""Where an oracle takes the same documents for other data, and why the RFC is on our side."""

from __future__ import annotations

from .difference import OtherData

OTHER_DATA = (
    OtherData(
        "libyang",
        "unions",
        "/u:unions/u:named",
        '<unions xmlns="urn:zoo:unions"><named>+5</named></unions>',
        "9.12: the first member that matches has the value, here a leafref to strings, then a"
        " number. Whether the string is there is a constraint on the tree (8.1), which other edits"
        " fulfil and break; libyang makes the value the number's form for good, we keep what is"
        " right for both.",
    ),
    OtherData(
        "yangson",
        "unions",
        "/u:unions/u:named",
        '<unions xmlns="urn:zoo:unions"><named>00</named></unions>',
        "9.12: as above; in JSON a value is of one member, here of the number, and 0 is all that"
        " yangson is told (RFC 7951, section 6.10).",
    ),
    OtherData(
        "yangson",
        "references",
        "/ref:uses/ref:(loose-)?instance",
        '<uses xmlns="urn:zoo:references" xmlns:ref="urn:zoo:references">'
        "<loose-instance>/ref:uses/ref:rooms[.='5\n']</loose-instance></uses>",
        "9.13.2: a literal of XPath has no escapes; yangson writes a line feed as one.",
    ),
    OtherData(
        "libyang",
        "words",
        "/w:words/w:(short-)?binary",
        '<words xmlns="urn:zoo:words"><binary>QR==</binary></words>',
        "9.8.3: the canonical form follows RFC 4648, whose section 3.5 has the unused bits"
        " zero; libyang keeps the text.",
    ),
    OtherData(
        "libyang",
        "smcroute",
        ".*/sys:authorized-key/sys:key-data",
        '<system xmlns="urn:ietf:params:xml:ns:yang:ietf-system"><authentication><user>'
        "<name>a</name><authorized-key><name>k</name><algorithm>x</algorithm>"
        "<key-data>QR==</key-data></authorized-key></user></authentication></system>",
        "9.8.3: the canonical form follows RFC 4648, whose section 3.5 has the unused bits"
        " zero; libyang keeps the text.",
    ),
    OtherData(
        "libyang",
        "whens",
        "/wh:whens/wh:(chained|last)",
        '<whens xmlns="urn:zoo:whens"><type>b</type><only-b>1</only-b><one>1</one></whens>',
        "7.21.5: a node whose when is false does not exist, so the when of the node that looks"
        " at its default is false, too; libyang evaluates it while the default is still there.",
    ),
    OtherData(
        "yangson",
        "whens",
        "/wh:whens/(wh:c-box/wh:extra-default|wh:extra-box/wh:added|wh:.*)",
        '<whens xmlns="urn:zoo:whens"><extra-default>1</extra-default></whens>',
        "7.21.5: defaults of nodes whose when is false are not in use; yangson adds those of a"
        " uses or augment with when all the same.",
    ),
    OtherData(
        "yangson",
        "augmented",
        "/au:cage/ag:window",
        "",
        "7.21.5: the default of a node whose when is false is not in use; yangson evaluates the"
        " when before it adds the default that it looks at.",
    ),
    OtherData(
        "yangson",
        "choices",
        "/c:plain/(c:tcp-port|c:keep-alive|c:unix/c:mode)",
        '<plain xmlns="urn:zoo:choices"><unix/></plain>',
        "7.9.3 and 7.5.1: an empty non-presence container is as good as none, so that no case"
        " has data and the default case is in use.",
    ),
    OtherData(
        "yangson",
        "smcroute",
        "/nacm:nacm/nacm:rule-list/nacm:rule/nacm:path",
        '<nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"'
        ' xmlns:nacm="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><rule-list><name>a</name>'
        "<rule><name>b</name><path>/nacm:nacm</path><action>permit</action></rule></rule-list>"
        "</nacm>",
        "RFC 8341, 3.5.2: the prefixes in the path are those of the XML; for yangson it is a"
        " string, whose meaning JSON has lost.",
    ),
)
"""What is known of data, defaults included."""
