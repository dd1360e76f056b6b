"""All detectors' findings of a run, ranked."""

from __future__ import annotations

from perfwright.analyze.detectors import DETECTORS
from perfwright.analyze.view import View
from perfwright.model.finding import Finding


def find(view: View) -> tuple[Finding, ...]:
    """The findings, the one that is worth most first."""
    return tuple(finding for detect in DETECTORS for finding in detect(view))
