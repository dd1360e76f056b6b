"""db.slow_query: one statement takes most of the database's time, by what it does itself.

A statement that dominates its database (`_SHARE` of the time, and long besides the others) with a
reason to be seen: it spills to temporary files (a sort or hash larger than work_mem), returns
hundreds of rows a call (no LIMIT), or reads thousands of pages. Where an index would help, the
finding is db.missing_index, which explains this one. Worth: its time down to that of an ordinary
statement of the same database, by the demand law; what the service spends on reading many rows goes
with it. Fooled by a statement that is slow under stress only (it waits for locks, for a CPU, for a
connection): so its time at light load counts.
"""

from __future__ import annotations

import statistics

from perfwright.analyze.driver_code import driver_share
from perfwright.analyze.interval import NOTHING, Interval
from perfwright.analyze.predict import without_cpu
from perfwright.analyze.statement_change import service_of, without_statement
from perfwright.analyze.statements import Cost, cost_at, costs, plan_of
from perfwright.analyze.telling import both, number, percent, seconds, seen
from perfwright.analyze.under_way import looks_evidence, under_way
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding

_SHARE = 0.4
_LONG_S = 0.003
_LONGER = 5.0
_OF_RESPONSE = 0.2
_MANY_ROWS = 300
_MANY_BLOCKS = 2_000
_PAGE = 50
_EXPLAINS = (
    "pool.exhausted", "db.connection_limit", "errors.under_load", "cpu.saturated",
    "disk.saturated", "code.hot_function", "event_loop.blocked", "thread_pool.exhausted",
    "dependency.slow",
)  # fmt: skip


def detect(view: View) -> list[Finding]:
    """At most one finding: the statement on top."""
    found = costs(view, view.low) or costs(view, view.under_stress)
    if inside := _under_way(view):
        return inside
    if not found:
        return []
    cost = found[0]
    if not _dominates(view, cost, found[1:]):
        return []
    stressed = cost_at(view, view.under_stress, cost) or cost
    reasons = _reasons(view, stressed)
    return [_finding(view, stressed, cost, found[1:], reasons)]


def _under_way(view: View) -> list[Finding]:
    """Of a database that counts nothing (SQLite): the statement that is mostly under way, once a
    request, and reads or sorts much."""
    one = next(iter(under_way(view)), None)
    if one is None or one.part.value < _SHARE or one.looped or one.plan is None:
        return []
    sorts, rows = "TEMP B-TREE" in one.plan.plan, one.plan.rows_scanned
    if not sorts and "SCAN" not in one.plan.plan:
        return []
    reasons = ["it sorts in a temporary tree"] if sorts else []
    if rows:
        reasons.append(f"it reads all {number(rows)} rows of {one.plan.relation}")
    part = Interval(value=0.9 * one.part.value, low=0.5 * one.part.low, high=one.part.high)
    return [
        Finding(
            kind="db.slow_query",
            subject=one.told,
            component=one.component,
            confidence=0.75,
            impact=without_cpu(
                view,
                one.component,
                part,
                f"Demand law: the statement is {percent(one.part.value)} of the service's CPU.",
            ),
            evidence=looks_evidence(one),
            recommendation=(
                f"{one.told}, sent from {one.asker}: {' and '.join(reasons) or 'it reads much'}."
                " Let it touch fewer rows (filter before it sorts or ranks, a LIMIT, an index in"
                " the order asked for), keep its result, or move it off the request."
            ),
            explains=_EXPLAINS,
        )
    ]


def _dominates(view: View, cost: Cost, others: tuple[Cost, ...]) -> bool:
    """At light load, where nothing queues."""
    base_s = view.low.response_mean_s
    return (
        cost.share >= _SHARE
        and cost.mean_s >= max(_LONG_S, _LONGER * _ordinary_s(others))
        and cost.time_s >= _OF_RESPONSE * base_s
    )


def _ordinary_s(others: tuple[Cost, ...]) -> float:
    """What a call of an ordinary statement takes."""
    return statistics.median([one.mean_s for one in others]) if others else 0.0


