"""Replies as XML; long ones are written in a thread, and other sessions go on meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from ...yang.data import Container, ListNode
from ...yang.serialize import to_xml

LARGE = 1000
"""List entries from which on a reply is long: 10 ms or so."""

_worker = ThreadPoolExecutor(1, "render")


async def rendered(tree: Container) -> bytes:
    """The children of a tree's root, as of to_xml."""
    if entries(tree) < LARGE:
        return to_xml(tree)
    return await asyncio.get_running_loop().run_in_executor(_worker, to_xml, tree)


def entries(tree: Container) -> int:
    """How many entries the lists in the top-level containers have."""
    return sum(
        len(node.entries)
        for top in tree.children.values()
        if isinstance(top, Container)
        for node in top.children.values()
        if isinstance(node, ListNode)
    )
