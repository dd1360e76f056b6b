"""A finished run as a document: the answer first, then what it stands on, then how it came about.

    verdict → SLOs → key figures → steps → errors, checks → charts → slow and failed requests,
    scenario code → recorded values → how it was run

Pure: manifest, result and series in, document out. A run without requests still has a verdict, its
reasons and how it was run; sections with nothing to say are left out.
"""

from __future__ import annotations

import dataclasses

from perfwright.analyze.series import Series
from perfwright.model.manifest import OWN_TOOL, RunManifest
from perfwright.model.result import RunResult
from perfwright.model.units import format_duration
from perfwright.model.verdict import Status
from perfwright.report import wording
from perfwright.report.document import (
    Block,
    Document,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    Tone,
    VerdictBox,
)
from perfwright.report.load_words import load_of
from perfwright.report.run_evidence import evidence_sections
from perfwright.report.run_setup import setup_section
from perfwright.report.run_tables import (
    checks_table,
    errors_table,
    records_table,
    slo_table,
    steps_table,
)
from perfwright.workflow.explain import Explained


def run_document(
    manifest: RunManifest,
    result: RunResult,
    series: Series,
    explained: Explained | None = None,
) -> Document:
    """The whole report of one run. Without `series.points` there are no charts."""
    from perfwright.report.charts import run_charts  # Altair: over a second that a terminal saves

    charts = run_charts(series) if _has_course(series, result) else ()
    sections = (
        *_investigation(explained),
        _section("slos", "Service level objectives", slo_table(result)),
        _section("figures", "Key figures", key_figures(result)),
        _section("steps", "Steps", steps_table(result), lead=_STEPS_LEAD),
        _section("errors", "Errors", errors_table(result)),
        _section("checks", "Checks", checks_table(result)),
        _section("timeline", "Over time", *charts, lead=_timeline_lead(series)),
        *evidence_sections(result),
        _section("records", "Recorded values", records_table(result)),
        _section("notes", "Notes", *(Paragraph(text=t) for t in notes_of(manifest, result))),
        setup_section(manifest),
    )
    is_foreign = manifest.tool != OWN_TOOL
    subtitle = f"Load test of {manifest.target}" if manifest.target else "Load test"
    footer = f"Made by {manifest.tool} {manifest.tool_version} from run {manifest.run_id}."
    return Document(
        title=manifest.name or manifest.run_id,
        subtitle=f"Results of {manifest.tool}" if is_foreign else subtitle,
        facts=_facts(manifest, result),
        verdict=verdict_box(result) if explained is None else _found_box(result, explained),
        sections=tuple(section for section in sections if section.blocks),
        footer=f"Run {manifest.run_id}, measured by {manifest.tool}." if is_foreign else footer,
    )


def _has_course(series: Series, result: RunResult) -> bool:
    """Not where all that a longer run left is one sum, as another tool's summary is."""
    return len(series.points) > 1 or result.totals.duration_s <= 1


def _investigation(explained: Explained | None) -> tuple[Section, ...]:
    if explained is None:
        return ()
    from perfwright.report.investigation import investigation_sections

    return investigation_sections(explained.view, explained.findings)


def _found_box(result: RunResult, explained: Explained) -> VerdictBox:
    """What an investigation came to; of a run that was only watched, its own verdict."""
    box = verdict_box(result)
    if explained.view.knee is None:
        return box
    found = len(explained.findings)
    headline = f"{wording.plural(found, 'bottleneck')} found." if found else "No bottleneck found."
    return dataclasses.replace(box, headline=headline)


def verdict_box(result: RunResult) -> VerdictBox:
    broken = sum(slo.ok is False for slo in result.slos)
    total = len(result.slos)
    status = result.verdict.status
    if status is Status.INCONCLUSIVE:
        headline = "These numbers cannot carry a verdict."
    elif status is Status.FAIL:
        headline = f"{broken} of {wording.plural(total, 'SLO')} broken." if broken else "Failed."
    elif result.verdict.reasons:
        headline, *rest = result.verdict.reasons
        return VerdictBox(status=status, headline=headline, reasons=tuple(rest))
    else:
        headline = "Passed."
    return VerdictBox(status=status, headline=headline, reasons=result.verdict.reasons)


