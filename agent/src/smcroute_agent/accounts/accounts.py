"""What running says about who may log in over SSH."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..errors import Error
from ..yang.data import Container, Key, Leaf, ListNode, entries, entry_step, lookup, replaced
from .crypt_hash import CLEARTEXT, MAX_PASSWORD, hash_password, verify

NAMESPACE = "urn:ietf:params:xml:ns:yang:ietf-system"
_WAY = ("authentication", "user")

MAX_HASHED = 100
"""Passwords that one edit may have hashed: each takes some milliseconds."""

_ALGORITHM = re.compile(r"[A-Za-z0-9@.-]{1,128}")


class Accounts:
    """The local users of a datastore; running: what it is now."""

    def __init__(self, running: Callable[[], Container]) -> None:
        self._running = running

    def keys(self, user: str) -> list[str]:
        """The public keys of a user, each as a line of an authorized_keys file."""
        entry = lookup(_users(self._running()), (user,))
        return list(_lines(entry)) if isinstance(entry, Container) else []

    def password(self, user: str) -> str | None:
        """The hash of a user's password; None where there is no such user or no password."""
        entry = lookup(_users(self._running()), (user,))
        return entry.value("password") if isinstance(entry, Container) else None


def _users(tree: Container) -> ListNode | None:
    found = lookup(tree.children.get(f"{{{NAMESPACE}}}system"), *_WAY)
    return found if isinstance(found, ListNode) else None


def _lines(user: Container) -> Iterator[str]:
    for key in entries(user.get("authorized-key")):
        algorithm, data = key.value("algorithm") or "", key.value("key-data") or ""
        # The name of an algorithm is any string in the model: nothing else may get in by it.
        if _ALGORITHM.fullmatch(algorithm):
            yield f"{algorithm} {data}"


def hashed(before: Container, after: Container) -> Container:
    """The tree with hashes in the place of passwords in clear (RFC 7317, section 3.5.2).

    A password that is the one whose hash was stored leaves it as it was, so that the same edit
    twice changes nothing.  Raises errors.Error.
    """
    users = _users(after)
    old = _users(before)
    if users is None or users is old:
        return after
    changed: dict[Key, Container] = {}
    for key, user in users.entries.items():
        leaf = user.get("password")
        if isinstance(leaf, Leaf) and leaf.value.startswith(CLEARTEXT):
            if len(changed) >= MAX_HASHED:
                raise Error(
                    f"more than {MAX_HASHED} passwords in clear in one edit",
                    tag="resource-denied",
                    remedy="send them in several edits, or send hashes",
                )
            known = lookup(old, key)
            stored = known.value("password") if isinstance(known, Container) else None
            try:
                value = _hash(leaf.value.removeprefix(CLEARTEXT), stored)
            except Error as error:
                error.path = users.schema.path().rpartition("/")[0] + entry_step(users.schema, key)
                raise
            changed[key] = replaced(user, {leaf.schema.qname: Leaf(leaf.schema, value)})
    if not changed:
        return after
    system = after.children[f"{{{NAMESPACE}}}system"]
    assert isinstance(system, Container)
    authentication = system.get("authentication")
    assert isinstance(authentication, Container)
    entries = users.to_change()
    entries.update(changed)
    new = users.changed(entries, changed)
    inner = replaced(authentication, {users.schema.qname: new})
    outer = replaced(system, {authentication.schema.qname: inner})
    return replaced(after, {system.schema.qname: outer})


def _hash(cleartext: str, stored: str | None) -> str:
    if len(cleartext.encode()) > MAX_PASSWORD:
        raise Error(
            f"a password has at most {MAX_PASSWORD} octets",
            tag="invalid-value",
            remedy="choose a shorter one",
        )
    if stored is not None and not stored.startswith(CLEARTEXT) and verify(stored, cleartext):
        return stored
    return hash_password(cleartext)
