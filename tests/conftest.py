"""How much generated tests try: Hypothesis profiles.

`ci` is the same at each run, so that main does not turn red by chance.  `fuzz` is what
`make fuzz` runs: other examples each time, many more, and failures are kept and tried first.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "fuzz",
    max_examples=500,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis also tries constants of the modules that are loaded, other ones in each process
    of a parallel run: `derandomize` alone does not make a run like the one before."""
    if config.getoption("--hypothesis-profile") != "fuzz":
        providers._get_local_constants = lambda: providers._local_constants
