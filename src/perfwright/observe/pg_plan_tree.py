"""Reads PostgreSQL's plan (EXPLAIN, FORMAT JSON): which scan reads rows only to throw them away.

    Limit                       Hash Join  40 rows            Nested Loop
    └ Sort (placed_at)          ├ Seq Scan lines  90,000      ├ Seq Scan a  50 rows
      └ Seq Scan  50,000        └ Hash                        └ Seq Scan b  9,000 rows, 50 times
    kept: the limit             kept: what is joined          Filter: kept: what passes it

A sequential scan is wasteful where it reads far more rows than are kept: by its own filter, by the
join above it, or by a limit above a sort. It is executed once, or once for each row of the outer
side of a nested loop, or of the node whose subquery it is. Scans that are a small part of the
plan's cost are passed over. Rows and costs are the planner's estimates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]

_PASS_ROWS_ON = frozenset(
    {"Hash", "Sort", "Incremental Sort", "Gather", "Gather Merge", "Materialize", "Memoize"}
)
_JOINS = frozenset({"Hash Join", "Merge Join", "Nested Loop"})
_JOIN_CONDITIONS = ("Hash Cond", "Merge Cond", "Join Filter")
_CACHES = frozenset({"Materialize", "Memoize"})
WASTEFUL_RATIO = 0.25
WASTEFUL_ROWS = 1000
_PART_OF_COST = 0.3
_MOST_LOOPS = 1e7


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table in a plan, under the name that the statement gives it."""

    schema: str
    name: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WastefulScan:
    """`read`, `kept`: rows each time; `loops`: times per call of the statement."""

    relation: Relation
    condition: str
    read: float
    kept: float
    loops: float

    @property
    def wasted(self) -> float:
        return (self.read - self.kept) * self.loops


def relations(plan: Node) -> list[Relation]:
    """The tables that a plan reads, each once, in its order."""
    found = [_relation(node) for node, _, _ in _walk(plan, (), 1.0) if "Relation Name" in node]
    return list(dict.fromkeys(found))


def worst_scan(plan: Node, table_rows: Callable[[Relation], float]) -> WastefulScan | None:
    """The scan that throws away the most rows; None where none throws away much."""
    scans = []
    for node, parents, loops in _walk(plan, (), 1.0):
        if node["Node Type"] != "Seq Scan":
            continue
        if node.get("Total Cost", 0.0) * loops < _PART_OF_COST * plan.get("Total Cost", 0.0):
            continue
        condition, kept = _kept(node, parents)
        read = max(table_rows(_relation(node)), kept)
        scans.append(
            WastefulScan(
                relation=_relation(node), condition=condition, read=read, kept=kept, loops=loops
            )
        )
    wasteful = (
        scan
        for scan in scans
        if scan.condition
        and scan.kept < WASTEFUL_RATIO * scan.read
        and scan.read * scan.loops >= WASTEFUL_ROWS
    )
    return max(wasteful, key=lambda scan: scan.wasted, default=None)


def _relation(node: Node) -> Relation:
    name = node["Relation Name"]
    return Relation(schema=node.get("Schema", "public"), name=name, alias=node.get("Alias", name))


def _walk(
    node: Node, parents: tuple[Node, ...], loops: float
) -> Iterator[tuple[Node, tuple[Node, ...], float]]:
    yield node, parents, loops
    outer_rows = 1.0
    for child in node.get("Plans", ()):
        times = 1.0
        match child.get("Parent Relationship"):
            case "Outer":
                outer_rows = child["Plan Rows"]
            case "Inner" if node["Node Type"] == "Nested Loop":
                times = 1.0 if child["Node Type"] in _CACHES else outer_rows
            case "SubPlan" if not _is_hashed(node, child):
                times = node["Plan Rows"]
        yield from _walk(child, (*parents, node), min(loops * max(times, 1.0), _MOST_LOOPS))


def _is_hashed(node: Node, child: Node) -> bool:
    return f"hashed {child.get('Subplan Name')}" in str(
        {key: value for key, value in node.items() if key != "Plans"}
    )


def _kept(scan: Node, parents: tuple[Node, ...]) -> tuple[str, float]:
    """What decides which rows of a scan are of use, and how many are; "" where all are."""
    if "Filter" in scan:
        return scan["Filter"], scan["Plan Rows"] * _workers(scan, parents)
    order = ""
    for parent in reversed(parents):
        kind = parent["Node Type"]
        if kind in _JOINS:
            condition = next((parent[key] for key in _JOIN_CONDITIONS if key in parent), "")
            return condition, parent["Plan Rows"]
        if kind == "Limit" and order:
            return order, parent["Plan Rows"]
        if kind not in _PASS_ROWS_ON:
            break
        if "Sort Key" in parent:
            order = "ORDER BY " + ", ".join(parent["Sort Key"])
    return "", scan["Plan Rows"]


def _workers(scan: Node, parents: tuple[Node, ...]) -> float:
    """Processes that share a parallel scan; its rows are those of one of them."""
    if not scan.get("Parallel Aware"):
        return 1.0
    planned = (parent["Workers Planned"] for parent in parents if "Workers Planned" in parent)
    return float(1 + max(planned, default=0))
