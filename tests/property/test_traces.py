"""Laws that hold for every trace, however broken what came of it is."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.spans import any_spans, span

from perfwright.analyze.critical_path import critical_path, path_ns, self_ns
from perfwright.analyze.trace_repeats import repeats
from perfwright.analyze.trace_shares import dependencies, operations, statements
from perfwright.analyze.traces import traces_of
from perfwright.model.watched import Span


@given(any_spans())
def test_every_span_is_in_its_trace_once(spans: list[Span]) -> None:
    [trace] = traces_of(spans)
    ids = [node.span.span_id for node in trace.nodes()]
    assert sorted(ids) == sorted({one.span_id for one in spans})
    assert trace.root.parent is None
    assert all(child.parent is node for node in trace.nodes() for child in node.children)


@given(any_spans())
def test_the_order_in_which_spans_come_does_not_matter(spans: list[Span]) -> None:
    [trace], [reverse] = traces_of(spans), traces_of(spans[::-1])
    if len({one.span_id for one in spans}) == len(spans) and not _has_ring(spans):
        assert operations([trace]) == operations([reverse])


@given(any_spans())
def test_the_critical_path_lies_end_to_end_over_the_roots_time(spans: list[Span]) -> None:
    [trace] = traces_of(spans)
    path = critical_path(trace)
    assert sum(segment.duration_ns for segment in path) == trace.duration_ns
    assert all(before.end_ns == after.start_ns for before, after in pairwise(path))
    if path:
        assert (path[0].start_ns, path[-1].end_ns) == (trace.root.start_ns, trace.root.end_ns)


@given(any_spans())
def test_a_segment_lies_in_its_span_where_no_child_of_it_ran(spans: list[Span]) -> None:
    [trace] = traces_of(spans)
    for segment in critical_path(trace):
        node = segment.node
        assert node.start_ns <= segment.start_ns < segment.end_ns <= node.end_ns
        for child in node.children:
            assert (
                child.end_ns <= segment.start_ns
                or segment.end_ns <= child.start_ns
                or (child.span.duration_ns == 0)
            )


@given(any_spans())
def test_time_of_its_own_is_at_most_the_spans_and_at_least_that_on_the_path(
    spans: list[Span],
) -> None:
    [trace] = traces_of(spans)
    waited = path_ns(trace)
    for node in trace.nodes():
        assert waited.get(node, 0) <= self_ns(node) <= node.span.duration_ns


@given(st.lists(any_spans(), min_size=1, max_size=3))
def test_the_shares_of_all_operations_add_up(drawn: list[list[Span]]) -> None:
    spans = [
        dataclasses.replace(one, trace_id=str(index))
        for index, trace in enumerate(drawn)
        for one in trace
    ]
    traces = traces_of(spans)
    found = operations(traces)
    some_time = any(trace.duration_ns for trace in traces)
    total = sum(operation.share.path_ratio for operation in found)
    assert total == pytest.approx(1.0 if some_time else 0.0)
    calls = sum(operation.share.calls_per_trace for operation in found) * len(traces)
    assert round(calls) == sum(1 for trace in traces for _ in trace.nodes())
    assert sum(one.share.path_ratio for one in statements(traces)) <= total + 1e-9
    assert all(0 <= one.share.path_ratio <= 1 + 1e-9 for one in dependencies(traces))
    assert all(0 <= one.path_ns <= one.whole_ns + 1e-6 for one in repeats(traces))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=15), st.integers(0, 20))
def test_children_one_after_another_leave_the_rest_to_their_parent(
    lengths: list[int], own: int
) -> None:
    spans, at = [], 0
    for number, length in enumerate(lengths):
        spans.append(span(f"c{number}", at, at + length, "root"))
        at += length
    [trace] = traces_of([span("root", 0, at + own), *spans])
    found = {node.span.span_id: self_ns(node) for node in trace.nodes()}
    assert sum(found.values()) == trace.duration_ns
    assert found["root"] == own * 1_000_000
    assert {node.span.span_id: ns for node, ns in path_ns(trace).items()} == {
        name: ns for name, ns in found.items() if ns
    }


def test_a_trace_ten_thousand_deep_is_no_matter() -> None:
    deep = [span(str(n), n / 1000, 20, str(n - 1) if n else "") for n in range(10_000)]
    [trace] = traces_of(deep)
    assert sum(segment.duration_ns for segment in critical_path(trace)) == trace.duration_ns


def _has_ring(spans: list[Span]) -> bool:
    parents = {one.span_id: one.parent_id for one in spans}
    for start in parents:
        seen, at = set(), start
        while at in parents and at not in seen:
            seen.add(at)
            at = parents[at]
        if at in parents:
            return True
    return False
