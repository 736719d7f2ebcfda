# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of smcroute_config: backup, restore and save, each of a whole datastore."""

from __future__ import annotations

import contextlib
import time
import uuid
from typing import Any, Callable, Sequence

from ansible_collections.mcast.smcroute.plugins.module_utils import datastore_text
from ansible_collections.mcast.smcroute.plugins.module_utils.client import VALIDATE, Client
from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NETCONF_NAMESPACE
from ansible_collections.mcast.smcroute.plugins.module_utils.datastore_text import KINDS, Meaning
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    OptionError,
    Refused,
    SmcrouteError,
    Unreachable,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.explain import explain
from ansible_collections.mcast.smcroute.plugins.module_utils.yaml_diff import difference

NEVER, CHANGED, ALWAYS = "never", "changed", "always"
CONFIRMED_COMMIT = "urn:ietf:params:netconf:capability:confirmed-commit:1.1"
SHORTEST_CONFIRM, LONGEST_CONFIRM = 5, 3600
RECONNECT_SECONDS = 1.0
"""How long to wait before connecting again to a router that did not answer."""

NOTHING_PENDING = "invalid-value"
"""The error-tag for a persist-id of which no confirmed commit is pending, or none any more."""

Connect = Callable[[], Client]


def check_options(params: dict[str, Any]) -> None:
    """Raise OptionError for options that cannot be right."""
    confirm = params["confirm"]
    if confirm is None:
        return
    if not SHORTEST_CONFIRM <= confirm <= LONGEST_CONFIRM:
        raise OptionError(
            f"confirm is {confirm}: it is from {SHORTEST_CONFIRM} to {LONGEST_CONFIRM} seconds"
        )
    if params["restore"] is None:
        raise OptionError("confirm is given without restore, so there is nothing to be confirmed")


def perform(params: dict[str, Any], connect: Connect, check_mode: bool) -> dict[str, Any]:
    """The result of a task, with the diff; SmcrouteError when it fails.

    With backup nothing is done but reading: the result has backup_content for the action plugin,
    which writes it to a file of the controller and comes again without backup for the rest.
    """
    check_options(params)
    wanted = None if params["restore"] is None else datastore_text.from_text(params["restore"])
    target = None if wanted is None else datastore_text.meaning_of_backup(wanted)
    with connect() as client:
        running = client.get_config(None)
        if params["backup"] is not None:
            content = datastore_text.to_text(running)
            return {**_result(), "backup_content": content}
        before = after = datastore_text.meaning(running)
        if target is not None:
            after = target
        restored = after != before
        if restored and params["confirm"] is not None:
            check_confirmed_commit(client)
        if restored and check_mode:
            validate(client, datastore_text.to_xml(wanted))
        elif restored:
            restore(client, connect, wanted, params["confirm"])
    saved = False
    if params["save"] != NEVER:
        # A session of its own: that of the restore may have been closed for the confirmation.
        with connect() as client:
            saved = save(client, after, params["save"], check_mode)
    return _result(restored, saved, differences(before, after))


def _result(
    restored: bool = False, saved: bool = False, diff: Sequence[dict[str, str]] = ()
) -> dict[str, Any]:
    changed = restored or saved
    return {"changed": changed, "restored": restored, "saved": saved, "diff": list(diff)}


def validate(client: Client, config: str) -> None:
    """Ask whether a config element would be accepted, where the agent can tell."""
    if VALIDATE in client.capabilities:
        client.call(_operation("validate", f"<source>{config}</source>"), "the restore")


def restore(client: Client, connect: Connect, wanted: Any, confirm: int | None) -> None:
    """Make running what a config element says, on trial where `confirm` seconds are given."""
    config = datastore_text.to_xml(wanted)
    if confirm is None:
        client.call(_copy(config, "<running/>"), "the restore")
        return
    token = str(uuid.uuid4())
    for datastore in ("running", "candidate"):
        client.call(_operation("lock", f"<target><{datastore}/></target>"), "the lock")
    client.call(_copy(config, "<candidate/>"), "the restore")
    # Where the answer is lost with the connection, the confirmation tells what became of it.
    with contextlib.suppress(Unreachable):
        client.call(
            _operation(
                "commit",
                f"<confirmed/><confirm-timeout>{confirm}</confirm-timeout>"
                f"<persist>{token}</persist>",
            ),
            "the commit",
        )
    client.close()
    confirm_commit(connect, token, confirm, datastore_text.meaning(wanted))


def check_confirmed_commit(client: Client) -> None:
    """Raise SmcrouteError when the agent or the connection cannot have confirmed commits."""
    if not client.reconnects:
        raise SmcrouteError(
            "confirm connects anew to see that the router can be reached, and the play's netconf "
            "connection stays as it is; nothing was done",
            "give host, with the connection local, or leave confirm out",
        )
    if CONFIRMED_COMMIT not in client.capabilities:
        raise SmcrouteError(
            "the agent does not announce :confirmed-commit, so nothing was done",
            "leave confirm out, or update the agent",
        )


def confirm_commit(
    connect: Connect,
    token: str,
    seconds: int,
    target: Meaning,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Connect anew and confirm, for as long as the router waits for it.

    target: what was committed.  Where the answer to a confirmation is lost, nothing may be pending
    any more for the next one; what is running then tells whether the first was carried out.

    Raises SmcrouteError when the router cannot be reached any more, or lets us confirm no more:
    it rolls back by itself.
    """
    deadline = clock() + seconds
    asked = False
    rolls_back = f"it goes back to what it had before, {seconds} s after the change"
    while True:
        try:
            with connect() as client:
                confirmation = _operation("commit", f"<persist-id>{token}</persist-id>")
                asked_before, asked = asked, True
                try:
                    client.call(confirmation, "the confirmation")
                except Refused as refusal:
                    gone = [error.tag for error in refusal.errors] == [NOTHING_PENDING]
                    if not (asked_before and gone and _has(client, target)):
                        raise
                return
        except Unreachable as error:
            if clock() + RECONNECT_SECONDS >= deadline:
                raise SmcrouteError(
                    f"the router cannot be reached after the restore: {error.message}",
                    rolls_back,
                ) from error
        except Refused as refused:
            raise SmcrouteError(explain(None, None, refused).message, rolls_back) from refused
        sleep(RECONNECT_SECONDS)


def _has(client: Client, target: Meaning) -> bool:
    return datastore_text.meaning(client.get_config(None)) == target


def save(client: Client, running: Meaning, when: str, check_mode: bool) -> bool:
    """Copy running to startup where that is asked for; whether startup said otherwise."""
    differs = datastore_text.meaning(client.get_config(None, "startup")) != running
    if not check_mode and (differs or when == ALWAYS):
        client.call(_copy("<running/>", "<startup/>"), "the saving")
    return differs


def differences(before: Meaning, after: Meaning) -> list[dict[str, str]]:
    """A diff for each kind of entries that is to be another."""
    return [
        difference(kind, old, new)
        for kind, old, new in zip(KINDS, before.entries, after.entries)
        if old != new
    ]


def _copy(source: str, target: str) -> str:
    return _operation("copy-config", f"<target>{target}</target><source>{source}</source>")


def _operation(name: str, content: str) -> str:
    return f'<{name} xmlns="{NETCONF_NAMESPACE}">{content}</{name}>'
