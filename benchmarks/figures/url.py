"""URL mode beside clients written in C and Go: CPU a request for a plain GET over and over."""

from __future__ import annotations

from functools import partial

from clients import ab, h2load, hey, ours, wrk
from figure import Row, Settings
from rounds import Bar, cpu_row, in_turn
from servers import nginx

BARS = {"wrk": Bar(value=1.0)}


def measure(settings: Settings) -> list[Row]:
    peers = {"wrk": wrk} if settings.quick else {"wrk": wrk, "h2load": h2load, "ab": ab, "hey": hey}
    with nginx() as base:
        url, seconds = f"{base}/", settings.seconds
        clients = {name: partial(peer, url, seconds) for name, peer in peers.items()}
        samples = in_turn(settings.rounds, {"ours": partial(ours, url, seconds), **clients})
    return [
        cpu_row(f"URL mode ÷ {peer}", samples["ours"], samples[peer], BARS.get(peer))
        for peer in peers
    ]
