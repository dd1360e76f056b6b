"""Who is no visitor: crawlers, scanners, and monitors that ask for one thing by the clock.

    by agent      crawlers and monitors say what they are; scanners too
    by conduct    asked for /robots.txt · nearly everything failed · one path, strictly periodic

Programs that clients are written with (curl, Python, Java, Go) are no bots: an API's users look
like that. Left out by conduct are only visitors with enough requests to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from perfwright.model.traffic import Agents, Visitors

_CRAWLER = re.compile(
    r"bot\b|bot[/;_ -]|crawl|spider|slurp|archiver|facebookexternalhit|mediapartners|feedfetcher"
    r"|feedburner|feedly|rss|scrapy|headlesschrome|phantomjs|preview|\+https?://|httrack|yandex"
    r"|baidu|bingpreview|ahrefs|semrush|gptbot|claude|ccbot|bytespider|embedly|validator"
    r"|nikto|nmap|masscan|zgrab|sqlmap|nuclei|gobuster|dirbuster|wpscan|acunetix|nessus|censys"
    r"|expanse|l9explore|netcraft",
    re.IGNORECASE,
)
_MONITOR = re.compile(
    r"kube-probe|elb-healthchecker|googlehc|uptime|pingdom|statuscake|site24x7|newrelicpinger"
    r"|datadog|synthetics|prometheus|zabbix|nagios|check_http|icinga|monit/|haproxy|consul health"
    r"|blackbox|healthcheck|health check|hetrixtools|freshping|nodeping|updown\.io",
    re.IGNORECASE,
)
_ENOUGH_REQUESTS = 20
_PERIODIC_CV = 0.2
_LEAST_PERIOD_S = 1.0
_FAILED = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bots:
    """`agents`, `visitors`: exact names and numbers to leave out. `examples`: a few of each kind,
    as people should see them."""

    agents: tuple[str, ...]
    visitors: tuple[int, ...]
    monitors: tuple[int, ...]
    examples: tuple[str, ...]
    monitor_examples: tuple[str, ...]
    requests: int
    monitor_requests: int


def find_bots(agents: Agents, visitors: Visitors) -> Bots:
    """Agents that name themselves as such, and visitors that behave so."""
    named = [
        row for row, agent in enumerate(agents.agent)
        if agent and (_CRAWLER.search(agent) or _MONITOR.search(agent))
    ]  # fmt: skip
    by_name = {agents.agent[row] for row in named}
    free = np.array([agent not in by_name for agent in visitors.agent], dtype=bool)
    periodic = free & _periodic(visitors)
    busy = visitors.requests >= _ENOUGH_REQUESTS
    conduct = free & ~periodic & (
        (visitors.robots > 0) | (busy & (visitors.errors >= _FAILED * visitors.requests))
    )
    everybody = not (free & ~periodic & ~conduct).any() and not by_name
    if everybody:  # a log of one client that polls, or of failures only, is still a workload
        periodic[:] = conduct[:] = False
    return Bots(
        agents=tuple(agent for agent in by_name if agent is not None),
        visitors=tuple(int(visitor) for visitor in visitors.visitor[conduct]),
        monitors=tuple(int(visitor) for visitor in visitors.visitor[periodic]),
        examples=_examples(agents, named, visitors, conduct),
        monitor_examples=tuple(
            f"{visitors.client[row]}: {_shown(visitors.target[row])} "
            f"every {visitors.gap_median_s[row]:.3g} s"
            for row in np.flatnonzero(periodic)[:3]
        ),
        requests=int(agents.requests[named].sum() + visitors.requests[conduct].sum()),
        monitor_requests=int(visitors.requests[periodic].sum()),
    )


def _periodic(visitors: Visitors) -> np.ndarray:
    """One path only, again and again, after times that hardly differ. A log in whole seconds shows
    a steady period within one second, which the limit leaves room for."""
    spread_s = visitors.gap_cv * visitors.gap_mean_s
    steady = (visitors.gap_cv <= _PERIODIC_CV) | (
        (spread_s <= 0.75) & (visitors.gap_mean_s >= 3 * _LEAST_PERIOD_S)
    )
    result: np.ndarray = (
        (visitors.targets == 1)
        & (visitors.requests >= _ENOUGH_REQUESTS)
        & (visitors.gap_mean_s >= _LEAST_PERIOD_S)
        & steady
    )
    return result


def _examples(
    agents: Agents, named: list[int], visitors: Visitors, conduct: np.ndarray
) -> tuple[str, ...]:
    by_name = sorted(named, key=lambda row: -int(agents.requests[row]))[:4]
    shown = [_shown(agents.agent[row]) for row in by_name]
    for row in np.flatnonzero(conduct)[:2]:
        why = "asked for /robots.txt" if visitors.robots[row] else "nearly all requests failed"
        shown.append(f"{visitors.client[row]} ({why})")
    return tuple(shown)


def _shown(text: str | None) -> str:
    clean = "".join(char if char.isprintable() else "?" for char in (text or "-"))
    return clean if len(clean) <= 80 else f"{clean[:79]}…"
