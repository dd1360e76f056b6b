"""`perfwright plan`: sources, or answers, become a folder with a test and its plan.

    sources ──recognise──► reader ──► ScenarioDraft (+ Workload of a log)
                                          │ completed: target, load, SLOs
                 staging: scenario.py, data/*.csv ──simulated run──► Fidelity
                                          └──► PlanPage ──(rendered by the caller)──► published

All is written into a folder beside the place, which is moved there whole at the end: an interrupted
plan leaves nothing. UsageError, DataError: what is wrong with options, sources or the place.
"""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from perfwright.analyze.planning.loads import peak_of
from perfwright.analyze.planning.objectives import guessed_slos
from perfwright.analyze.planning.page import Wanted, plan_page
from perfwright.analyze.planning.shell import SCRIPT
from perfwright.analyze.planning.surroundings import may_be_production
from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.model.calls import calls_of
from perfwright.model.errors import UsageError
from perfwright.model.journey import DraftLoad, LoadPart, ScenarioDraft
from perfwright.model.plan_page import PlanPage
from perfwright.model.workload import Workload
from perfwright.plan import fields
from perfwright.plan.slo import parse_slo
from perfwright.workflow.plan_drafts import Drafted, OnProgress, draft_of_sources
from perfwright.workflow.plan_folder import (
    check_free,
    encoded,
    publish_plan,
    staging,
    write_model,
)
from perfwright.workflow.plan_json import plan_json
from perfwright.workflow.plan_new import Answers, draft_of_answers, load_of
from perfwright.workflow.plan_options import PlanOptions
from perfwright.workflow.plan_sources import STDIN, recognised

_PLACEHOLDER_USERS = 10
_FOREIGN = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan that is written but not yet in its place. `document`: what model.json will hold."""

    page: PlanPage
    out: Path
    staged: Path
    force: bool
    document: Mapping[str, Any]

    def publish(self, rendered: Mapping[str, str]) -> tuple[Path, ...]:
        """Adds what the caller rendered (text by file name), and moves all of it to its place."""
        for name, text in rendered.items():
            (self.staged / name).write_bytes(encoded(text))
        write_model(self.staged, self.document)
        return publish_plan(self.staged, self.out, force=self.force)


@contextmanager
def plan_of_sources(
    given: Sequence[str], options: PlanOptions, *, on_progress: OnProgress = lambda _: None
) -> Iterator[Planned]:
    """The sources as people gave them: files, globs, `-`. `on_progress`: see `draft_of_sources`."""
    name = options.name or _name_of(given[0])
    out = _out(options, name)
    check_free(out, force=options.force)
    with tempfile.TemporaryDirectory(prefix="perfwright-plan-") as scratch:
        sources = recognised(given, scratch=Path(scratch), forced_log=bool(options.log_format))
        drafted = draft_of_sources(sources, options, scratch=Path(scratch), on_progress=on_progress)
        named = dataclasses.replace(drafted.draft, sources=tuple(_shown(one) for one in given))
        with _planned(dataclasses.replace(drafted, draft=named), name, out, options) as planned:
            yield planned


@contextmanager
def plan_of_answers(answers: Answers, options: PlanOptions) -> Iterator[Planned]:
    """No source at all."""
    out = _out(options, answers.name)
    check_free(out, force=options.force)
    drafted = Drafted(draft=draft_of_answers(answers))
    with _planned(drafted, answers.name, out, options) as planned:
        yield planned


@contextmanager
def _planned(drafted: Drafted, name: str, out: Path, options: PlanOptions) -> Iterator[Planned]:
    draft, proposed = _completed(drafted, options)
    with staging(out) as staged:
        (staged / SCRIPT).write_bytes(encoded(write_scenario(draft)))
        write_data(draft, staged)
        workload = drafted.judged(staged / SCRIPT, seed=options.seed)
        wanted = Wanted(
            name=name,
            purpose=options.purpose,
            slos_proposed=proposed,
            target_named=bool(options.target),
            targets_allowed=_allowed(options.target),
            made_by=version("perfwright"),
            peak=_peak(draft, drafted, options),
        )
        page = plan_page(draft, workload, wanted)
        yield Planned(
            page=page, out=out, staged=staged, force=options.force, document=plan_json(page)
        )


def _completed(drafted: Drafted, options: PlanOptions) -> tuple[ScenarioDraft, bool]:
    """What people said wins over what the source says, and that over what has to be guessed. Also
    whether the SLOs are proposals."""
    draft = drafted.draft
    if options.target:
        draft = dataclasses.replace(draft, target=fields.url("--target", options.target))
    was_told = options.users is not None or options.rate is not None
    if was_told or not draft.has_own_loads:
        common = tuple(dataclasses.replace(journey, load=None) for journey in draft.journeys)
        draft = dataclasses.replace(draft, journeys=common)
    if was_told:
        _check_no_course(options, "it goes with no --users or --rate, which say the load")
        draft = dataclasses.replace(draft, load=load_of(options.users, options.rate, options.times))
    elif drafted.workload is None:
        _check_no_course(options, "only an access log tells it; leave it out")
        draft = _with_load(draft, options.times)
    for expr in options.slos:
        parse_slo(expr)
    if options.slos:
        return dataclasses.replace(draft, slos=options.slos), False
    return dataclasses.replace(draft, slos=_proposals(draft, drafted.workload)), True


def _check_no_course(options: PlanOptions, why: str) -> None:
    """UsageError where an option asks for what only the arrivals of a log can tell."""
    of_history = {
        "--peak": options.peak,
        "--shape day": options.shape == "day",
        "--compress": options.compress != 1.0,
    }
    for option, is_given in of_history.items():
        if is_given:
            raise UsageError(f"{option}: {why}")


def _with_load(draft: ScenarioDraft, times: float) -> ScenarioDraft:
    """A document's load so many times, or a placeholder. UsageError: there is nothing to scale."""
    if draft.load is not None:
        journeys = (
            dataclasses.replace(one, load=one.load and _scaled(one.load, times))
            for one in draft.journeys
        )
        return dataclasses.replace(draft, load=_scaled(draft.load, times), journeys=tuple(journeys))
    if times != 1.0:
        raise UsageError(
            "--scale, --growth: the source does not say how many come; give --users or --rate"
        )
    note = "No source says how many people come: the load is a placeholder; give --users or "
    notes = (*draft.notes, f"{note}--rate.")
    return dataclasses.replace(draft, load=_placeholder(), notes=notes)


