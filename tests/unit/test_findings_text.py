"""The page an investigation ends with: what the system holds, and findings in a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from perfwright.model.finding import Evidence, Finding, Impact, Predicted
from perfwright.report.findings_text import render_findings

KNEE: dict[str, Any] = {
    "rate_per_s": 40.0,
    "throughput_per_s": 40.0,
    "users": 8.0,
    "response_ms_p95": 55.8,
    "high": 56.5,
    "limited_by": "throughput stopped",
}


def page(*findings: Finding, model: str = "open", **knee: float | None) -> str:
    return render_findings(
        {
            "run_id": "r1",
            "knee": {**KNEE, **knee},
            "stages": [{"model": model}],
            "findings": [finding.as_json() for finding in findings],
            "next_limit": "No bottleneck.",
        }
    )


@pytest.mark.parametrize(
    ("model", "knee", "held"),
    [
        ("open", {}, "The system holds 40 requests/s (p95 55.8 ms), not 56.5: throughput stopped."),
        (
            "open",
            {"rate_per_s": 10.0},
            "The system holds 10 iterations/s (40 requests/s, p95 55.8 ms), not 56.5: throughput",
        ),
        (
            "closed",
            {"high": 16.0},
            "The system holds 8 users (40 requests/s, p95 55.8 ms), not 16: throughput stopped.",
        ),
        (
            "closed",
            {"high": None},
            "The system holds 8 users (40 requests/s, p95 55.8 ms) at least",
        ),
    ],
)
def test_the_first_line_says_what_the_system_holds_in_the_unit_that_was_raised(
    model: str, knee: dict[str, float | None], held: str
) -> None:
    assert held in " ".join(page(model=model, **knee).split())


def finding(component: str, impact: Impact) -> Finding:
    return Finding(
        kind="pool.exhausted",
        subject="3 connections to postgresql port:5432",
        component=component,
        confidence=0.9,
        impact=impact,
        evidence=(Evidence(what="sessions", value="3", source="db"),),
        recommendation="Raise the pool's size to 18.",
        rank=1,
    )


def test_the_short_list_hangs_under_its_numbers_and_no_line_is_left_half_said() -> None:
    more = Predicted(now=98, predicted=455, low=293, high=718)
    told = page(finding("port:8000", Impact(throughput_per_s=more))).splitlines()
    first = next(i for i, line in enumerate(told) if line.startswith("  1. The connection pool"))
    assert told[first + 1].startswith("     ")
    nowhere = page(finding("", Impact()))
    assert "Buys" not in nowhere
    assert "Where   3 connections to postgresql port:5432\n" in nowhere.replace(" \n", "\n")
