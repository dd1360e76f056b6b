"""What coordinated omission would hide: a stall of 1 s in 10 s, 500 arrivals/s, 20 users at most.

Theory: an arrival s seconds into the stall waits 1 − s for its end and 500·s/4000 for those before
it (20 users ÷ 5 ms = 4,000/s), so its response time is 1 − 0.875·s seconds. Of 5,000 arrivals the
slowest 50 came before s = 0.1 (p99 = 0.91 s), the slowest 250 before s = 0.5 (p95 = 0.56 s). Only
the 20 requests on the wire were slow by service time, so its p99 stays near 5 ms.
"""

from __future__ import annotations

import time

from clients import PERFWRIGHT, run_json
from figure import Row, Settings
from servers import calibration

THEORY_S = {"p99": 0.9125, "p95": 0.5625}
TOLERANCE_S = 0.02
SERVICE_BAR_MS = 50.0


def measure(_settings: Settings) -> list[Row]:
    load = ["--rate", "500", "--for", "10s", "--max-users", "20", "--workers", "1"]
    # The stall's clock starts with the first request of a query string: a new one starts anew.
    query = f"every_s=10&for_ms=1000&delay_ms=5&run={time.time_ns()}"
    with calibration(PERFWRIGHT) as base:
        document, _ = run_json([f"{base}/stall?{query}", *load])
    rows = []
    for percentile, theory_s in THEORY_S.items():
        measured_s = document["overall"]["response_ms"][percentile] / 1e3
        rows.append(
            Row(
                figure=f"1 s stall in 10 s: response {percentile}",
                unit="s",
                ours=measured_s,
                peer=theory_s,
                ratio=measured_s / theory_s,
                bar=f"within {TOLERANCE_S} s of theory",
                met=abs(measured_s - theory_s) <= TOLERANCE_S,
            )
        )
    service_ms = document["overall"]["service_ms"]["p99"]
    return [
        *rows,
        Row(
            figure="… service p99, what would have been reported",
            unit="ms",
            ours=service_ms,
            bar=f"< {SERVICE_BAR_MS:.0f}",
            met=service_ms < SERVICE_BAR_MS,
        ),
    ]
