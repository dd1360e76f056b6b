"""What traces say of requests: what they waited for, repeated statements, dependencies."""

from __future__ import annotations

import dataclasses

import pytest
from support.spans import span

from perfwright.analyze.critical_path import critical_path, self_ns
from perfwright.analyze.trace_repeats import repeats
from perfwright.analyze.trace_shares import dependencies, operations, statements
from perfwright.analyze.traces import traces_of
from perfwright.model.units import NS_PER_MS
from perfwright.model.watched import Span


def path(*spans: Span) -> list[tuple[str, float, float]]:
    [trace] = traces_of(spans)
    return [
        (segment.node.span.name, segment.start_ns / NS_PER_MS, segment.end_ns / NS_PER_MS)
        for segment in critical_path(trace)
    ]


def test_the_path_goes_through_the_child_that_ends_last() -> None:
    assert path(
        span("root", 0, 24),
        span("a", 3, 7, "root"),
        span("b", 6, 13, "root"),
        span("c", 12, 22, "root"),
    ) == [
        ("root", 0, 3),
        ("a", 3, 6),
        ("b", 6, 12),
        ("c", 12, 22),
        ("root", 22, 24),
    ]


def test_a_child_hidden_behind_a_longer_one_is_not_on_the_path() -> None:
    names = [name for name, *_ in path(
        span("root", 0, 10), span("long", 1, 9, "root"), span("hidden", 2, 8, "root")
    )]  # fmt: skip
    assert names == ["root", "long", "root"]


def test_what_outlives_its_parent_counts_while_the_parent_waits() -> None:
    assert path(span("root", 0, 10), span("mail", 8, 50, "root", kind="producer")) == [
        ("root", 0, 8),
        ("mail", 8, 10),
    ]


def test_an_orphan_hangs_from_the_root_and_copies_count_once() -> None:
    query = span("query", 2, 4, "a span that never came")
    [trace] = traces_of([query, query, span("root", 0, 10, "the load generator's")])
    assert trace.root.span.name == "root"
    assert [child.span.name for child in trace.root.children] == ["query"]
    assert self_ns(trace.root) == 8 * NS_PER_MS


def test_a_service_whose_clock_is_wrong_is_moved_into_its_clients_span() -> None:
    hour_ms = 3_600_000
    [trace] = traces_of(
        [
            span("root", 0, 30),
            span("call", 10, 20, "root", kind="client"),
            span("serve", hour_ms, hour_ms + 6, "call", kind="server", service="accounts"),
            span("query", hour_ms + 1, hour_ms + 3, "serve", service="accounts"),
        ]
    )
    starts_ms = {node.span.name: node.start_ns / NS_PER_MS for node in trace.nodes()}
    assert starts_ms == {"root": 0, "call": 10, "serve": 12, "query": 13}
    assert self_ns(trace.root) == 20 * NS_PER_MS


def listing(trace_id: str, rows: int, *, step_ms: float = 2, length_ms: float = 1) -> list[Span]:
    """A request that asks for a list and then for each of its rows."""
    end_ms = 5 + rows * max(step_ms, length_ms)
    first = span("list", 1, 2, "root", statement="SELECT id FROM orders LIMIT ?", system="sqlite")
    each = [
        span(
            f"row{n}",
            3 + n * step_ms,
            3 + n * step_ms + length_ms,
            "root",
            statement="SELECT * FROM items WHERE order_id = ?",
            system="sqlite",
            code="orders.py:7 items_of",
        )
        for n in range(rows)
    ]
    root = span("root", 0, end_ms, "load", kind="server")
    return [dataclasses.replace(one, trace_id=trace_id) for one in (root, first, *each)]


def test_a_statement_for_each_row_is_found_with_its_place_and_cost() -> None:
    [found] = repeats(traces_of([*listing("a", 10), *listing("b", 20), *listing("c", 2)]))
    assert found.statement == "SELECT * FROM items WHERE order_id = ?"
    assert (found.service, found.operation, found.code) == ("shop", "root", "orders.py:7 items_of")
    assert (found.times, found.traces) == (15.0, 2)
    assert found.trace_ratio == pytest.approx(2 / 3)
    assert found.path_ns == pytest.approx(15 * NS_PER_MS)
    assert found.whole_ns == pytest.approx(35 * NS_PER_MS)


@pytest.mark.parametrize("spans", [listing("a", 4), listing("a", 20, step_ms=0, length_ms=9)])
def test_few_statements_or_many_side_by_side_are_no_repetition(spans: list[Span]) -> None:
    assert repeats(traces_of(spans)) == ()


def test_statements_are_summed_as_the_requests_sent_them() -> None:
    [rows, first] = statements(traces_of([*listing("a", 10), *listing("b", 20)]))
    assert rows.statement == "SELECT * FROM items WHERE order_id = ?"
    assert (rows.share.calls_per_trace, rows.share.mean_ns) == (15.0, NS_PER_MS)
    assert rows.share.path_ratio == pytest.approx(30 / 70)
    assert first.share.calls_per_trace == 1.0


def test_dependencies_are_named_by_their_service_or_their_address() -> None:
    called, asked = dependencies(
        traces_of(
            [
                span("root", 0, 100, kind="server"),
                span("POST", 10, 50, "root", kind="client", peer="10.0.0.7:81", error=True),
                span("pay", 20, 40, "POST", kind="server", service="payments"),
                span("SELECT", 60, 70, "root", kind="client", system="mysql", peer="db:3306"),
            ]
        )
    )
    assert (called.service, called.to, called.system) == ("shop", "payments", "")
    assert called.outside_ns == 20 * NS_PER_MS
    assert called.share.path_ratio == pytest.approx(0.4)
    assert (called.share.error_ratio, called.share.self_ns) == (1.0, 20 * NS_PER_MS)
    assert (asked.to, asked.system, asked.outside_ns) == ("db:3306", "mysql", None)
    assert asked.share.path_ratio == pytest.approx(0.1)


def test_operations_are_told_apart_by_service_and_come_by_their_share() -> None:
    found = operations(
        traces_of(
            [
                span("GET /", 0, 100, kind="server"),
                span("GET", 10, 90, "GET /", kind="client"),
                span("GET /x", 20, 80, "GET", kind="server", service="accounts"),
            ]
        )
    )
    assert [(one.service, one.name, round(one.share.path_ratio, 3)) for one in found] == [
        ("accounts", "GET /x", 0.6),
        ("shop", "GET", 0.2),
        ("shop", "GET /", 0.2),
    ]


def test_no_spans_make_no_traces() -> None:
    assert traces_of([]) == ()
    assert operations([]) == statements([]) == dependencies([]) == repeats([]) == ()
