"""A fault: two makes of the shop that differ by one mistake, and the servers that they run among.

      servers (launcher)                 the shop's own process
┌──────────────────────────┐     ┌──────────────────────────────────┐
│ around: Surroundings     │ ──► │ faulty: Variant                  │   --fault NAME
│ around_fixed (if the     │ ──► │ fixed: Variant                   │   --fault NAME --fixed
│ mistake is a setting)    │     │   ▲ live_fix: SQL, while running │
└──────────────────────────┘     └──────────────────────────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass

from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.variant import HEALTHY, Variant

_POSTGRES_ALONE = Surroundings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`sentence` says what is wrong. `sqlite`: it shows on the embedded database, too.
    `around_fixed` None: the servers are the same. `live_fix` None: the fix needs a
    restart."""

    sentence: str
    sqlite: bool = False
    faulty: Variant = HEALTHY
    fixed: Variant = HEALTHY
    around: Surroundings = _POSTGRES_ALONE
    around_fixed: Surroundings | None = None
    live_fix: tuple[str, ...] | None = None

    def surroundings(self, *, fixed: bool) -> Surroundings:
        return self.around_fixed if fixed and self.around_fixed else self.around
