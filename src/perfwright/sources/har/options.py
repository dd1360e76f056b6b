"""What a person can choose about the reading of a recording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HarOptions:
    """`keep_static`: images, scripts, styles, fonts. `keep_third_party`: requests to other sites.
    `only`: what to keep, by path or "METHOD /path", with `*` for anything; all, if empty.
    `longest_think_s`: pauses beyond are cut to it; 0 leaves all out."""

    keep_static: bool = False
    keep_third_party: bool = False
    only: tuple[str, ...] = ()
    longest_think_s: float = 120.0
