"""Which servers stand around the shop, and with which settings.

    visitors ─► nginx ─► shop (1..n processes' groups) ─► PostgreSQL, Redis, partner

Each but the shop is there only if a fault asks for it (PostgreSQL unless it asks not to).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`postgres` and `redis` are settings by name, None for no such server. `nginx` is the text of
    an http block's inside, `{port}` standing for its port and `{servers}` for `server HOST:PORT;`
    lines, None for no nginx. `shops`: how many shops share the visitors (nginx needed above 1);
    `workers`: processes of each. `partner_delay_ms`: how long the service behind the shop takes to
    answer, None where there is none; `partner_clerks` and `partner_room` as `partner/desk.py` has
    them."""

    postgres: Mapping[str, str] | None = field(default_factory=dict)
    redis: Mapping[str, str] | None = None
    nginx: str | None = None
    partner_delay_ms: float | None = None
    partner_clerks: int | None = None
    partner_room: int | None = None
    shops: int = 1
    workers: int = 1

    @property
    def behind(self) -> Surroundings:
        """The servers behind the shops alone."""
        return replace(self, nginx=None, shops=1, workers=1)
