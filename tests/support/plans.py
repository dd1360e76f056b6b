"""Draft and workload of a small shop, as a log's reader would make them, and the page of a plan."""

from __future__ import annotations

import math

from perfwright.analyze.planning.page import Wanted, plan_page
from perfwright.model.access import LogFacts
from perfwright.model.imported import BadLine
from perfwright.model.journey import (
    Body,
    Call,
    DataFile,
    DraftLoad,
    Edge,
    FromData,
    LoadPart,
    ScenarioDraft,
    Text,
    Var,
    Variable,
    Walk,
)
from perfwright.model.plan_page import PlanPage, Purpose
from perfwright.model.think import Exponential, Gamma, LogNormal, Think, Weibull
from perfwright.model.workload import (
    Arrivals,
    Distance,
    Endpoint,
    Fidelity,
    LeftOut,
    Link,
    Pattern,
    Sessions,
    Transition,
    Workload,
)

BEGIN_S = 1_763_942_400.0
"""Monday, 2025-11-24 00:00 UTC."""
HOSTILE = 'GET /"); import os <script>alert(1)</script> \u202e `x`|\n# no heading'

_EDGES: tuple[tuple[str | None, str | None, float, Think | None], ...] = (
    (None, "GET /", 0.7, None),
    (None, "GET /search", 0.3, None),
    ("GET /", "GET /search", 0.6, LogNormal(1.2, 0.8)),
    ("GET /", None, 0.4, None),
    ("GET /search", "GET /items/{id}", 0.6, Exponential(6.0)),
    ("GET /search", "GET /search", 0.25, Weibull(0.8, 9.0)),
    ("GET /search", None, 0.15, None),
    ("GET /items/{id}", "POST /orders", 0.25, Gamma(2.0, 3.0)),
    ("GET /items/{id}", "GET /search", 0.35, Exponential(4.0)),
    ("GET /items/{id}", None, 0.4, None),
    ("POST /orders", None, 1.0, None),
)
_STEPS = ("GET /", "GET /search", "GET /items/{id}", "POST /orders")


def shop_draft(*, target: str = "", extra_note: str = "") -> ScenarioDraft:
    """Two walks over four steps, with data."""
    edges = tuple(Edge(source=a, to=b, probability=p, think=t) for a, b, p, t in _EDGES)
    calls = (
        Call(name="GET /", method="GET", url=Text(("/",))),
        Call(name="GET /search", method="GET", url=Text(("/search",))),
        Call(name="GET /items/{id}", method="GET", url=Text(("/items/", Var("id")))),
        Call(
            name="POST /orders",
            method="POST",
            url=Text(("/orders",)),
            body=Body("json", {"id": Var("id")}),
        ),
    )
    return ScenarioDraft(
        title="shop",
        sources=("access.log",),
        target=target,
        walks=(
            Walk(name="browse", weight=0.72, edges=edges),
            Walk(name="buy", weight=0.28, edges=edges),
        ),
        steps=calls,
        variables=(Variable("id", FromData("items", "id")),),
        data=(
            DataFile(
                name="items",
                columns=("id", "weight"),
                rows=(("1", "3"), ("2", "1")),
                order="weighted",
            ),
        ),
        load=DraftLoad(
            kind="arrivals",
            parts=(LoadPart(to=3.2, over_s=30, hold_s=600),),
            process="poisson",
            why="The busiest hour of the log, times 2",
        ),
        slos=("p95(GET /search) < 300ms", "errors < 0.5%"),
        notes=("The log holds no bodies.", *([extra_note] if extra_note else [])),
    )


def shop_workload(*, fidelity: bool = True) -> Workload:
    """Three days, two kinds of session."""
    transitions = tuple(
        Transition(source=a, to=b, count=int(1000 * p), probability=p, think=t)
        for a, b, p, t in _EDGES
    )
    patterns = tuple(
        Pattern(
            name=name, share=share, sessions=int(20_000 * share), transitions=transitions,
            length_mean=mean, length_p50=mean - 1, duration_p50_s=seconds,
        )
        for name, share, mean, seconds in (("browse", 0.72, 3.0, 20.0), ("buy", 0.28, 5.0, 40.0))
    )  # fmt: skip
    return Workload(
        facts=LogFacts(
            files=("logs/access.log",), lines=123_456, formats=(("combined", 123_400),),
            bad_lines=56,
            examples=(BadLine("logs/access.log", 7, "GET | /", "fits no known format"),),
        ),
        endpoints=tuple(
            Endpoint(
                name=name, method=name.split()[0], template=name.split()[1], requests=1000,
                share=0.25, statuses=((200, 990), (404, 9), (500, 1)), response_bytes_p50=4200,
                service_s=(0.02, 0.12 * (number + 1), 0.9),
            )
            for number, name in enumerate(_STEPS)
        ),
        sessions=Sessions(
            sessions=20_123, told_by="address and agent", timeout_s=1800,
            timeout_why="The gaps are fewest there.", length_mean=3.6,
            lengths=tuple((length, int(4000 * 0.7**length)) for length in range(1, 20)),
            patterns=patterns, mixture_why="Two kinds by BIC.",
        ),
        arrivals=_arrivals(),
        links=(
            Link(
                endpoint="GET /items/{id}", parameters=("id",), from_endpoint="GET /items/{id}",
                from_parameters=("id",), observations=2_412, equal=1_030, chance=0.02,
                share=0.415, low=0.395, high=0.436,
            ),
        ),
        left_out=(
            LeftOut(what="bots", requests=12_000, share=0.1, how="their agent",
                    examples=("Googlebot/2.1",)),
        ),
        fidelity=_fidelity() if fidelity else None,
        notes=("The log tells whole seconds.",),
    )  # fmt: skip


def _arrivals() -> Arrivals:
    series = tuple(
        (BEGIN_S + 300 * n, int(300 * (1 + math.sin(n / 288 * 2 * math.pi - 1.5))), 0)
        for n in range(288 * 3)
    )
    return Arrivals(
        begin_s=BEGIN_S, end_s=BEGIN_S + 3 * 86_400, bin_s=300, series=series,
        sessions_per_s=1.0, requests_per_s=3.6, dispersion=2.3, dispersion_bin_s=1,
        peak_begin_s=BEGIN_S + 12 * 3600, peak_sessions_per_s=1.6, peak_requests_per_s=5.8,
        peak_percentile=1.0,
        by_hour=tuple(1.0 + hour % 24 / 24 if hour < 72 else None for hour in range(168)),
    )  # fmt: skip


def _fidelity() -> Fidelity:
    return Fidelity(
        distances=(
            Distance(what="request mix", measure="total variation", value=0.012, low=0.008,
                     high=0.02, noise=0.01, limit=0.05, ok=True),
            Distance(what="inter-arrival times of sessions", measure="Kolmogorov-Smirnov",
                     value=0.09, low=0.08, high=0.1, noise=0.02, limit=0.08, ok=False),
        ),
        verdict="rough",
        why="One of two distances lies beyond its limit.",
        simulated_sessions=20_000,
    )  # fmt: skip


def shop_page(
    draft: ScenarioDraft | None = None,
    workload: Workload | None = None,
    *,
    purpose: Purpose = "general",
) -> PlanPage:
    """The page of a plan; without arguments, of the shop's log."""
    if draft is None:
        draft, workload = shop_draft(), shop_workload()
    return plan_page(draft, workload, Wanted(name="shop", purpose=purpose, made_by="1.2.3"))
