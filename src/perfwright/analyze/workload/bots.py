"""Who is no visitor: crawlers, scanners, and monitors that ask for one thing by the clock.

    by agent      crawlers and monitors say what they are; scanners too
    by conduct    asked for /robots.txt · nearly everything failed · one path, strictly periodic

Programs that clients are written with (curl, Python, Java, Go) are no bots: an API's users look
like that. Left out by conduct are only visitors with enough requests to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfwright.model.traffic import Agents, Visitors

_CRAWLER = re.compile(
    r"(?<!cu)bot\b|(?<!cu)bot[/;_ -]|crawl|spider|slurp|archiver|facebookexternalhit"
    r"|mediapartners|feedfetcher|feedburner|feedly|\brss|scrapy|headlesschrome|phantomjs|preview"
    r"|\+https?://|httrack|gptbot|claude|ccbot|embedly|validator|netcraft"
    r"|nikto|nmap|masscan|zgrab|sqlmap|nuclei|gobuster|dirbuster|wpscan|acunetix|nessus|censys"
    r"|expanse|l9explore",
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
class Found:
    """`agents`, `visitors`: whom to leave out, exact names and numbers. `requests`: theirs.
    `examples`: a few, as people should see them."""

    agents: tuple[str, ...]
    visitors: tuple[int, ...]
    requests: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bots:
    crawlers: Found
    monitors: Found

    @property
    def requests(self) -> int:
        return self.crawlers.requests + self.monitors.requests


def find_bots(agents: Agents, visitors: Visitors) -> Bots:
    """Agents that name themselves as such, and visitors that behave so."""
    monitoring = _rows(agents, _MONITOR)
    monitors = set(monitoring)
    crawling = [row for row in _rows(agents, _CRAWLER) if row not in monitors]
    told = {agents.agent[row] for row in (*monitoring, *crawling)}
    others = np.array([agent not in told for agent in visitors.agent], dtype=bool)
    periodic = others & _periodic(visitors)
    many = visitors.requests >= _ENOUGH_REQUESTS
    failing = many & (visitors.errors >= _FAILED * visitors.requests)
    conduct = others & ~periodic & ((visitors.robots > 0) | failing)
    return Bots(
        crawlers=_found(agents, crawling, visitors, np.flatnonzero(conduct), _conduct),
        monitors=_found(agents, monitoring, visitors, np.flatnonzero(periodic), _period),
    )


def _rows(agents: Agents, words: re.Pattern[str]) -> list[int]:
    return [row for row, agent in enumerate(agents.agent) if agent and words.search(agent)]


def _found(
    agents: Agents,
    by_name: list[int],
    visitors: Visitors,
    by_conduct: NDArray[np.int64],
    told: Callable[[Visitors, int], str],
) -> Found:
    loudest = sorted(by_name, key=lambda row: -int(agents.requests[row]))[:3]
    return Found(
        agents=tuple(agents.agent[row] or "" for row in by_name),
        visitors=tuple(int(visitor) for visitor in visitors.visitor[by_conduct]),
        requests=int(agents.requests[by_name].sum() + visitors.requests[by_conduct].sum()),
        examples=(
            *(_shown(agents.agent[row]) for row in loudest),
            *(told(visitors, int(row)) for row in by_conduct[:2]),
        ),
    )


def _conduct(visitors: Visitors, row: int) -> str:
    why = "asked for /robots.txt" if visitors.robots[row] else "nearly all requests failed"
    return f"{_shown(visitors.client[row])}: {why}"


def _period(visitors: Visitors, row: int) -> str:
    every = f"every {visitors.gap_median_s[row]:.3g} s"
    return f"{_shown(visitors.client[row])}: {_shown(visitors.only_path[row])} {every}"


def _periodic(visitors: Visitors) -> NDArray[np.bool_]:
    """One path only (others have no gaps), again and again, after times that hardly differ. A log
    of whole seconds shows a steady period within one second, which the limit leaves room for."""
    spread_s = visitors.gap_cv * visitors.gap_mean_s
    steady = (visitors.gap_cv <= _PERIODIC_CV) | (
        (spread_s <= 0.75) & (visitors.gap_mean_s >= 3 * _LEAST_PERIOD_S)
    )
    result: NDArray[np.bool_] = (
        (visitors.requests >= _ENOUGH_REQUESTS) & (visitors.gap_mean_s >= _LEAST_PERIOD_S) & steady
    )
    return result


def _shown(text: str | None) -> str:
    clean = "".join(char if char.isprintable() else "?" for char in (text or "-"))
    return clean if len(clean) <= 80 else f"{clean[:79]}…"
