"""What a person can choose about the reading of a recording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HarOptions:
    """`static`: keep images, scripts, styles and fonts. `third_party`: keep other sites' requests.
    `longest_think_s`: pauses beyond are cut to it; 0 leaves all out."""

    static: bool = False
    third_party: bool = False
    longest_think_s: float = 120.0