def key_figures(result: RunResult) -> KeyFigures:
    """What was not measured (another tool's file may not hold it) has no figure."""
    totals, overall, generator = result.totals, result.overall, result.generator
    response = overall.response_ms
    errors = KeyFigure(
        label="Errors",
        value=wording.percent(totals.error_ratio),
        detail=f"{totals.errors:,} of {wording.plural(totals.requests, 'request')}",
        tone=Tone.BAD if totals.errors else Tone.PLAIN,
    )
    lateness = generator.lateness_ms.get("p99")
    users = KeyFigure(
        label="Users at most",
        value=wording.count(totals.users_max),
        detail=wording.plural(totals.iterations, "iteration"),
    )
    received = KeyFigure(
        label="Received",
        value=wording.size(totals.bytes_received),
        detail=f"sent {wording.size(totals.bytes_sent)}",
    )
    cpu = KeyFigure(
        label="Generator CPU",
        value=wording.percent(generator.cpu_ratio),
        detail=f"lateness p99 {wording.duration(lateness)}",
    )
    return KeyFigures(
        figures=(
            KeyFigure(
                label="Throughput",
                value=f"{wording.count(overall.throughput_per_s)}/s",
                detail=f"{totals.requests:,} requests in {format_duration(totals.duration_s)}",
            ),
            KeyFigure(
                label="Response p50",
                value=wording.duration(response.get("p50")),
                detail=f"mean {wording.duration(response.get('mean'))}",
            ),
            KeyFigure(
                label="Response p95",
                value=wording.duration(response.get("p95")),
                detail=f"p90 {wording.duration(response.get('p90'))}",
            ),
            KeyFigure(
                label="Response p99",
                value=wording.duration(response.get("p99")),
                detail=f"max {wording.duration(response.get('max'))}",
            ),
            errors,
            *([users] if totals.users_max or totals.iterations else []),
            *([received] if totals.bytes_received or totals.bytes_sent else []),
            *([cpu] if generator.cpu_ratio or lateness is not None else []),
        )
    )


def _section(key: str, title: str, *blocks: Block | None, lead: str = "") -> Section:
    present = tuple(block for block in blocks if block is not None)
    return Section(key=key, title=title, blocks=present, lead=lead)


def notes_of(manifest: RunManifest, result: RunResult) -> list[str]:
    """What a reader must know to read the numbers right, a sentence each."""
    totals, generator = result.totals, result.generator
    lost = wording.plural(generator.workers_lost, "load worker")
    dropped = wording.plural(generator.dropped, "arrival")
    iterations = wording.plural(totals.iterations_interrupted, "iteration")
    requests = wording.plural(totals.requests_interrupted, "request")
    facts = (
        (generator.workers_lost, f"{lost} died; what was measured until then is included."),
        (generator.dropped, f"{dropped} never started."),
        (
            totals.iterations_interrupted,
            f"{iterations} cut short when the run ended, {requests} among them.",
        ),
    )
    mishaps = [text for number, text in facts if number]
    return list(dict.fromkeys((*mishaps, *result.notes, *manifest.notes)))


def _facts(manifest: RunManifest, result: RunResult) -> tuple[tuple[str, str], ...]:
    facts = (
        ("Target", manifest.target),
        ("Load", load_of(manifest)),
        ("Started", manifest.started_at.replace("T", " ").split(".")[0].removesuffix("Z") + " UTC"),
        ("Lasted", format_duration(result.totals.duration_s)),
        ("Ended", "" if manifest.state == "finished" else manifest.state),
        ("Tags", ", ".join(manifest.tags)),
    )
    return tuple((name, value) for name, value in facts if value)


def _timeline_lead(series: Series) -> str:
    if all(point.judged for point in series.points):
        return "One point a second."
    return (
        "One point a second. Shaded seconds (warm-up, ramp, wind-down) are measured and shown, "
        "but not judged."
    )


_STEPS_LEAD = (
    "Response time counts from when the request was due, service time from when it was sent. Where "
    "response is much the larger, requests had to wait their turn: a test that starts its clock "
    "only when it sends would have hidden that wait (coordinated omission)."
)
