"""Access logs → the plan of a replay: read, chosen, written where the kernels map it.

    logs ─► AccessLog ─► rows in order of time ─► Recording (two files) ─► TestPlan ─► run_test

The log's database is gone before the load begins; the recording lives as long as the context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from perfwright.analyze.workload.sorting import HEALTH, STATIC, sorter_of
from perfwright.load.recording import write_recording
from perfwright.model.access import LogFacts
from perfwright.model.errors import DataError, UsageError
from perfwright.model.units import format_count
from perfwright.plan.overrides import Overrides, with_overrides
from perfwright.plan.replay import rate_shape
from perfwright.plan.replay_rows import Chosen, StepOf, rows_of, usual_name
from perfwright.plan.replay_selection import Selection
from perfwright.plan.test import Test
from perfwright.plan.test_plan import TestPlan
from perfwright.sources.access_logs import AccessLog, read_access_logs

_FEW_PATHS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Which logs, and how they are read: see `read_access_logs`."""

    paths: tuple[str, ...]
    log_format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"


@contextmanager
def replay_plan(
    logs: Logs,
    selection: Selection,
    overrides: Overrides,
    headers: Mapping[str, str],
    *,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Iterator[TestPlan]:
    """The plan, whose files live until the context ends. UsageError without a target, DataError
    where the logs cannot be read or nothing is left of them."""
    if not overrides.target:
        raise UsageError(
            "--target: a log does not say where to send its requests; give --target URL"
        )
    base_path = urlsplit(overrides.target).path.rstrip("/")
    with TemporaryDirectory(prefix="perfwright-") as folder:
        chosen = Chosen()
        with _read(logs, Path(folder), on_progress) as log:
            facts = log.facts
            rows = rows_of(log.in_time_order(), selection, base_path, chosen, _steps(log))
            recording = write_recording(rows, Path(folder))
        if not recording.requests:
            raise DataError(_nothing_left(logs, chosen))
        test = Test(load=rate_shape(recording.per_s), headers=headers)
        yield TestPlan(
            test=with_overrides(test, overrides),
            replay=recording,
            notes=(*_reading_notes(facts), *_notes(chosen, selection)),
        )


@contextmanager
def _read(logs: Logs, folder: Path, on_progress: Callable[[str], None]) -> Iterator[AccessLog]:
    with (
        TemporaryDirectory(dir=folder) as scratch,
        read_access_logs(
            logs.paths,
            scratch=Path(scratch),
            log_format=logs.log_format,
            mapping=logs.mapping or None,
            zone=logs.zone,
            on_progress=on_progress,
        ) as log,
    ):
        yield log


def _steps(log: AccessLog) -> StepOf:
    """The usual names of few paths; of many, the endpoints that `perfwright plan` would find, and
    one step for all other paths of a method: a report with a thousand steps is read by nobody."""
    targets = log.targets()
    if targets.distinct <= _FEW_PATHS:
        return usual_name
    sorter = sorter_of(targets, keep=(HEALTH,))

    @lru_cache(maxsize=100_000)
    def step(method: str, path: str) -> str:
        (code,) = sorter.codes([method], [path])
        if code >= 0:
            return sorter.endpoints[code].name
        return f"{method} (static files)" if code == STATIC else f"{method} (other paths)"

    return step


def _reading_notes(facts: LogFacts) -> Iterator[str]:
    yield from facts.notes
    if facts.bad_lines:
        example = f", the first: {facts.examples[0].text[:80]!r}" if facts.examples else ""
        yield (
            f"{format_count(facts.bad_lines)} of {format_count(facts.lines)} lines of the log "
            f"could not be read and are left out{example}"
        )


def _notes(chosen: Chosen, selection: Selection) -> Iterator[str]:
    if chosen.unsafe:
        yield (
            f"left out: {format_count(chosen.unsafe.total())} requests that may change something "
            f"({_by_method(chosen)}); --include-unsafe sends them, without the bodies that a log "
            "does not hold"
        )
    for reason, requests in chosen.left_out.most_common():
        yield f"left out: {format_count(requests)} requests {reason}"
    if chosen.bodiless:
        yield (
            f"{format_count(chosen.bodiless)} requests are sent without the body that they had: a "
            "log does not hold it"
        )
    if chosen.whole_seconds and chosen.requests > 1 and not selection.spread:
        yield (
            "the log's times are whole seconds, so the requests of a second are sent at its "
            "beginning; --spread sends them evenly over it"
        )


def _by_method(chosen: Chosen) -> str:
    return ", ".join(f"{count:,} {method}" for method, count in chosen.unsafe.most_common(5))


def _nothing_left(logs: Logs, chosen: Chosen) -> str:
    reasons: Sequence[str] = [
        f"{format_count(requests)} {reason}" for reason, requests in chosen.left_out.most_common()
    ]
    if chosen.unsafe:
        reasons = [*reasons, f"{_by_method(chosen)} (--include-unsafe sends them)"]
    why = "; ".join(reasons) or "no request in it"
    return f"{', '.join(logs.paths)}: nothing is left to replay: {why}"
