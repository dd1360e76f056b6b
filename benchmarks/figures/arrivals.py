"""The open model's punctuality: 5,000 arrivals a second for 20 s, client on one core."""

from __future__ import annotations

from clients import run_json
from figure import Row, Settings
from servers import nginx

RATE_PER_S = 5000
RATE_BAR_RATIO = 0.001
LATENESS_BAR_US = 100


def measure(settings: Settings) -> list[Row]:
    seconds = 5 if settings.quick else 20
    load = ["--rate", str(RATE_PER_S), "--for", f"{seconds}s", "--workers", "1"]
    with nginx() as base:
        document, _ = run_json([f"{base}/", *load])
    generator = document["generator"]
    late_us = {name: generator["lateness_ms"][name] * 1e3 for name in ("p50", "p99", "max")}
    started = document["totals"]["requests"]
    asked = RATE_PER_S * seconds
    return [
        Row(
            figure=f"{RATE_PER_S:,} arrivals/s for {seconds} s: dropped",
            unit="arrivals",
            ours=generator["dropped"],
            bar="0",
            met=generator["dropped"] == 0,
        ),
        Row(
            figure="… rate",
            unit="arrivals/s",
            ours=started / seconds,
            ratio=started / asked,
            bar="within 0.1%",
            met=abs(started / asked - 1) <= RATE_BAR_RATIO,
        ),
        Row(
            figure="… lateness p50",
            unit="µs",
            ours=late_us["p50"],
            bar=f"< {LATENESS_BAR_US}",
            met=late_us["p50"] < LATENESS_BAR_US,
            note=f"p99 {late_us['p99']:.0f} µs, max {late_us['max']:.0f} µs",
        ),
    ]
