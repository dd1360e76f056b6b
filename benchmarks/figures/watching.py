"""What watching costs the system: the throughput of the shop, watched against unwatched.

All probes that discovery finds and profiles at 100 Hz, on the client's core; the shop has the
other. The rounds alternate (plain, watched, watched, plain), so that a drifting machine favours
neither.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from clients import PERFWRIGHT, run_json
from figure import Row, Settings
from processes import free_port, serving

BAR_RATIO = 0.97
_WATCH = ("--watch", "auto", "--profile", "auto")
_USERS = "16"


def measure(settings: Settings) -> list[Row]:
    port = free_port()
    shop: list[str | Path] = [
        PERFWRIGHT.parent / "python",
        "-m",
        "perfwright.lab.shop",
        "--port",
        str(port),
    ]
    with serving(shop, port):
        url = f"http://127.0.0.1:{port}/items"
        _per_s(url, settings)  # warm
        rounds = [_round(url, settings, first_plain=n % 2 == 0) for n in range(settings.rounds)]
    plain = statistics.median(pair[0] for pair in rounds)
    watched = statistics.median(pair[1] for pair in rounds)
    ratio = statistics.median(pair[1] / pair[0] for pair in rounds)
    return [
        Row(
            figure="throughput of the shop, watched ÷ unwatched",
            unit="requests/s",
            ours=watched,
            peer=plain,
            ratio=ratio,
            bar=f"≥ {BAR_RATIO}",
            met=ratio >= BAR_RATIO,
        )
    ]


def _round(url: str, settings: Settings, *, first_plain: bool) -> tuple[float, float]:
    """Requests/s unwatched and watched."""
    if first_plain:
        plain = _per_s(url, settings)
        return plain, _per_s(url, settings, *_WATCH)
    watched = _per_s(url, settings, *_WATCH)
    return _per_s(url, settings), watched


def _per_s(url: str, settings: Settings, *extra: str) -> float:
    load = ["--users", _USERS, "--for", f"{settings.seconds}s", "--workers", "1"]
    document, _ = run_json([url, *load, *extra])
    return float(document["totals"]["throughput_per_s"])
