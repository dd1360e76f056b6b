"""Accuracy on a known answer time: /delay/20 against 20 ms plus what loopback itself takes.

The floor is the median response time of `/`, which the same server answers at once, at the same
rate.
"""

from __future__ import annotations

from clients import PERFWRIGHT, run_json
from figure import Row, Settings
from servers import calibration

TRUTH_MS = 20.0
RATE_PER_S = 200
BAR_MS = 0.3


def measure(settings: Settings) -> list[Row]:
    load = ["--rate", str(RATE_PER_S), "--for", f"{settings.seconds}s", "--workers", "1"]
    with calibration(PERFWRIGHT) as base:
        floor, _ = run_json([f"{base}/", *load])
        delayed, _ = run_json([f"{base}/delay/{TRUTH_MS:.0f}", *load])
    floor_ms = floor["overall"]["response_ms"]["p50"]
    expected_ms = TRUTH_MS + floor_ms
    rows = []
    for percentile in ("p50", "p99"):
        measured_ms = delayed["overall"]["response_ms"][percentile]
        rows.append(
            Row(
                figure=f"/delay/20: response {percentile}",
                unit="ms",
                ours=measured_ms,
                peer=expected_ms,
                ratio=measured_ms / expected_ms,
                bar=f"within {BAR_MS} ms of the truth",
                met=abs(measured_ms - expected_ms) <= BAR_MS,
                note=f"truth: {TRUTH_MS:.0f} ms + loopback floor {floor_ms:.3f} ms",
            )
        )
    return rows
