"""One file per finding kind: a pure function from a run's View to its findings.

Each says at its head what it looks for, which law predicts the gain, and what would fool it. To add
one: write `detectors/<kind with _ for .>.py` with `detect`, and list it here.
"""

from __future__ import annotations

from collections.abc import Callable

from perfwright.analyze.view import View
from perfwright.model.finding import Finding

Detector = Callable[[View], list[Finding]]

DETECTORS: tuple[Detector, ...] = ()
