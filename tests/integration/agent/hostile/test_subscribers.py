"""Subscribers who never read, more of them than the memory of all could hold."""

from __future__ import annotations

import contextlib
from typing import Any

from lab.netconf import NETCONF, unix_session
from tests.integration.agent.hostile.attack import (
    MEGABYTE,
    Attacker,
    chunk,
    edit,
    hello,
    rpc,
    tag,
    unharmed,
)
from tests.integration.agent.hostile.over_ssh import login, receive_until, session

NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0"
NCN = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"
MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
SUBSCRIBE = chunk(rpc(f'<create-subscription xmlns="{NOTIFICATION}"/>'))
CHANGES = ("subtree", f'<netconf-config-change xmlns="{NCN}"/>')

LOCAL, REMOTE = 110, 5
EDITS = 100
"""As many as one notification lists."""


def changes(operation: str) -> bytes:
    """An edit whose notification is large: of rules of an interface that there is not."""
    routes = "".join(
        f'<mroute xmlns:nc="{NETCONF}" nc:operation="{operation}">'
        "<interface>an-absent-one00</interface><source>2001:db8:1111:2222:3333:4444:5555:6666"
        f"</source><group>ff1e:1111:2222:3333:4444:5555:6666:{number:x}</group></mroute>"
        for number in range(0x1000, 0x1000 + EDITS)
    )
    return chunk(rpc(edit(routes)))


def sessions(client: Any) -> int:
    state = client.get(
        ("subtree", f'<netconf-state xmlns="{MONITORING}"><sessions/></netconf-state>')
    )
    return len(state.data_ele.findall(f".//{{{MONITORING}}}session-id"))


def test_subscribers_that_never_read(target):
    """Their queues are full, or all together are: they are ended; one that reads misses nothing."""
    router, daemon, _ = target
    with (
        unharmed(router, daemon, most=96 * MEGABYTE),
        contextlib.ExitStack() as stack,
        unix_session(daemon) as reader,
        Attacker(daemon) as editor,
    ):
        reader.create_subscription(filter=CHANGES)
        deaf = [stack.enter_context(Attacker(daemon)) for _ in range(LOCAL)]
        for one in deaf:
            assert tag(one.say(SUBSCRIBE)) == "ok"
        transport = stack.enter_context(login(target))
        channels = [session(transport, window_size=32768) for _ in range(REMOTE)]
        for channel in channels:
            channel.sendall(hello() + SUBSCRIBE)
            assert receive_until(channel, b"<ok/>")
        # The bystander, the reader and the editor.
        while sessions(reader) > 3:
            for operation in ("create", "delete"):
                assert tag(editor.say(changes(operation))) == "ok"
                change = reader.take_notification(timeout=20).notification_ele[1]
                assert len(change.findall(f"{{{NCN}}}edit")) == EDITS
        for one in deaf:
            assert one.at_end()
        for channel in channels:
            assert receive_until(channel, b"no such octets") is None
