"""crypt(3): passwords as iana-crypt-hash holds them, by SHA-256 and SHA-512.

Python has no crypt module from 3.13 on, so the system's libcrypt is called.
"""

from __future__ import annotations

import ctypes
import functools
import re
import string
import threading
from collections.abc import Callable
from typing import cast

from ..errors import SystemProblem

CLEARTEXT = "$0$"
"""The prefix of a password that is to be hashed by the server (RFC 7317, section 3.5.2)."""

MAX_PASSWORD = 512
"""Octets; longer ones are of nobody."""

MAX_ROUNDS = 100_000
"""Rounds of a stored hash; one with more would hold up all other logins."""

_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so")
_ALPHABET = string.ascii_letters + string.digits + "./"
_SUPPORTED = re.compile(r"\$[56]\$(?:rounds=(\d{1,9})\$)?[a-zA-Z0-9./]{1,16}\$[a-zA-Z0-9./]+")
_NOBODY = "$6$nobody$"
"""The setting that is hashed with where there is no user: it takes as long."""

_one_at_a_time = threading.Lock()
"""crypt() answers in a static buffer."""


def hash_password(cleartext: str) -> str:
    """The hash of a password, SHA-512 with a fresh salt; raises SystemProblem."""
    import secrets  # with all that it imports, for those who have passwords only

    salt = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    found = _crypt(cleartext.encode(), f"$6${salt}$")
    if found is None:
        raise SystemProblem("the system's crypt() has no SHA-512", remedy="send the hash itself")
    return found


def verify(stored: str | None, password: str) -> bool:
    """Whether a password is the one whose hash is stored; takes as long when none is stored."""
    import hmac

    octets = password.encode()
    usable = stored is not None and supported(stored) and len(octets) <= MAX_PASSWORD
    usable = usable and b"\0" not in octets
    setting = stored if usable and stored is not None else _NOBODY
    computed = _crypt(octets[:MAX_PASSWORD].replace(b"\0", b""), setting)
    return usable and computed is not None and hmac.compare_digest(computed, setting)


def supported(stored: str) -> bool:
    """Whether logins by this hash are possible: SHA-256 or SHA-512, and not too many rounds."""
    match = _SUPPORTED.fullmatch(stored)
    return match is not None and int(match[1] or 0) <= MAX_ROUNDS


def _crypt(password: bytes, setting: str) -> str | None:
    with _one_at_a_time:
        found = _function()(password, setting.encode())
    # "*0" and "*1" are how libxcrypt says that it does not know the method.
    return None if found is None or found.startswith(b"*") else found.decode("ascii")


@functools.cache
def _function() -> Callable[[bytes, bytes], bytes | None]:
    for name in _LIBRARIES:
        try:
            function = ctypes.CDLL(name).crypt
        except (OSError, AttributeError):
            continue
        function.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
        function.restype = ctypes.c_char_p
        return cast("Callable[[bytes, bytes], bytes | None]", function)
    raise SystemProblem(
        "there is no libcrypt on this machine", remedy="install it, or use keys, not passwords"
    )
