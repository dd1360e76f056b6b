"""Traces drawn as tests need them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from perfwright.model.units import NS_PER_MS, NS_PER_S
from perfwright.model.watched import Span


def span(name: str, start_ms: float, end_ms: float, parent: str = "", **fields: Any) -> Span:
    """A span whose id is its name."""
    start_ns = round(start_ms * NS_PER_MS)
    given: dict[str, Any] = {"trace_id": "t", "service": "shop", "kind": "internal", **fields}
    return Span(
        second=start_ns // NS_PER_S,
        span_id=name,
        parent_id=parent,
        name=name,
        start_ns=start_ns,
        duration_ns=round(end_ms * NS_PER_MS) - start_ns,
        **given,
    )


@st.composite
def any_spans(draw: st.DrawFn) -> list[Span]:
    """Spans of one trace with any parents: missing, later, themselves, in rings; copies too."""
    ids = [f"s{number}" for number in range(draw(st.integers(1, 12)))]
    spans = [
        span(
            name,
            start := draw(st.integers(0, 50)),
            start + draw(st.integers(0, 30)),
            draw(st.sampled_from([*ids, "", "never came"])),
            service=draw(st.sampled_from(["shop", "accounts"])),
            kind=draw(st.sampled_from(["internal", "server", "client", "producer"])),
            statement=draw(st.sampled_from(["", "SELECT ?", "GET ?"])),
        )
        for name in ids
    ]
    return draw(st.permutations([*spans, *draw(st.lists(st.sampled_from(spans), max_size=3))]))
