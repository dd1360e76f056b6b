"""A baseline as one file that can be committed to the repository: all that comparing with it needs.

    {
     "perfwright_baseline": 1, "label": "main", "runs": [...], "lengths": [...], "notes": [...],
     "manifest": {…},                     what was run, on what
     "steps": {"login": {…}},             what it came to, in ms and per s: for who reads a diff
     "seconds": [                         the judged seconds, a line a second and step
      {"second": 0, "step": "login", "requests": 40, "response": "41200000 9300000 3721 1 4*2", …},
     ]
    }

Response and service time keep their histograms, the phases of a request only their sums. The file
stays below about `LIMIT_BYTES`: of a longer or busier run the last seconds are kept, and a note
says so. DataError where a file is no baseline, or a damaged one.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfwright.model.errors import DataError
from perfwright.model.frame import MEASURES, Frame, StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.manifest import RunManifest
from perfwright.store.files import store_error
from perfwright.store.histogram_text import histogram_text, parse_histogram, sums_only
from perfwright.store.manifest_json import manifest_of
from perfwright.store.scratch_run import scratch_run
from perfwright.store.stored_run import StoredRun

FORMAT = 1
LIMIT_BYTES = 2_000_000
SECONDS_MAX = 600
_MARK = "perfwright_baseline"
_WHOLE = ("response", "service")
_IDLE = '{"requests": 0}'
_FACTS = (
    "name", "started_at", "ended_at", "tool", "tool_version", "build_profile", "git_commit",
    "git_branch", "git_dirty", "host", "test_file", "target", "kind", "seed", "workers", "load",
    "slos", "tags", "verdict", "quantiles", "format",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineHead:
    """`label`: what people call it. `runs`: the ids of those it is made of, `lengths`: how many of
    its seconds are of which. `steps`: figures for people, by step; nothing is computed from them.
    """

    label: str
    runs: tuple[str, ...]
    lengths: tuple[int, ...]
    notes: tuple[str, ...] = ()
    steps: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineFile:
    """A file that was read."""

    path: Path
    head: BaselineHead
    manifest: RunManifest
    frames: tuple[Frame, ...]

    @contextmanager
    def opened(self) -> Iterator[StoredRun]:
        """As a run that can be compared with, while the context lasts."""
        with scratch_run(self.manifest, self.frames) as run:
            yield run


def is_baseline_file(path: Path) -> bool:
    """Whether the file says that it is a baseline; one that cannot be read does not."""
    try:
        with path.open("rb") as file:
            return f'"{_MARK}"'.encode() in file.read(100)
    except OSError:
        return False


def write_baseline_file(path: Path, head: BaselineHead, run: StoredRun) -> BaselineHead:
    """Write the judged seconds of `run` to `path`; the head as written, with its notes.

    DataError where the run has none; StoreError where the file cannot be written.
    """
    frames = [frame for frame in run.frames() if frame.judged]
    if not any(frame.total.steps for frame in frames):
        raise DataError(f"baseline: run {run.manifest.run_id} has no judged second to compare with")
    rows, kept = _rows(frames)
    if kept < len(frames):
        note = f"Holds the last {kept:,} of {len(frames):,} judged seconds, to stay small."
        lengths = _last_lengths(head.lengths, kept)
        head = dataclasses.replace(head, notes=(*head.notes, note), lengths=lengths)
    manifest = dataclasses.asdict(run.manifest)
    facts = {name: manifest[name] for name in _FACTS}
    document = {_MARK: FORMAT, **dataclasses.asdict(head), "manifest": facts}
    text = json.dumps(document, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join(f"  {row}" for row in rows)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'{text},\n "seconds": [\n{lines}\n ]\n}}\n', encoding="utf-8")
    except OSError as error:
        raise store_error("write", path, error) from error
    return head


def read_baseline_file(path: Path) -> BaselineFile:
    """The baseline in `path`. DataError: it is none, or damaged; StoreError: it cannot be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document[_MARK] > FORMAT:
            raise ValueError(f"format {document[_MARK]} is newer than this version's {FORMAT}")
        runs = tuple(map(str, document["runs"]))
        manifest = manifest_of({**document["manifest"], "run_id": "", "state": "finished"})
        return BaselineFile(
            path=path,
            head=BaselineHead(
                label=str(document["label"]),
                runs=runs,
                lengths=tuple(map(int, document["lengths"])),
                notes=tuple(map(str, document["notes"])),
                steps=dict(document["steps"]),
            ),
            manifest=dataclasses.replace(manifest, run_id=runs[0] if len(runs) == 1 else path.name),
            frames=tuple(_frames(document["seconds"])),
        )
    except OSError as error:
        raise store_error("read", path, error) from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise DataError(
            f"baseline: {path} is damaged ({type(error).__name__}: {error}); "
            "write it anew with `perfwright baseline set NAME RUN --to FILE`"
        ) from error


def _rows(frames: Sequence[Frame]) -> tuple[list[str], int]:
    """The lines of the last seconds that have room, in order of time, and how many those are."""
    kept: list[list[str]] = []
    room = LIMIT_BYTES
    for frame in reversed(frames[-SECONDS_MAX:]):
        lines = [_row(name, step) for name, step in frame.total.steps.items()]
        room -= sum(len(line) for line in lines)
        if room < 0 and kept:
            break
        kept.append(lines)
    rows = [
        f'{{"second": {second}, {line[1:]}'
        for second, lines in enumerate(reversed(kept))
        for line in lines or [_IDLE]
    ]
    return rows, len(kept)


def _last_lengths(lengths: Sequence[int], kept: int) -> tuple[int, ...]:
    """What is left of each run when the last `kept` seconds are."""
    left = []
    for length in reversed(lengths):
        left.append(min(length, kept))
        kept -= left[-1]
    return tuple(reversed(left))


def _row(name: str, step: StepTally) -> str:
    row: dict[str, Any] = {"step": name, "requests": step.requests}
    if step.kind != "request":
        row["kind"] = step.kind
    if step.errors:
        row |= {"errors": step.errors, "error_kinds": step.error_kinds}
    for measure, histogram in step.measures.items():
        if histogram.count:
            row[measure] = histogram_text(histogram if measure in _WHOLE else sums_only(histogram))
    return json.dumps(row, ensure_ascii=False)


def _frames(rows: Iterable[Mapping[str, Any]]) -> Iterator[Frame]:
    by_second: dict[int, dict[str, StepTally]] = {}
    for row in rows:
        steps = by_second.setdefault(int(row["second"]), {})
        if "step" in row:
            steps[str(row["step"])] = _step(row)
    if not by_second:
        raise ValueError("it holds no seconds")
    for second in sorted(by_second):
        yield Frame.of_workers(second, {0: Tally(steps=by_second[second])}, judged=True)


def _step(row: Mapping[str, Any]) -> StepTally:
    measures: dict[str, Histogram] = {
        measure: parse_histogram(row[measure]) for measure in MEASURES if measure in row
    }
    return StepTally(
        kind=str(row.get("kind", "request")),
        requests=int(row["requests"]),
        errors=int(row.get("errors", 0)),
        error_kinds={str(kind): int(n) for kind, n in row.get("error_kinds", {}).items()},
        measures=measures,
    )
