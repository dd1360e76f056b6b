"""TLS 1.3, kept-alive connections, AES-128-GCM: CPU a request beside wrk and h2load (OpenSSL)."""

from __future__ import annotations

from functools import partial

from clients import h2load, ours, wrk
from figure import Row, Settings
from rounds import Bar, cpu_row, in_turn
from servers import nginx

BAR = Bar(value=1.1)


def measure(settings: Settings) -> list[Row]:
    with nginx(tls=True) as base:
        url, seconds = f"{base}/", settings.seconds
        clients = {
            "ours": partial(ours, url, seconds, "--insecure"),
            "wrk": partial(wrk, url, seconds),
            "h2load": partial(h2load, url, seconds),
        }
        samples = in_turn(settings.rounds, clients)
    return [
        cpu_row(f"TLS 1.3 keep-alive ÷ {peer}", samples["ours"], samples[peer], BAR)
        for peer in ("wrk", "h2load")
    ]
