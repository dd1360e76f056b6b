"""Shoppers who look at items and put one into the cart: the last they looked at, or any other."""

from __future__ import annotations

import time

import numpy as np

BEGIN_S = 1_790_000_000.0
ITEMS, ZIPF = 300, 0.8
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


def shopping(reuse: float, sessions: int, seed: int = 1) -> list[tuple[list[int], int]]:
    """For each session the items looked at, and the one in the cart, which is the last of these
    with probability `reuse`, and else drawn by popularity."""
    rng = np.random.default_rng(seed)
    odds = np.arange(1, ITEMS + 1) ** -ZIPF
    odds /= odds.sum()
    found = []
    for _ in range(sessions):
        looked_at = (rng.choice(ITEMS, rng.geometric(0.5), p=odds) + 1).tolist()
        other = int(rng.choice(ITEMS, p=odds)) + 1
        found.append((looked_at, looked_at[-1] if rng.random() < reuse else other))
    return found


def log_of(shoppers: list[tuple[list[int], int]]) -> str:
    """Sessions as a Poisson process, each from an address of its own; in the order of time."""
    rng = np.random.default_rng(5)
    lines: list[tuple[float, str]] = []
    begins_s = BEGIN_S + np.cumsum(rng.exponential(2.0, len(shoppers)))
    for number, (looked_at, bought) in enumerate(shoppers):
        now_s = float(begins_s[number])
        targets = [*(f"GET /items/{item}" for item in looked_at), f"POST /cart/{bought}"]
        for target in targets:
            stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now_s))
            address = f"10.{number // 62500}.{number // 250 % 250}.{number % 250}"
            request = f'"{target} HTTP/1.1" 200 512 "-" "{_AGENT}"'
            lines.append((now_s, f"{address} - - [{stamp}] {request}\n"))
            now_s += rng.lognormal(2.0, 0.7)
    return "".join(line for _, line in sorted(lines))
