"""Names of runs: `20261122-170501-k3f9`, UTC time to the second and four random characters.

They sort by start, are safe in any file system and URL, and are short enough to type a prefix of.
Two runs that start in the same second share a name once in 36⁴ ≈ 1.7 million; the writer then
refuses the second one, so nothing is ever overwritten.
"""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime

_ALPHABET = string.ascii_lowercase + string.digits
_RANDOM_CHARACTERS = 4


def new_run_id(now: datetime | None = None) -> str:
    """A fresh id for a run that starts now, or at `now` (which must know its time zone)."""
    started = (now or datetime.now(UTC)).astimezone(UTC)
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return f"{started:%Y%m%d-%H%M%S}-{suffix}"
