"""Ten million requests in one run: the worker's memory must not grow after its warm-up.

Warm-up is the first fifth; what is compared is the median RSS of the fifth after it with that of
the last. The run is timed from a short one's throughput.
"""

from __future__ import annotations

import statistics

from clients import CONNECTIONS, ours, run_json
from figure import Row, Settings
from memory import WorkerMemory
from servers import nginx

REQUESTS, QUICK_REQUESTS = 10_000_000, 500_000
MARGIN = 1.15
MAX_SECONDS = 900
BAR_RATIO = 1.01


def measure(settings: Settings) -> list[Row]:
    wanted = QUICK_REQUESTS if settings.quick else REQUESTS
    memory = WorkerMemory()
    with nginx() as base:
        per_s = ours(f"{base}/", 3).per_s
        seconds = min(MAX_SECONDS, round(wanted / per_s * MARGIN) + 1)
        load = ["--users", str(CONNECTIONS), "--for", f"{seconds}s", "--workers", "1"]
        document, _ = run_json([f"{base}/", *load], watch=memory)
    requests = document["totals"]["requests"]
    early_bytes = statistics.median(memory.between(0.2, 0.4))
    late_bytes = statistics.median(memory.between(0.8, 1.0))
    return [
        Row(
            figure=f"{requests:,} requests: worker's memory, end ÷ after warm-up",
            unit="MB",
            ours=late_bytes / 1e6,
            peer=early_bytes / 1e6,
            ratio=late_bytes / early_bytes,
            bar=f"≤ {BAR_RATIO}",
            met=late_bytes / early_bytes <= BAR_RATIO if requests >= wanted else None,
            note="" if requests >= wanted else f"{wanted:,} were wanted: the machine was slow",
        )
    ]
