"""Plans of the statements that took the most time, and the index that would serve each best.

    statement ─► EXPLAIN ─► the scan that wastes most ─► candidate indexes
                                                            │ HypoPG: each as if it existed
                                                            ▼
                                        the shortest with 95% of the best one's gain

Nothing is executed: EXPLAIN without ANALYZE only, read-only, under time limits. A statement is
explained with the values of an example where one was seen; else for any value, by EXPLAIN
(GENERIC_PLAN) from PostgreSQL 16 on, before that as a prepared statement with a generic plan. Costs
are the planner's units. Reference: HypoPG 1.x; its indexes live in our session alone.
"""

from __future__ import annotations

import re
import time
from collections import Counter

import psycopg

from perfwright.model.watched import Reading, StatementPlan
from perfwright.observe.index_advice import NO_INDEX, TriedIndex, best_index, index_candidates
from perfwright.observe.pg_plan_tree import Node, WastefulScan, relations, worst_scan
from perfwright.observe.pg_seen import SeenStatement, SeenStatements
from perfwright.observe.pg_session import PgSession, Row
from perfwright.observe.pg_tables import Tables
from perfwright.observe.sql_text import condition_text, is_explainable, without_values

TOP = 8
BUDGET_S = 8.0
_CHEAP_COST = 50.0
_MAX_RELATIONS = 4
_TYPED_LITERAL = re.compile(r"(?i)\b(interval|date|timestamptz|timestamp|time)\s+(\$\d+)")
_LIKE_PARAMETER = re.compile(r"~~\*?\s*\(?\$\d")
_HYPOPG = """
    SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'hypopg'
"""


def explain_top(session: PgSession, subject: str, seen: SeenStatements) -> Reading:
    """A StatementPlan of each of the top statements, as far as the time budget goes."""
    explainer = _Explainer(session, subject)
    end_s = time.monotonic() + BUDGET_S
    plans: list[StatementPlan] = []
    failed: Counter[str] = Counter()
    for statement in (one for one in seen.top(3 * TOP) if is_explainable(one.text)):
        if len(plans) == TOP or time.monotonic() > end_s:
            break
        try:
            plans.append(explainer.explain(statement))
        except psycopg.Error as error:
            if session.is_lost:
                raise
            failed[type(error).__name__] += 1
    notes = [
        f"{subject}: {count} of the top statements could not be explained ({kind}){_remedy(kind)}"
        for kind, count in failed.items()
    ]
    if not explainer.can_try_indexes and any(plan.index for plan in plans):
        notes.append(
            f"{subject}: what an index would gain was not tried: install HypoPG "
            f"(postgresql-{session.version}-hypopg), then CREATE EXTENSION hypopg"
        )
    return Reading(plans=tuple(plans), notes=tuple(notes))


class _Explainer:
    def __init__(self, session: PgSession, subject: str) -> None:
        self._session = session
        self._subject = subject
        self._tables = Tables(session)
        found = session.rows(_HYPOPG)
        self._hypopg = found[0][0] if found else ""
        session.foreign("SET plan_cache_mode = force_generic_plan")

    @property
    def can_try_indexes(self) -> bool:
        return bool(self._hypopg)

    def explain(self, statement: SeenStatement) -> StatementPlan:
        """psycopg.Error: the statement cannot be explained (an unknown table, no privilege)."""
        text, plan = self._planned(statement)
        scan = worst_scan(plan, self._tables.rows)
        if scan and _LIKE_PARAMETER.search(scan.condition):
            scan = None  # with the pattern known, an index might well be used
        cost = float(plan["Total Cost"])
        index = self._best_index(text, plan, scan, cost)
        return StatementPlan(
            subject=self._subject,
            fingerprint=statement.fingerprint,
            plan=without_values(self._explained_as_text(text)),
            relation=self._tables.facts(scan.relation).written if scan else "",
            filter=condition_text(scan.condition, scan.relation.alias) if scan else "",
            rows_scanned=scan.read * scan.loops if scan else 0.0,
            index=index.ddl,
            cost_now=cost,
            cost_then=index.cost_then,
        )

    def _planned(self, statement: SeenStatement) -> tuple[str, Node]:
        """The text that could be explained, and its plan."""
        if statement.example:
            try:
                return statement.example, self._plan(statement.example)
            except psycopg.Error:
                if self._session.is_lost:
                    raise
        text = _TYPED_LITERAL.sub(r"\2::\1", statement.text)
        return text, self._plan(text)

    def _plan(self, text: str) -> Node:
        plan: Node = self._explain("VERBOSE, FORMAT JSON", text)[0][0][0]["Plan"]
        return plan

    def _explained_as_text(self, text: str) -> str:
        return "\n".join(line for (line,) in self._explain("FORMAT TEXT", text))

    def _explain(self, options: str, text: str) -> list[Row]:
        if "$1" not in text:
            return self._session.foreign(f"EXPLAIN ({options}) {text}")
        if self._session.version >= 16:
            return self._session.foreign(f"EXPLAIN (GENERIC_PLAN, {options}) {text}")
        self._session.foreign(f"PREPARE perfwright_plan AS {text}")
        try:
            return self._session.foreign(
                f"EXPLAIN ({options}) EXECUTE perfwright_plan({self._nulls()})"
            )
        finally:
            self._session.foreign("DEALLOCATE perfwright_plan")

    def _nulls(self) -> str:
        count = """
            SELECT cardinality(parameter_types) FROM pg_prepared_statements
            WHERE name = 'perfwright_plan'
        """
        return ", ".join(["NULL"] * self._session.rows(count)[0][0])

    def _best_index(
        self, text: str, plan: Node, scan: WastefulScan | None, cost: float
    ) -> TriedIndex:
        concerned = [scan.relation] if scan else relations(plan)[:_MAX_RELATIONS]
        ddl = [
            candidate.ddl
            for relation in concerned
            for candidate in index_candidates(text, self._tables.facts(relation), "postgres")
        ]
        if not self._hypopg:
            return TriedIndex(ddl=ddl[0]) if scan and ddl else NO_INDEX
        if not scan and cost < _CHEAP_COST:
            return NO_INDEX
        tried = [TriedIndex(ddl=one, cost_then=self._cost_with(one, text)) for one in ddl]
        index = best_index(tried, cost)
        return index if scan or (index.ddl and index.cost_then is not None) else NO_INDEX

    def _cost_with(self, ddl: str, text: str) -> float | None:
        """The statement's cost if the index were there; None where HypoPG cannot tell."""
        try:
            self._session.rows(f"SELECT {self._hypopg}.hypopg_create_index(%s)", ddl)
            return float(self._plan(text)["Total Cost"])
        except psycopg.Error:
            if self._session.is_lost:
                raise
            return None
        finally:
            self._session.rows(f"SELECT {self._hypopg}.hypopg_reset()")


def _remedy(kind: str) -> str:
    if kind == "InsufficientPrivilege":
        return "; GRANT pg_read_all_data TO the user that perfwright connects as"
    if kind == "UndefinedTable":
        return "; is their schema on the user's search_path?"
    return ""
