"""What a thinking user costs in memory: the worker with 100,000 against 1,000."""

from __future__ import annotations

from clients import run_json
from figure import Row, Settings
from figures.journey import JOURNEY
from memory import WorkerMemory

THINKING = JOURNEY.with_name("thinking.py")
FEW, MANY = 1_000, 100_000
BAR_BYTES = 1536


def measure(settings: Settings) -> list[Row]:
    few_bytes = _worker_bytes(FEW, settings.seconds)
    many_bytes = _worker_bytes(MANY, settings.seconds)
    each_bytes = (many_bytes - few_bytes) / (MANY - FEW)
    return [
        Row(
            figure=f"{MANY:,} thinking users: memory of each more",
            unit="bytes",
            ours=each_bytes,
            bar=f"≤ {BAR_BYTES:,}",
            met=each_bytes <= BAR_BYTES,
            note=f"worker: {few_bytes / 1e6:.0f} MB at {FEW:,}, {many_bytes / 1e6:.0f} MB",
        )
    ]


def _worker_bytes(users: int, seconds: int) -> int:
    memory = WorkerMemory()
    load = ["--users", str(users), "--for", f"{seconds}s", "--grace", "0s", "--workers", "1"]
    run_json([THINKING, *load], watch=memory)
    return memory.peak_bytes
