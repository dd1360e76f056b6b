"""db.missing_index: a statement reads many rows to keep few, for want of an index.

Surest by its plan: a sequential scan with a filter, and an index that the planner itself (HypoPG)
finds cheaper; the ratio of both costs is the part that goes. Without plans: a statement that reads
hundreds of pages for each row that it returns, while a table is scanned as often as it is called.
Of a database inside the service (SQLite) looks at what is under way and its plan tell the same.
Worth: that part of the statement's time (unloaded response) and of the database's CPU (throughput),
by the demand law. Fooled by small tables, where a scan is right (the planner says so, and little is
gained), and by reports that mean to read all (they return or aggregate what they read: the planner
offers no index).
"""

from __future__ import annotations

from perfwright.analyze.interval import Interval, share
from perfwright.analyze.predict import without_cpu
from perfwright.analyze.statement_change import without_statement
from perfwright.analyze.statements import Cost, cost_at, costs, plan_of
from perfwright.analyze.telling import both, number, percent, seconds, seen
from perfwright.analyze.under_way import UnderWay, looks_evidence, under_way
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.watched import StatementPlan

_LEAST_ROWS = 500
_LEAST_BLOCKS = 100
_BLOCKS_A_ROW = 20
_LEAST_SHARE = 0.1
_CHEAPER = 0.5
_SCANNED_ROWS = 1_000
_EXPLAINS = (
    "db.slow_query", "pool.exhausted", "db.connection_limit", "errors.under_load", "cpu.saturated",
    "disk.saturated", "code.hot_function", "event_loop.blocked", "thread_pool.exhausted",
    "dependency.slow", "db.lock_contention",
)  # fmt: skip


def detect(view: View) -> list[Finding]:
    """One finding for each statement that an index would serve, at most three."""
    found = [finding for one in under_way(view) if (finding := _judge_under_way(view, one))]
    known = {finding.subject for finding in found}
    found += [
        finding
        for cost in costs(view, view.under_stress)[:10]
        if cost.share >= _LEAST_SHARE
        and (finding := _judge(view, cost))
        and finding.subject not in known
    ]
    return found[:3]


def _judge_under_way(view: View, one: UnderWay) -> Finding | None:
    """A statement of a database that counts none (SQLite), by its plan and the looks at it."""
    plan = one.plan
    if plan is None or one.part.value < _LEAST_SHARE or not (plan.index and plan.cost_now):
        return None
    left = (plan.cost_then or plan.cost_now) / plan.cost_now
    if plan.rows_scanned < _LEAST_ROWS or left > _CHEAPER:
        return None
    return Finding(
        kind="db.missing_index",
        subject=_subject(plan),
        component=one.component,
        confidence=0.9,
        impact=without_cpu(
            view,
            one.component,
            one.part.times(_part(1 - left)),
            f"Demand law: the statement is {percent(one.part.value)} of the service's CPU, of which"
            f" the index saves {percent(1 - left)}.",
        ),
        evidence=(
            *looks_evidence(one),
            Evidence(
                what=f"rows of {plan.relation} read a call, without and with the index",
                value=f"{number(plan.rows_scanned)} → {number(plan.cost_then or 0)}",
                source="EXPLAIN QUERY PLAN",
            ),
        ),
        recommendation=f"{plan.index.rstrip(';')}; serves: {one.told}, sent from {one.asker}.",
        explains=_EXPLAINS,
    )


def _judge(view: View, cost: Cost) -> Finding | None:
    plan = plan_of(view, cost)
    if plan is not None and plan.relation and plan.rows_scanned >= _LEAST_ROWS:
        if plan.cost_now and plan.cost_then is not None:
            left = plan.cost_then / plan.cost_now
            return _finding(view, cost, plan, 1 - left, 0.95) if left <= _CHEAPER else None
        return _finding(view, cost, plan, 0.95, 0.8) if plan.index else None
    table = _scanned_table(view, cost)
    if plan is None and table and _reads_in_vain(cost):
        return _finding(view, cost, StatementPlan(
            subject=cost.subject, fingerprint=cost.tally.fingerprint, plan="", relation=table[0],
            rows_scanned=table[1],
        ), 0.95, 0.55)  # fmt: skip
    return None


