"""The part of a test plan that says what the system is and what is done to it: purpose, system
under test, workload, and how faithful the model of it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from perfwright.analyze.planning.loads import busiest, peak_of
from perfwright.model.imported import BadLine
from perfwright.model.journey import Edge
from perfwright.model.plan_page import PlanPage
from perfwright.model.units import format_count, format_duration, format_number
from perfwright.model.workload import Endpoint, Fidelity, LeftOut, Link, Pattern, Workload
from perfwright.report import wording
from perfwright.report.document import (
    Block,
    Callout,
    Cell,
    Chart,
    Column,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Table,
    Tone,
)

_GRAPHS_MAX = 4
_FILES_MAX = 5
_STEPS_MAX = 60
_STATUSES_MAX = 4
_LINKS_MAX = 5
TONES = {
    "faithful": Tone.GOOD,
    "rough": Tone.UNSURE,
    "unfaithful": Tone.BAD,
    "unknown": Tone.UNSURE,
}


def purpose_blocks(page: PlanPage) -> tuple[Block, ...]:
    blocks: list[Block] = [Paragraph(text=page.aim)]
    if page.not_called_for:
        kinds = ", ".join(page.not_called_for)
        text = f"Not called for by this purpose ({page.purpose}): {kinds}."
        blocks.append(Paragraph(text=text))
    return tuple(blocks)


def system_blocks(page: PlanPage) -> tuple[Block, ...]:
    blocks: list[Block] = [Paragraph(text=_target(page))]
    if page.steps:
        blocks.append(_steps_table(page))
    return tuple(blocks)


def _target(page: PlanPage) -> str:
    if not page.target_is_open:
        return f"Target: {page.target}."
    told = f"the source is of {page.target}" if page.target else "not named yet"
    return f"Target: {told}; every command takes it from $TARGET."


def _steps_table(page: PlanPage) -> Table:
    endpoints = {one.name: one for one in page.workload.endpoints} if page.workload else {}
    timed = any(one.service_s is not None for one in endpoints.values())
    columns = [
        Column(title="step"),
        Column(title="per session", numeric=True),
        Column(title="share", numeric=True),
    ]
    if endpoints:
        columns += [Column(title="status in the log"), Column(title="answer", numeric=True)]
    if timed:
        columns += [
            Column(title=p, numeric=True, group="Server, ms") for p in ("p50", "p95", "p99")
        ]
    rows = []
    for step in page.steps[:_STEPS_MAX]:
        row = [
            Cell(text=step.name, code=True),
            Cell(text=format_number(step.per_iteration)),
            Cell(text=wording.percent(step.share)),
        ]
        if endpoints:
            row += _endpoint_cells(endpoints.get(step.name))
        if timed:
            row += _time_cells(endpoints.get(step.name))
        rows.append(tuple(row))
    left_out = len(page.steps) - len(rows)
    return Table(
        caption="What a session asks for, on average",
        columns=tuple(columns),
        rows=tuple(rows),
        note=f"{left_out:,} rarer steps are in model.json." if left_out else "",
    )


def _endpoint_cells(endpoint: Endpoint | None) -> list[Cell]:
    if endpoint is None:
        return [Cell(text=wording.DASH), Cell(text=wording.DASH)]
    total = sum(number for _, number in endpoint.statuses) or 1
    statuses = ", ".join(
        f"{status} {wording.percent(number / total)}"
        for status, number in endpoint.statuses[:_STATUSES_MAX]
    )
    size = endpoint.response_bytes_p50
    return [
        Cell(text=statuses or wording.DASH),
        Cell(text=wording.DASH if size is None else wording.size(size)),
    ]


def _time_cells(endpoint: Endpoint | None) -> list[Cell]:
    times = endpoint.service_s if endpoint else None
    return [Cell(text=wording.milliseconds(t * 1e3)) for t in times] if times else [
        Cell(text=wording.DASH) for _ in range(3)
    ]  # fmt: skip


def workload_blocks(page: PlanPage) -> tuple[Block, ...]:
    from perfwright.report.plan_charts import mix_chart

    blocks: list[Block | None] = []
    if page.draft.load is not None and page.draft.load.why:
        blocks.append(Paragraph(text=f"{page.draft.load.why.rstrip('.')}.{_above(page)}"))
    if page.workload is not None:
        blocks += _measured(page.workload)
    blocks.append(mix_chart(page.steps))
    blocks += _graphs(page)
    if page.workload is not None:
        blocks += _sources(page.workload)
    return tuple(block for block in blocks if block is not None)


def _above(page: PlanPage) -> str:
    """Where the tests go beyond the load that the file holds."""
    load = page.load_test
    if page.draft.load is None or load.peak <= 1.02 * peak_of(page.draft.load):
        return ""
    return (
        " The tests below are planned for the busiest time of the log: "
        f"{format_number(load.peak)} sessions/s."
    )


def _measured(workload: Workload) -> Iterator[Block | None]:
    from perfwright.report.plan_charts import (
        arrivals_chart,
        lengths_chart,
        think_chart,
        week_chart,
    )

    yield _figures(workload)
    yield arrivals_chart(workload.arrivals)
    yield week_chart(workload.arrivals)
    yield Paragraph(text=_sessions_told(workload))
    yield lengths_chart(workload.sessions)
    yield _patterns_table(workload.sessions.patterns)
    yield think_chart(workload.sessions.patterns)
    yield _links_told(workload.links)


def _figures(workload: Workload) -> KeyFigures:
    arrivals, sessions = workload.arrivals, workload.sessions
    length_s = arrivals.end_s - arrivals.begin_s
    dispersed = math.isfinite(arrivals.dispersion)
    return KeyFigures(
        figures=(
            KeyFigure(
                label=busiest(arrivals).capitalize(),
                value=f"{format_number(arrivals.peak_requests_per_s)}/s",
                detail=f"{format_number(arrivals.peak_sessions_per_s)} sessions/s; mean "
                f"{format_number(arrivals.requests_per_s)} requests/s",
            ),
            KeyFigure(
                label="Sessions",
                value=format_count(sessions.sessions),
                detail=f"in {format_duration(length_s)}, told by {sessions.told_by}",
            ),
            KeyFigure(
                label="Requests a session",
                value=format_number(sessions.length_mean),
                detail=wording.plural(len(sessions.patterns), "kind") + " of session",
            ),
            KeyFigure(
                label="Burstiness",
                value=format_number(arrivals.dispersion) if dispersed else wording.DASH,
                detail=f"index of dispersion over {format_duration(arrivals.dispersion_bin_s)}; "
                "1: independent",
            ),
        )
    )


def _sessions_told(workload: Workload) -> str:
    sessions = workload.sessions
    parts = (
        f"A gap above {format_duration(sessions.timeout_s)} begins a new session.",
        sessions.timeout_why,
        sessions.mixture_why,
    )
    return " ".join(part if part.endswith((".", ":")) else f"{part}." for part in parts if part)


def _patterns_table(patterns: Sequence[Pattern]) -> Table | None:
    if not patterns:
        return None
    return Table(
        caption="Kinds of session (a mixture of Markov chains; each is a scenario)",
        columns=(
            Column(title="scenario"),
            Column(title="share", numeric=True),
            Column(title="sessions", numeric=True),
            Column(title="requests, mean", numeric=True),
            Column(title="p50", numeric=True),
            Column(title="lasts, p50", numeric=True),
        ),
        rows=tuple(
            (
                Cell(text=one.name),
                Cell(text=wording.percent(one.share)),
                Cell(text=f"{one.sessions:,}"),
                Cell(text=format_number(one.length_mean)),
                Cell(text=format_number(one.length_p50)),
                Cell(text=format_duration(one.duration_p50_s)),
            )
            for one in patterns
        ),
    )


def _links_told(links: Sequence[Link]) -> Paragraph | None:
    """The values that sessions carry from step to step."""
    if not links:
        return None
    told = "; ".join(_link_told(one) for one in links[:_LINKS_MAX])
    more = len(links) - _LINKS_MAX
    others = f"; {more:,} more are in model.json" if more > 0 else ""
    return Paragraph(text=f"Sessions carry values on, and so do the scenarios: {told}{others}.")


def _link_told(link: Link) -> str:
    taken, of = (", ".join(names) for names in (link.parameters, link.from_parameters))
    where, before = (wording.shorten(name, 60) for name in (link.endpoint, link.from_endpoint))
    interval = f"{wording.percent(link.low)} to {wording.percent(link.high)}"
    return (
        f"{taken} of {where} is the last {of} of {before} in {wording.percent(link.share)} "
        f"({interval}) of {wording.plural(link.observations, 'request')}"
    )


def _graphs(page: PlanPage) -> Iterator[Chart]:
    """Of the scenarios that are walks, the most frequent ones."""
    from perfwright.report.session_graph import graph_chart, layout_of

    walks = sorted(page.draft.walks, key=lambda walk: -walk.weight)[:_GRAPHS_MAX]
    for number, walk in enumerate(walks, 1):
        layout = layout_of(walk.edges, _reached(walk.edges))
        name = wording.shorten(wording.clean(walk.name), 48)
        yield graph_chart(f"graph-{number}", f"Session graph: {name}", layout)


def _reached(edges: Sequence[Edge]) -> dict[str, float]:
    """How much leads to each step: enough to choose the steps that a picture shows."""
    reached: dict[str, float] = {}
    for edge in edges:
        for name in (edge.source, edge.to):
            if name is not None:
                reached.setdefault(name, 0.0)
        if edge.to is not None and edge.to != edge.source:
            reached[edge.to] += edge.probability
    return reached


def _sources(workload: Workload) -> Iterator[Block | None]:
    facts = workload.facts
    formats = ", ".join(f"{name} ({number:,})" for name, number in facts.formats)
    names = [Path(name).name for name in facts.files]
    more = len(names) - _FILES_MAX
    of = ", ".join(names[:_FILES_MAX]) + (f" and {more} more" if more > 0 else "")
    text = f"Read: {wording.plural(facts.lines, 'line')} of {of}; {formats or 'no format'}."
    yield Paragraph(text=text)
    if facts.bad_lines:
        told = f"{wording.plural(facts.bad_lines, 'line')} could not be read."
        yield Callout(tone=Tone.UNSURE, text=told)
        yield _bad_lines_table(facts.examples)
    yield _left_out_table(workload.left_out)


def _bad_lines_table(examples: Sequence[BadLine]) -> Table | None:
    if not examples:
        return None
    return Table(
        caption="Lines that could not be read, the first of them",
        columns=(
            Column(title="file"), Column(title="line", numeric=True), Column(title="why"),
            Column(title="begins"),
        ),
        rows=tuple(
            (
                Cell(text=Path(one.file).name), Cell(text=f"{one.line:,}"), Cell(text=one.why),
                Cell(text=wording.shorten(one.text, 80), code=True),
            )
            for one in examples
        ),
    )  # fmt: skip


def _left_out_table(left_out: Sequence[LeftOut]) -> Table | None:
    if not left_out:
        return None
    return Table(
        caption="Left out of the model",
        columns=(
            Column(title="what"), Column(title="requests", numeric=True),
            Column(title="share", numeric=True), Column(title="told by"),
            Column(title="examples"),
        ),
        rows=tuple(
            (
                Cell(text=one.what), Cell(text=f"{one.requests:,}"),
                Cell(text=wording.percent(one.share)), Cell(text=one.how),
                Cell(text=wording.shorten(", ".join(one.examples[:3]), 120) or wording.DASH),
            )
            for one in left_out
        ),
    )  # fmt: skip


def fidelity_blocks(page: PlanPage) -> tuple[Block, ...]:
    fidelity = page.workload.fidelity if page.workload else None
    if fidelity is None:
        return ()
    callout = Callout(
        tone=TONES.get(fidelity.verdict, Tone.UNSURE),
        text=f"{fidelity.verdict.capitalize()}: {fidelity.why.rstrip('.')}. "
        f"{wording.plural(fidelity.simulated_sessions, 'session')} were simulated.",
    )
    return (callout, _distances_table(fidelity)) if fidelity.distances else (callout,)


def _distances_table(fidelity: Fidelity) -> Table:
    return Table(
        caption="Distance between the log and the simulated test",
        columns=(
            Column(title="what"),
            Column(title="distance", numeric=True),
            Column(title="95% interval", numeric=True),
            Column(title="noise", numeric=True),
            Column(title="limit", numeric=True),
            Column(title="verdict"),
            Column(title="measure"),
        ),
        rows=tuple(
            (
                Cell(text=one.what),
                Cell(text=f"{one.value:.3f}"),
                Cell(text=f"{one.low:.3f} to {one.high:.3f}"),
                Cell(text=f"{one.noise:.3f}"),
                Cell(text=f"{one.limit:.3f}"),
                Cell(
                    text="within" if one.ok else "beyond",
                    tone=Tone.GOOD if one.ok else Tone.BAD,
                    light=True,
                ),
                Cell(text=one.measure),
            )
            for one in fidelity.distances
        ),
    )
