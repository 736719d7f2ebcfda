"""Texts of smcroute.conf with many rules."""

from __future__ import annotations

from lab.latency import groups

STATIC_GROUPS = "226.0.0.0"
TEMPLATE_GROUPS = "227.0.0.0"


def static_routes(count: int) -> str:
    """So many (S,G) routes, each with a group of its own."""
    return "".join(
        f"mroute from in0 source 192.0.2.10 group {group} to out0\n"
        for group in groups(STATIC_GROUPS, count)
    )


def templates(count: int) -> str:
    """So many (*,G) rules, each with a group of its own."""
    return "".join(
        f"mroute from in0 group {group} to out0\n" for group in groups(TEMPLATE_GROUPS, count)
    )
