"""`TestPlan`: everything that a run must know before it starts, from a test file or a bare URL."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from perfwright.plan.feeders import Feeder
from perfwright.plan.replay import Recording
from perfwright.plan.scenario import UserFunction
from perfwright.plan.test import Test


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSpec:
    """One kind of journey; chosen with probability weight ÷ sum of weights under a common load."""

    name: str
    weight: float
    function: UserFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlRequest:
    """URL mode: the one request that is repeated, with no Python in between."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPlan:
    """`test` with all overrides applied, so that every load has a length. `scenarios`: those that
    have a load. Either `path` and scenarios are given, or (URL mode) `request`, or `replay`.
    `source`: the test file's text. `notes`: what making the plan told. `traces_per_s`: about so
    many requests a second are traced (`traceparent`), however many are sent; at 0 no request
    carries the header."""

    __test__: ClassVar[bool] = False  # not one of pytest's

    test: Test
    path: Path | None = None
    scenarios: tuple[ScenarioSpec, ...] = ()
    setup: UserFunction | None = None
    teardown: UserFunction | None = None
    user_start: UserFunction | None = None
    feeders: tuple[Feeder, ...] = ()
    request: UrlRequest | None = None
    replay: Recording | None = None
    notes: tuple[str, ...] = ()
    source: str = ""
    traces_per_s: float = 0.0

    @property
    def digest(self) -> str:
        """Tells two versions of a test file apart."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]