def _reads_in_vain(cost: Cost) -> bool:
    return cost.blocks >= max(_LEAST_BLOCKS, _BLOCKS_A_ROW * cost.rows)


def _scanned_table(view: View, cost: Cost) -> tuple[str, float] | None:
    """The table that is scanned about as often as the statement is called, and how many rows a
    scan reads."""
    stage = view.under_stress
    tables = []
    for label in view.labels(metrics.DB_SEQ_SCANS, cost.subject):
        scans = view.mean(metrics.DB_SEQ_SCANS, cost.subject, label, stage=stage) or 0.0
        rows = view.mean(metrics.DB_SEQ_ROWS, cost.subject, label, stage=stage) or 0.0
        if label.lower() in cost.tally.text.lower() and scans >= 0.5 * cost.calls_per_s:
            tables.append((rows / scans, label))
    if not tables or max(tables)[0] < _SCANNED_ROWS:
        return None
    rows, label = max(tables)
    return label, rows


def _finding(
    view: View, cost: Cost, plan: StatementPlan, removed: float, confidence: float
) -> Finding:
    part = _part(removed)
    return Finding(
        kind="db.missing_index",
        subject=_subject(plan),
        component=cost.subject,
        confidence=confidence,
        impact=without_statement(
            view,
            cost,
            part,
            f"Demand law: the statement is {percent(cost.share)} of the database's time, of which"
            f" the index saves {percent(part.value)}.",
        ),
        evidence=_evidence(view, cost, plan),
        recommendation=_recommendation(cost, plan),
        explains=_EXPLAINS,
    )


def _part(removed: float) -> Interval:
    """Costs of a plan are no times: what is left may well be three times as much."""
    part = share(removed)
    return Interval(value=part.value, low=max(0.0, 1 - 3 * (1 - removed)), high=part.high)


def _subject(plan: StatementPlan) -> str:
    if plan.index:
        return _short(plan.index)
    return f"{plan.relation} ({plan.filter})" if plan.filter else plan.relation


def _short(ddl: str) -> str:
    """`CREATE INDEX … ON orders (customer_id)` → `orders (customer_id)`."""
    _, _, place = ddl.partition(" ON ")
    return place.strip(" ;") or ddl


def _evidence(view: View, cost: Cost, plan: StatementPlan) -> tuple[Evidence, ...]:
    light = cost_at(view, view.low, cost)
    told = [
        Evidence(
            what="the statement, of the database's time",
            value=f"{percent(cost.share)}: {cost.told}",
            source=f"{cost.subject} statements",
        ),
        Evidence(
            what="time a call",
            value=both(view, light.mean_s if light else None, cost.mean_s, seconds),
            source=f"{cost.subject} statements",
        ),
        Evidence(
            what=f"rows of {plan.relation} read to return {number(cost.rows)}",
            value=number(plan.rows_scanned),
            source="EXPLAIN" if plan.plan else "table statistics",
        ),
    ]
    if plan.cost_now and plan.cost_then is not None:
        told.append(
            Evidence(
                what="planner's cost without and with the index",
                value=f"{number(plan.cost_now)} → {number(plan.cost_then)}",
                source="EXPLAIN with the index tried",
            )
        )
    if plan.relation in view.labels(metrics.DB_SEQ_ROWS, cost.subject):
        told.append(
            seen(
                view,
                f"rows of {plan.relation} read by scans",
                metrics.DB_SEQ_ROWS,
                cost.subject,
                plan.relation,
            )
        )
    return tuple(told)


def _recommendation(cost: Cost, plan: StatementPlan) -> str:
    if not plan.index:
        columns = f" on what it filters by ({plan.filter})" if plan.filter else ""
        return (
            f"Create an index on {plan.relation}{columns}, for: {cost.told}. Each call reads"
            f" {number(plan.rows_scanned)} rows of it to return {number(cost.rows)}."
        )
    checked = (
        f" The planner's cost falls from {number(plan.cost_now)} to {number(plan.cost_then)}."
        if plan.cost_now and plan.cost_then is not None
        else ""
    )
    return f"{plan.index.rstrip(';')}; serves: {cost.told}.{checked}"
