"""Accuracy on a known answer time: /delay/20 against 20 ms plus what loopback itself takes.

The floor is the response time of `/`, which the same server answers at once, in the same seconds
(`journeys/delayed.py`). A constant delay moves a whole distribution, the p99 of 20 ms + X is 20 ms
and the p99 of X: so every percentile is held to the floor at that percentile.
"""

from __future__ import annotations

from pathlib import Path

from clients import PERFWRIGHT, run_json
from figure import Row, Settings
from servers import calibration

JOURNEY = Path(__file__).resolve().parent.parent / "journeys" / "delayed.py"
TRUTH_MS = 20.0
BAR_MS = 0.3


def measure(settings: Settings) -> list[Row]:
    load = ["--for", f"{settings.seconds}s", "--workers", "1"]
    with calibration(PERFWRIGHT) as base:
        document, _ = run_json([JOURNEY, "--target", base, *load])
    response_ms = {step["name"]: step["response_ms"] for step in document["steps"]}
    return [_row(percentile, response_ms) for percentile in ("p50", "p99")]


def _row(percentile: str, response_ms: dict[str, dict[str, float]]) -> Row:
    measured_ms, floor_ms = (response_ms[step][percentile] for step in ("delayed", "floor"))
    expected_ms = TRUTH_MS + floor_ms
    return Row(
        figure=f"/delay/20: response {percentile}",
        unit="ms",
        ours=measured_ms,
        peer=expected_ms,
        ratio=measured_ms / expected_ms,
        bar=f"within {BAR_MS} ms of the truth",
        met=abs(measured_ms - expected_ms) <= BAR_MS,
        note=f"truth: {TRUTH_MS:.0f} ms + loopback floor {floor_ms:.3f} ms",
    )
