"""How many examples a generated test tries, measured by the profile in use."""

from __future__ import annotations

from typing import Any

from hypothesis import settings


def effort(share: float = 1, **more: Any) -> settings:
    """Settings for `share` times the examples of the profile: 100 with `ci`, 500 a round of `fuzz`.

    more: further settings, as stateful_step_count.
    """
    return settings(max_examples=max(1, round(share * settings.default.max_examples)), **more)
