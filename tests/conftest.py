"""How much generated tests try: Hypothesis profiles.

`ci` is the same at each run, so that main does not turn red by chance.  `fuzz` is what
`make fuzz` runs: other examples each time, many more, and failures are kept and tried first.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

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