def _reasons(view: View, cost: Cost) -> tuple[str, ...]:
    plan = plan_of(view, cost)
    sorts = plan is not None and ("Sort" in plan.plan or "TEMP B-TREE" in plan.plan)
    reasons = []
    if cost.temp_blocks >= 1:
        what = "sort" if sorts else "sort or hash"
        reasons.append(f"its {what} spills {number(cost.temp_blocks)} pages to disk a call")
    elif sorts and cost.mean_s >= _LONG_S and cost.rows <= _MANY_ROWS:
        reasons.append("it sorts what an index could keep in order")
    if cost.rows >= _MANY_ROWS:
        reasons.append(f"it returns {number(cost.rows)} rows a call")
    if cost.blocks >= _MANY_BLOCKS:
        reasons.append(f"it reads {number(cost.blocks)} pages a call")
    return tuple(reasons)


def _finding(
    view: View, cost: Cost, light: Cost, others: tuple[Cost, ...], reasons: tuple[str, ...]
) -> Finding:
    left = max(_ordinary_s(others) / light.mean_s, 0.02) if light.mean_s > 0 else 1.0
    part = Interval(value=1 - 1.5 * left, low=max(0.0, 1 - 5 * left), high=1 - 0.5 * left)
    service = service_of(view)
    return Finding(
        kind="db.slow_query",
        subject=cost.told,
        component=cost.subject,
        confidence=0.9 if reasons else 0.6,
        impact=without_statement(
            view,
            cost,
            part,
            f"Demand law: the statement is {percent(light.share)} of the database's time at light"
            f" load, {seconds(light.mean_s)} a call where the others take"
            f" {seconds(_ordinary_s(others))}.",
            service=service,
            app_part=_app_part(view, cost, service),
        ),
        evidence=_evidence(view, cost, light),
        recommendation=_recommendation(cost, reasons),
        explains=_EXPLAINS,
    )


def _app_part(view: View, cost: Cost, service: str) -> Interval:
    """The service's CPU that goes with the rows beyond a page."""
    if cost.rows < _MANY_ROWS or not service:
        return NOTHING
    everything = sum(one.rows * one.calls for one in costs(view, view.under_stress))
    of_rows = cost.rows * cost.calls / everything * (1 - _PAGE / cost.rows)
    reading = driver_share(view, service, 1.0)
    if reading is None:
        return Interval(value=0.5 * of_rows, low=0.0, high=0.9 * of_rows)
    part = min(reading * of_rows, 0.95)
    return Interval(value=part, low=0.7 * part, high=min(1.3 * part, 0.98))


def _evidence(view: View, cost: Cost, light: Cost) -> tuple[Evidence, ...]:
    source = f"{cost.subject} statements"
    told = [
        Evidence(what="of the database's time", value=percent(cost.share), source=source),
        Evidence(
            what="time a call", value=both(view, light.mean_s, cost.mean_s, seconds), source=source
        ),
        Evidence(what="calls a request", value=number(cost.calls), source=source),
        Evidence(what="rows a call", value=number(cost.rows), source=source),
        Evidence(what="pages read a call", value=number(cost.blocks), source=source),
    ]
    if cost.temp_blocks:
        told.append(
            Evidence(what="temporary pages a call", value=number(cost.temp_blocks), source=source)
        )
        if cost.subject in view.subjects(metrics.DB_TEMP):
            told.append(seen(view, "temporary files, bytes/s", metrics.DB_TEMP, cost.subject))
    return tuple(told)


def _recommendation(cost: Cost, reasons: tuple[str, ...]) -> str:
    why = " and ".join(reasons) if reasons else "it does much work for what it returns"
    advice = []
    if cost.rows >= _MANY_ROWS:
        advice.append("give it a LIMIT and let callers page (by key, not by OFFSET)")
    if cost.temp_blocks >= 1:
        advice.append(
            "sort fewer or narrower rows (filter first, an index in the order asked for), or give"
            " this query more work_mem"
        )
    if not advice:
        advice.append("rewrite it to touch fewer rows, keep its result, or move it off the request")
    advised = "; ".join(advice)
    return f"{cost.told}: {why}. {advised[0].upper()}{advised[1:]}."
