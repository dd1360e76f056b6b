"""What wrk and wrk2 print.

    Running 30s test @ http://127.0.0.1:80/index.html      the step: the address's path
      Latency     6.60ms  1.92ms  12.50ms  68.46%          mean, deviation, maximum
     99.000%   11.18ms                                     with --latency
      60018 requests in 30.00s, 19.81MB read
      Socket errors: connect 0, read 0, write 0, timeout 0
      Non-2xx or 3xx responses: 12

https://github.com/wg/wrk, https://github.com/giltene/wrk2. wrk counts latency from when it sent,
and then adds, for each answer slower than twice the mean interval, what it thinks was held up: a
guess, so it is service time here. wrk2 counts from when the request was due (`Recorded Latency`),
which is response time; `--u_latency` adds a second spectrum from when it was sent, service time.
wrk2 forgets the latencies of its first ten seconds. Several outputs in one file are one run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from perfwright.model.errors import DataError
from perfwright.model.frame import StepTally, Tally
from perfwright.model.histogram import Histogram
from perfwright.model.imported import Imported, Summary
from perfwright.model.units import NS_PER_MS, NS_PER_S
from perfwright.sources.results.documents import share, text_of, whole
from perfwright.sources.results.heads import Head

if TYPE_CHECKING:
    import duckdb

_START = re.compile(r"^Running \S+ test @ (\S+)", re.MULTILINE)
_LATENCY = re.compile(r"^ +Latency +(\S+) +\S+ +(\S+) +\S+%", re.MULTILINE)
_PERCENTILE = re.compile(r"^ *(\d+(?:\.\d+)?)% +(\d\S*) *$", re.MULTILINE)
_SPECTRUM = re.compile(r"^ +(\d+\.\d+) +([01]\.\d+) +(\d+) +(?:\d|inf)", re.MULTILINE)
_RECORDED = re.compile(r"Total count *= *(\d+)\]")
_MEAN, _MAXIMUM = re.compile(r"#\[Mean *= *([\d.]+)"), re.compile(r"#\[Max *= *([\d.]+)")
_REQUESTS = re.compile(r"(\d+) requests in (\S+), ([\d.]+)([KMGTP]?)B read")
_RATE = re.compile(r"^Requests/sec: +([\d.]+)", re.MULTILINE)
_SOCKET = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_STATUS = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_TIME = re.compile(r"([\d.]+)(us|ms|s|m|h)")
_UNITS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZES = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
_OF_WRK2 = ("HdrHistogram", "Thread calibration:")
_UNCORRECTED = "Uncorrected Latency"
_STATUS_NOTE = "{tool} does not tell which statuses failed: answers of 400 and above are `check`."
_GUESSED = "wrk adds latencies that it takes to have been held up to those that it measured."
_DUE = (
    "wrk2 counts latency from when a request was due, so its response times are free of coordinated"
    " omission; those of its first ten seconds (calibration) are not in them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Output:
    """One run of wrk: its step, its length in s, and the quantiles that it told."""

    name: str
    step: StepTally
    duration_s: float
    quantiles: frozenset[float]


class Wrk:
    tool = "wrk"
    name = "wrk output"
    measure = "service"

    def recognises(self, head: Head) -> bool:
        return _START.search(head.text) is not None and not _is_wrk2(head.text)

    def read(self, files: Sequence[Path], _into: duckdb.DuckDBPyConnection) -> Imported:
        outputs = [one for file in files for one in self._outputs(file)]
        tally = Tally()
        for one in outputs:
            tally.steps.setdefault(one.name, StepTally()).merge(one.step)
        summary = Summary(
            duration_s=sum(one.duration_s for one in outputs),
            tally=tally,
            quantiles=tuple(sorted(frozenset.intersection(*(one.quantiles for one in outputs)))),
        )
        is_corrected = self.measure == "response"
        notes = [_DUE if is_corrected else _GUESSED]
        if any("check" in step.error_kinds for step in tally.steps.values()):
            notes.append(_STATUS_NOTE.format(tool=self.tool))
        return Imported(summary=summary, knows_intended_start=is_corrected, notes=tuple(notes))

    def _outputs(self, file: Path) -> Iterator[_Output]:
        text = text_of(file)
        starts = [match.start() for match in _START.finditer(text)]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            output = _read(text[start:end], self.measure)
            if output is None:
                raise DataError(
                    f"import: {file} is cut short: {self.tool} prints its counts at its end"
                )
            yield output


class Wrk2(Wrk):
    tool = "wrk2"
    name = "wrk2 output"
    measure = "response"

    def recognises(self, head: Head) -> bool:
        return _START.search(head.text) is not None and _is_wrk2(head.text)


def _is_wrk2(text: str) -> bool:
    return any(mark in text for mark in _OF_WRK2)


def _read(text: str, measure: str) -> _Output | None:
    start, counted = _START.search(text), _REQUESTS.search(text)
    if start is None or counted is None:
        return None
    answered, rate = int(counted[1]), _RATE.search(text)
    per_s = float(rate[1]) if rate else 0.0
    kinds, unanswered = _errors(text, answered)
    recorded, _, uncorrected = text.partition(_UNCORRECTED)
    times, quantiles = _times(recorded, answered)
    measures = {measure: times}
    if uncorrected:
        measures["service"] = _times(uncorrected, answered)[0]
    step = StepTally(
        requests=answered + unanswered,
        errors=sum(kinds.values()),
        error_kinds=kinds,
        bytes_received=round(float(counted[3]) * 1024 ** _SIZES[counted[4]]),
        measures=measures,
    )
    return _Output(
        name=urlsplit(start[1]).path or "/",
        step=step,
        duration_s=_duration_s(answered, per_s, counted[2]),
        quantiles=frozenset((*quantiles, 1.0)),
    )


def _duration_s(answered: int, per_s: float, written: str) -> float:
    """From the rate or as written, whichever has more digits: both have two decimals."""
    match = _TIME.fullmatch(written)
    if per_s and (match is None or per_s > float(match[1])):
        return answered / per_s
    return _seconds(written)


def _errors(text: str, answered: int) -> tuple[dict[str, int], int]:
    """Errors by kind, and how many of them got no answer. What timed out was answered, too late."""
    socket, status = _SOCKET.search(text), _STATUS.search(text)
    connect, read, write, late = map(int, socket.groups()) if socket else (0, 0, 0, 0)
    refused = min(answered, whole(status[1])) if status else 0
    kinds = {
        "connect_failed": connect,
        "reset": read + write,
        "timeout": min(late, answered - refused),
        "check": refused,
    }
    return {kind: count for kind, count in kinds.items() if count}, connect + read + write


def _times(text: str, answered: int) -> tuple[Histogram, set[float]]:
    """Of one spectrum or short distribution; the short one's quantiles are written in full."""
    quantiles = {float(match[2]): float(match[1]) * NS_PER_MS for match in _SPECTRUM.finditer(text)}
    for match in _PERCENTILE.finditer(text):
        quantiles[share(float(match[1]))] = _seconds(match[2]) * NS_PER_S
    quantiles.pop(1.0, None)
    mean_ns, maximum_ns = _mean_and_maximum_ns(text)
    recorded = _RECORDED.search(text)
    count = int(recorded[1]) if recorded else answered
    histogram = Histogram.of_quantiles(count, quantiles, mean=mean_ns, maximum=maximum_ns)
    return histogram, set(quantiles)


def _mean_and_maximum_ns(text: str) -> tuple[float | None, float | None]:
    """Those under the spectrum, which belong to it and have more digits; else those of the head."""
    mean, maximum, head = _MEAN.search(text), _MAXIMUM.search(text), _LATENCY.search(text)
    if mean and maximum:
        return float(mean[1]) * NS_PER_MS, float(maximum[1]) * NS_PER_MS
    return (_seconds(head[1]) * NS_PER_S, _seconds(head[2]) * NS_PER_S) if head else (None, None)


def _seconds(text: str) -> float:
    match = _TIME.fullmatch(text)
    return float(match[1]) * _UNITS_S[match[2]] if match else 0.0
