"""OpenSSH's sshd with our drop-in: `Subsystem netconf`, its users, ends and failures."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
from pathlib import Path

import asyncssh
import pytest
from ncclient.operations import RPCError
from ncclient.transport.errors import SessionCloseError

from lab import wait_for
from lab.daemon import OURS
from lab.netconf import NETCONF, config, edit, mroute, running, ssh_session, unix_session
from lab.sshd import KEYS, SSHD, Sshd
from tests.integration.agent.clients.conftest import DROP_IN, RELAY, Site, drop_in
from tests.integration.agent.clients.raw import HELLO_1_1, SshCommand, chunk, rpc, unix

ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
FLOW = ("192.0.2.10", "225.1.2.3")
LOCK = "<lock><target><running/></target></lock>"
GET_CONFIG = "<get-config><source><running/></source></get-config>"


def session(place: Site, user: str):
    """An ncclient manager for a user, through sshd."""
    return ssh_session(place.control, place.sshd_access.as_user(user))


def test_users_are_who_sshd_says_and_write_if_the_rules_let_them(place):
    with session(place, "root") as root:
        # Root is above the rules; there is none for it.
        edit(root, mroute("in0", *FLOW, "out0"))
        with session(place, "netops") as netops, session(place, "guest") as guest:
            edit(netops, mroute("in0", *FLOW, "out1"))
            routes = running(guest)
            assert routes == {("mroute", "in0", *FLOW, "out0", "out1")}
            with pytest.raises(RPCError) as refused:
                edit(guest, mroute("in0", *FLOW, operation="delete"))
            assert refused.value.tag == "access-denied"
            assert running(netops) == routes
            sessions = root.get(
                ("subtree", f'<netconf-state xmlns="{MONITORING}"><sessions/></netconf-state>')
            ).data_ele
            found = {
                (
                    one.findtext(f"{{{MONITORING}}}username"),
                    one.findtext(f"{{{MONITORING}}}transport").rpartition(":")[2],
                )
                for one in sessions.iter(f"{{{MONITORING}}}session")
            }
            assert found == {(user, "netconf-unix") for user in ("root", "netops", "guest")}
        edit(root, mroute("in0", *FLOW, operation="delete"))


def refused_in_log(place: Site, user: str, why: str) -> None:
    """Wait for the line in syslog of a session that could not begin."""
    expected = f"a session of {user} is refused: {place.daemon.netconf_socket}: {why}"
    wait_for(
        lambda: any(
            "smcroute-netconf[" in line and line.endswith(expected) for line in place.syslog
        ),
        lambda: f"{expected!r} in {place.syslog}",
    )


def rules(operation: str) -> str:
    """An edit that lets the group `observers` of the system write routes, or no more."""
    return f"""<config xmlns="{NETCONF}"><nacm xmlns="{ACM}">
        <rule-list xmlns:nc="{NETCONF}" nc:operation="{operation}"><name>observers</name>
        <group>observers</group><rule><name>routes</name><module-name>smcroute</module-name>
        <action>permit</action></rule></rule-list></nacm></config>"""


def test_rules_for_a_group_of_the_system(place):
    with session(place, "root") as root, session(place, "guest") as guest:
        root.edit_config(target="running", config=rules("create"))
        edit(guest, mroute("in0", *FLOW, "out0"))
        edit(guest, mroute("in0", *FLOW, operation="delete"))
        with pytest.raises(RPCError, match="access"):
            guest.edit_config(target="running", config=rules("delete"))
        root.edit_config(target="running", config=rules("delete"))
        with pytest.raises(RPCError, match="access"):
            edit(guest, mroute("in0", *FLOW, "out0"))


def test_the_ssh_command(place):
    with place.ssh("sshd") as ssh:
        assert ssh.raw.greet().startswith(f'<hello xmlns="{NETCONF}">'.encode())
        assert b"<data>" in ssh.raw.ask(GET_CONFIG)
        assert b"<ok/>" in ssh.raw.ask("<close-session/>")
        assert ssh.raw.rest() == b""
        assert ssh.finish() == (0, "")


def test_asyncssh(place):
    access = place.sshd_access

    async def talk(sock: socket.socket) -> tuple[bytes, int | None]:
        async with (
            asyncssh.connect(
                sock=sock,
                username="netops",
                client_keys=[str(access.private_key)],
                known_hosts=str(access.known_hosts),
                host=access.address,
                port=access.port,
                agent_path=None,
                config=None,
            ) as connection,
            connection.create_process(subsystem="netconf", encoding=None) as process,
        ):
            process.stdin.write(HELLO_1_1 + chunk(rpc(GET_CONFIG)) + chunk(rpc("<close-session/>")))
            octets = await asyncio.wait_for(process.stdout.read(), 10)
            await process.wait()
            return octets, process.exit_status

    with place.control.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.connect((access.address, access.port))
        octets, code = asyncio.run(talk(sock))
    assert code == 0
    assert octets.count(b"<rpc-reply ") == 2
    assert octets.endswith(b"<ok/></rpc-reply>\n##\n")


def routes(count: int) -> list[str]:
    """So many routes, of 160 octets each in a reply."""
    return [
        mroute("in0", f"10.{n // 250}.{n % 250}.1", "225.1.2.3", "out0", "out1")
        for n in range(count)
    ]


def test_a_huge_reply_is_byte_for_byte_what_the_socket_gives(place):
    with unix_session(place.daemon) as root:
        edit(root, *routes(5000))
        with unix(place.daemon.netconf_socket) as raw:
            raw.greet()
            expected = raw.ask(GET_CONFIG)
        assert len(expected) > 800_000
        for way in ("SSH", "sshd"):
            with place.raw(way) as raw:
                raw.greet()
                # Twice, of which the second waits in buffers while the first is read.
                raw.send(2 * chunk(rpc(GET_CONFIG)))
                assert raw.chunked() == expected
                assert raw.chunked() == expected
        root.copy_config(source="startup", target="running")


def test_a_huge_request(place):
    with place.raw("sshd") as raw:
        raw.greet()
        request = f"<edit-config><target><candidate/></target>{config(*routes(5000))}</edit-config>"
        assert b"<ok/>" in raw.ask(request)
        assert b"10.19.249.1" in raw.ask(GET_CONFIG.replace("running", "candidate"))
        assert b"<ok/>" in raw.ask("<discard-changes/>")


def test_the_daemon_is_restarted_under_it(place):
    with place.ssh("sshd") as ssh:
        ssh.raw.greet()
        assert place.daemon.stop() == 0
        # The client learns it at once, not when it asks next.
        assert ssh.raw.rest() == b""
        assert ssh.finish() == (0, "")
        with place.ssh("sshd") as meanwhile:
            assert meanwhile.finish()[0] == 69
        # sshd keeps a subsystem's stderr to itself: the reason is in the router's log.
        refused_in_log(place, "netops", "No such file or directory; is smcrouted running?")
    place.daemon.start()
    with session(place, "netops") as again:
        assert running(again) == set()


def test_ncclient_when_the_daemon_is_not_running(place):
    place.daemon.stop()
    try:
        with pytest.raises(SessionCloseError), session(place, "netops"):
            pass
    finally:
        place.daemon.start()


def test_a_user_who_may_not_open_the_socket(place):
    with place.ssh("sshd", "stranger") as ssh:
        assert ssh.finish()[0] == 77
    refused_in_log(place, "stranger", "permission denied; add the user to the group smcroute")


def test_the_relay_as_a_plain_command_says_why_on_stderr(place):
    command = f"{OURS.with_name(RELAY)} {place.daemon.netconf_socket}"
    with place.ssh("sshd", "stranger", command) as ssh:
        assert ssh.finish() == (
            77,
            f"smcroute-netconf: {place.daemon.netconf_socket}: permission denied; "
            "add the user to the group smcroute\n",
        )


def test_a_user_without_a_key(place):
    keys = place.router.files.path(KEYS / "guest")
    text = keys.read_text()
    keys.unlink()
    try:
        with place.ssh("sshd", "guest") as ssh:
            code, complaint = ssh.finish()
    finally:
        keys.write_text(text)
    assert code == 255
    assert "Permission denied (publickey" in complaint


def test_the_drop_in_is_as_sshd_wants_it(place, tmp_path):
    # Debian makes it when sshd is started; for the tests it is installed and not started.
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    text = DROP_IN.read_text()
    settings = dict(re.findall(r"^(\w+) (.+)$", text, re.MULTILINE))
    assert settings["Subsystem"] == "netconf /opt/smcroute/bin/smcroute-netconf"
    # As Debian's own configuration includes it, and all that is proposed in comments as well.
    proposed = re.sub(r"^#(?=\w|    )", "", text, flags=re.MULTILINE)
    for content in (text, proposed):
        (tmp_path / "smcroute.conf").write_text(content)
        whole = tmp_path / "sshd_config"
        whole.write_text(
            f"HostKey {place.sshd_access.host_key}\nInclude {tmp_path}/*.conf\nX11Forwarding yes\n"
        )
        shown = subprocess.run(
            [SSHD, "-T", "-f", str(whole), "-C", "user=root"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "subsystem netconf /opt/smcroute/bin/smcroute-netconf\n" in shown
        assert "clientaliveinterval 30\n" in shown
        assert "x11forwarding yes\n" in shown
    assert {"port 22", "port 830"} <= set(shown.splitlines())


def test_users_who_do_netconf_and_nothing_else(place, tmp_path):
    text = drop_in(place.daemon.netconf_socket)
    match = re.sub(r"^#(?=\w|    )", "", text[text.index("#Match") :], flags=re.MULTILINE)
    access = place.sshd_access.at_port(2023)
    confined = text + match.replace("Group netconf", "Group observers")
    with Sshd(place.router, access, confined):
        for words in (("-s", "netconf"), ("-s", "sftp"), ("id",)):
            with SshCommand(place.control, access, "guest", *words) as ssh:
                assert ssh.raw.greet().startswith(b"<hello ")
        with SshCommand(place.control, access, "netops", "id", "-un") as ssh:
            assert ssh.raw.rest() == b"netops\n"
