"""The same journey in Locust's FastHttpUser: how many times our CPU it takes."""

from __future__ import annotations

from functools import partial

from clients import locust, ours
from figure import Row, Settings
from figures.journey import JOURNEY
from peers import install_locust
from rounds import Bar, cpu_row, in_turn
from servers import nginx

BAR = Bar(value=10, at_most=False)
START_S = 8
"""Locust needs seconds to start its users; a shorter round would measure nothing else."""


def measure(settings: Settings) -> list[Row]:
    install_locust()
    locustfile, seconds = JOURNEY.with_name("locustfile.py"), max(settings.seconds, START_S)
    with nginx() as base:
        clients = {
            "ours": partial(ours, JOURNEY, seconds, "--target", base),
            "locust": partial(locust, locustfile, base, seconds),
        }
        samples = in_turn(settings.rounds, clients)
    figure = "Locust FastHttpUser ÷ ours, same journey"
    return [cpu_row(figure, samples["ours"], samples["locust"], BAR)]
