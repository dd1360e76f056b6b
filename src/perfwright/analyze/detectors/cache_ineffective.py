"""cache.ineffective: the cache is asked and mostly does not know.

Looks at the hit ratio under load, and at why it is low: evictions (it is too small), expirations
(entries die before they are asked for again), neither (keys that are never asked for twice, or
entries that are never written). Worth: with `_GOOD` of the look-ups answered, the part of the
misses that turns into hits takes its statements along; these are the statements called about as
often as the cache misses. Fooled by a cold cache: so the stage under stress counts, late in the
run; and by a cache that is asked so seldom that it does not matter: below one look-up in twenty
requests there is no finding.
"""

from __future__ import annotations

from perfwright.analyze.driver_code import driver_share
from perfwright.analyze.interval import Interval, about
from perfwright.analyze.predict import Change, cpu_part, impact
from perfwright.analyze.statement_change import service_of
from perfwright.analyze.statements import Cost, costs
from perfwright.analyze.telling import number, per_second, percent, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding, Impact

_POOR = 0.6
_GOOD = 0.9
_LEAST_LOOKUPS = 0.05
_LEAST_CALLS, _MOST_CALLS = 0.4, 2.5
_EXPLAINS = (
    "db.slow_query", "db.n_plus_one", "pool.exhausted", "cpu.saturated", "code.hot_function",
    "dependency.slow", "db.connection_limit",
)  # fmt: skip


def detect(view: View) -> list[Finding]:
    """One finding for each cache that misses most look-ups."""
    return [
        finding
        for subject in view.subjects(metrics.CACHE_LOOKUPS)
        if (finding := _judge(view, subject))
    ]


def _judge(view: View, subject: str) -> Finding | None:
    stage = view.under_stress
    hits = view.mean(metrics.CACHE_LOOKUPS, subject, "hit", stage=stage) or 0.0
    misses = view.mean(metrics.CACHE_LOOKUPS, subject, "miss", stage=stage) or 0.0
    lookups = hits + misses
    if lookups < _LEAST_LOOKUPS * stage.throughput_per_s or hits >= _POOR * lookups:
        return None
    return _finding(view, subject, hits / lookups, misses, lookups)


def _finding(view: View, subject: str, ratio: float, misses: float, lookups: float) -> Finding:
    saved = (_GOOD - ratio) / (1 - ratio)
    behind = _behind(view, misses)
    why, advice = _why(view, subject, misses)
    return Finding(
        kind="cache.ineffective",
        subject=f"{subject}: {percent(ratio)} of look-ups hit",
        component=subject,
        confidence=0.85 if behind else 0.65,
        impact=_impact(view, behind, saved),
        evidence=(
            seen(view, "look-ups that hit", metrics.CACHE_HITS, subject, spell=percent),
            seen(view, "look-ups that miss", metrics.CACHE_LOOKUPS, subject, "miss", per_second),
            seen(view, "evicted", metrics.CACHE_EVICTIONS, subject, "evicted", per_second),
            seen(view, "expired", metrics.CACHE_EVICTIONS, subject, "expired", per_second),
            *(_statement(cost) for cost in behind[:2]),
        ),
        recommendation=(
            f"Of {number(lookups)} look-ups/s {percent(1 - ratio)} miss{why}. {advice}"
        ),
        explains=_EXPLAINS,
    )


def _behind(view: View, misses: float) -> list[Cost]:
    """Statements called about as often as the cache misses: what a miss costs."""
    if misses <= 0:
        return []
    return [
        cost
        for cost in costs(view, view.under_stress)
        if cost.verb in ("SELECT", "WITH")
        and _LEAST_CALLS <= cost.calls_per_s / misses <= _MOST_CALLS
    ]


def _impact(view: View, behind: list[Cost], saved: float) -> Impact:
    everything = costs(view, view.under_stress)
    service = service_of(view)
    calls = sum(cost.calls for cost in everything)
    part = about(saved, 0.25).at_most(1.0)
    wait_s = part.scaled(sum(cost.time_s for cost in behind))
    cpu_s: dict[str, Interval] = {}
    for cost in behind:
        for subject, busy_s in cpu_part(view, cost.subject, part.scaled(cost.share)).items():
            cpu_s[subject] = cpu_s[subject].plus(busy_s) if subject in cpu_s else busy_s
            wait_s = wait_s.less(busy_s)
    talking = driver_share(view, service, calls) if service and behind else None
    if talking is not None and calls > 0:
        of_calls = sum(cost.calls for cost in behind) / calls
        cpu_s |= cpu_part(view, service, part.scaled(min(talking * of_calls, 0.95)))
    return impact(
        view,
        Change(cpu_s=cpu_s, wait_s=wait_s),
        f"Demand law: at {percent(_GOOD)} hits {percent(saved)} of the misses go, each with its"
        " statements.",
    )


def _why(view: View, subject: str, misses: float) -> tuple[str, str]:
    stage = view.under_stress
    evicted = view.mean(metrics.CACHE_EVICTIONS, subject, "evicted", stage=stage) or 0.0
    expired = view.mean(metrics.CACHE_EVICTIONS, subject, "expired", stage=stage) or 0.0
    if evicted >= 0.2 * misses:
        used = view.mean(metrics.CACHE_MEMORY, subject, stage=stage) or 0.0
        size = f" ({number(used / 1e6)} MB are full)" if used else ""
        return (
            f", and {number(evicted)}/s entries are evicted",
            f"It is too small{size}: raise maxmemory, store less per entry, and evict by LFU.",
        )
    if expired >= 0.2 * misses:
        return (
            f", and {number(expired)}/s entries expire",
            "Entries die before they are asked for again: raise their time to live.",
        )
    return (
        "",
        "Nothing is evicted and little expires, so that the same key is not asked for twice, or"
        " entries are not written: look at what goes into the key (a user, a time, a token, the"
        " order of parameters) and leave out what does not change the answer.",
    )


def _statement(cost: Cost) -> Evidence:
    return Evidence(
        what="a statement that runs as often as the cache misses",
        value=f"{percent(cost.share)} of the database's time: {cost.told}",
        source=f"{cost.subject} statements",
    )