def _scaled(load: DraftLoad, times: float) -> DraftLoad:
    if times == 1.0:
        return load
    parts = tuple(dataclasses.replace(part, to=part.to * times) for part in load.parts)
    return dataclasses.replace(load, parts=parts, why=f"{load.why.rstrip('.')}, × {times:.3g}.")


def _proposals(draft: ScenarioDraft, workload: Workload | None) -> tuple[str, ...]:
    """The draft's; guesses where it has none, and one for response time where nothing speaks of
    it: a log's speak of what it tells."""
    if workload is not None or any(parse_slo(expr).metric == "response" for expr in draft.slos):
        return draft.slos
    guessed = guessed_slos(has_checks=any(call.expects for call in calls_of(draft)))
    return (guessed[0], *draft.slos) if draft.slos else guessed


def _peak(draft: ScenarioDraft, drafted: Drafted, options: PlanOptions) -> float | None:
    """Of the busiest hour, by the factor that the file's load has over the mean of history; None
    where the file's load says it all."""
    was_told = options.users is not None or options.rate is not None
    assert draft.load is not None, draft
    has_course = len(draft.load.parts) > 1
    if drafted.workload is None or was_told or options.peak or has_course:
        return None
    arrivals = drafted.workload.arrivals
    mean = arrivals.sessions_per_s
    return arrivals.peak_sessions_per_s * peak_of(draft.load) / mean if mean > 0 else None


def _placeholder() -> DraftLoad:
    return DraftLoad(
        kind="users",
        parts=(LoadPart(to=_PLACEHOLDER_USERS, over_s=10, hold_s=300),),
        why=f"{_PLACEHOLDER_USERS} users, a placeholder: the source does not say how many come.",
    )


def _allowed(target: str) -> tuple[str, ...]:
    """The host that people named themselves, where it may be public; what a source names needs
    their word first."""
    return (urlsplit(target).hostname or "",) if may_be_production(target) else ()


def _out(options: PlanOptions, name: str) -> Path:
    return options.out or Path(f"plan-{_FOREIGN.sub('-', name).strip('-.')[:_NAME_MAX] or 'test'}")


def _name_of(given: str) -> str:
    """After the first source; of a host's name or a path only what is left of it as a word."""
    if given == STDIN:
        return "stdin"
    stem = Path(given).name.partition(".")[0]
    return _FOREIGN.sub("-", stem).strip("-")[:_NAME_MAX] or "test"


def _shown(given: str) -> str:
    return "standard input" if given == STDIN else Path(given).name or given
