"""What people may say to `perfwright plan`, checked and in the units of the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from perfwright.model.plan_page import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """`scale`: times history, or times the usual load. `compress`: a day in 10 minutes is 144.
    `growth_per_year`: 0.3 for 30%. `mapping`: column of the log → its field. `only`: of documents,
    the operations, folders or pages that are wanted."""

    out: Path | None = None
    force: bool = False
    name: str = ""
    target: str = ""
    purpose: Purpose = "general"
    slos: tuple[str, ...] = ()
    users: int | None = None
    rate: float | None = None
    scale: float = 1.0
    seed: int = 1
    log_format: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"
    peak: bool = False
    shape: Literal["flat", "day"] = "flat"
    compress: float = 1.0
    growth_per_year: float = 0.0
    horizon_years: float = 1.0
    timeout_s: float | None = None
    keep_static: bool = False
    keep_third_party: bool = False
    keep_bots: bool = False
    only: tuple[str, ...] = ()
    allow_remote_refs: bool = False

    @property
    def times(self) -> float:
        """What `scale` and growth come to together."""
        return float(self.scale * (1 + self.growth_per_year) ** self.horizon_years)
