"""What a stock client can ask for and how, from the real daemon."""

from __future__ import annotations

import pytest
from lxml import etree
from ncclient.operations import RPCError

from lab.netconf import SMCROUTE, edit, mroute, phyint, ssh_session, unix_session
from lab.ssh import SshAccess
from lab.topology import Addresses

GROUPS = [f"225.0.{number // 250}.{number % 250 + 1}" for number in range(1000)]


@pytest.fixture
def session(router):
    with unix_session(router.start()) as session:
        yield session


@pytest.fixture
def routes(session):
    edit(session, *(mroute("in0", "*", group, "out0") for group in GROUPS))
    return session


def groups(reply):
    return [e.text for e in reply.data_ele.iter(f"{{{SMCROUTE}}}group")]


def xpath(text, prefix="smc"):
    return ("xpath", ({prefix: SMCROUTE}, text))


def test_xpath(routes):
    assert ":xpath" in routes.server_capabilities
    one = "/a:smcroute/a:mroute[a:interface='in0'][a:source='*'][a:group='225.0.1.7']"
    assert groups(routes.get_config("running", filter=xpath(one, "a"))) == ["225.0.1.7"]
    some = "//smc:mroute[starts-with(smc:group, '225.0.1.')]"
    assert groups(routes.get_config("running", filter=xpath(some))) == GROUPS[250:500]
    state = routes.get(filter=xpath("//smc:mroute[smc:group='225.0.1.7']/smc:state"))
    assert groups(state) == ["225.0.1.7"]
    assert [e.text for e in state.data_ele.iter(f"{{{SMCROUTE}}}state")] == ["template"]


def test_a_wrong_xpath_says_why(session):
    with pytest.raises(RPCError) as refused:
        session.get_config("running", filter=xpath("/smc:smcroute["))
    assert refused.value.tag == "invalid-value"
    assert "ends too early" in refused.value.message


def test_with_defaults(session):
    edit(session, phyint("in0", mrdisc=False))

    def leaves(mode):
        data = session.get_config("running", with_defaults=mode).data_ele
        return {
            e.tag.rpartition("}")[2]: f"{e.text}{' tagged' if e.attrib else ''}"
            for e in data.iter(f"{{{SMCROUTE}}}*")
            if len(e) == 0
        }

    assert leaves(None) == leaves("explicit") == {"name": "in0", "mrdisc": "false"}
    assert leaves("trim") == {"name": "in0"}
    everything = leaves("report-all")
    assert everything == leaves("explicit") | {"enabled": "true", "ttl-threshold": "1"}
    assert leaves("report-all-tagged") == leaves("explicit") | {
        "enabled": "true tagged",
        "ttl-threshold": "1 tagged",
    }


MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
LIBRARY = "urn:ietf:params:xml:ns:yang:ietf-yang-library"


def texts(reply, namespace, name):
    return [e.text for e in reply.data_ele.iter(f"{{{namespace}}}{name}")]


def test_who_is_there(managed_router, tmp_path):
    access = SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0])
    daemon = managed_router.start("", *access.daemon_options)
    control = managed_router.lab.control
    with ssh_session(control, access) as remote, unix_session(daemon) as local:
        with local.locked("running"):
            state = remote.get(filter=("subtree", f'<netconf-state xmlns="{MONITORING}"/>'))
        assert texts(state, MONITORING, "locked-by-session") == [local.session_id]
        assert texts(state, MONITORING, "session-id") == [remote.session_id, local.session_id]
        assert [name.partition(":")[2] for name in texts(state, MONITORING, "transport")] == [
            "netconf-ssh",
            "netconf-unix",
        ]
        assert texts(state, MONITORING, "source-host") == [Addresses.CONTROL[0]]
        for name in texts(state, MONITORING, "identifier"):
            assert f"module {name} " in remote.get_schema(name).data


def test_the_library_names_our_module(session):
    assert ":yang-library" in session.server_capabilities
    library = session.get(filter=("subtree", f'<yang-library xmlns="{LIBRARY}"/>'))
    (module,) = (
        e
        for e in library.data_ele.iter(f"{{{LIBRARY}}}module")
        if e.findtext(f"{{{LIBRARY}}}name") == "smcroute"
    )
    assert module.findtext(f"{{{LIBRARY}}}namespace") == SMCROUTE
    (content_id,) = texts(library, LIBRARY, "content-id")
    assert any(uri.endswith(f"content-id={content_id}") for uri in session.server_capabilities)


NMDA = "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"
DATASTORES = "urn:ietf:params:xml:ns:yang:ietf-datastores"
ORIGIN = "{urn:ietf:params:xml:ns:yang:ietf-origin}origin"


def get_data(session, more="", datastore="operational"):
    """The <data> of a get-data, through ncclient's dispatch."""
    text = (
        f'<get-data xmlns="{NMDA}" xmlns:ds="{DATASTORES}" xmlns:s="{SMCROUTE}">'
        f"<datastore>ds:{datastore}</datastore>{more}</get-data>"
    )
    reply = etree.fromstring(session.dispatch(etree.fromstring(text)).xml.encode())
    return reply.find(f"{{{NMDA}}}data")


def test_operational_by_get_data(session):
    text = (
        f'<edit-data xmlns="{NMDA}" xmlns:ds="{DATASTORES}"><datastore>ds:running</datastore>'
        f'<config><smcroute xmlns="{SMCROUTE}">{mroute("in0", "192.0.2.10", "225.1.2.3", "out0")}'
        f"{mroute('in0', '*', '225.9.9.9', 'out0')}</smcroute></config></edit-data>"
    )
    assert session.dispatch(etree.fromstring(text)).ok
    one = "<xpath-filter>/s:smcroute/s:mroute[s:group='225.1.2.3']</xpath-filter>"

    def names(element):
        return [e.tag.rpartition("}")[2] for e in element.iter(f"{{{SMCROUTE}}}*")]

    flow = ["smcroute", "mroute", "interface", "source", "group"]
    whole = get_data(session, f"{one}<with-origin/>")
    assert names(whole) == [*flow, "out-interface", "state"]
    assert [e.get(ORIGIN) for e in whole.iter() if e.get(ORIGIN)] == ["or:intended"]
    assert names(get_data(session, f"{one}<config-filter>false</config-filter>")) == [
        *flow,
        "state",
    ]
    assert names(get_data(session, one, "running")) == [*flow, "out-interface"]
    assert names(get_data(session, f"{one}<max-depth>1</max-depth>")) == flow
    entries = get_data(session, "<xpath-filter>//s:forwarding-entry/s:origin</xpath-filter>")
    assert [e.text for e in entries.iter(f"{{{SMCROUTE}}}origin")] == ["static"]
    with pytest.raises(RPCError) as refused:
        get_data(session, "<with-origin/>", "running")
    assert refused.value.tag == "invalid-value"
