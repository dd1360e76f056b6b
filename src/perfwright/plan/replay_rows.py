"""The requests of a log, in order of time → the rows of a recording: chosen, and told when due.

    (time, method, target, status) ─► span ─► safe? only? sendable? ─► spread ─► due = gap ÷ speed

What is left out is counted by reason (`Chosen.left_out`), never dropped in silence. Pure; works on
batches, so memory does not grow with the log (with `spread`, with the requests of one second).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from perfwright.model.errors import UsageError
from perfwright.model.units import NS_PER_S, format_duration
from perfwright.plan.replay_selection import SAFE_METHODS, Selection

Logged = tuple[int | None, str | None, str | None, int | None]
"""(µs since the epoch, method, target, status) of a request; None where the log has none."""
Due = tuple[int, str, str, int, str]
"""(ns since the replay's origin, method, target, status or 0, step or "")"""
StepOf = Callable[[str, str], str]
"""The step of (method, path without its query), "" for the usual name."""

_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_LONGEST_TARGET = 65_536
_US_PER_S = 1_000_000
_BATCH = 10_000
_NS_PER_DAY = 86_400 * NS_PER_S
_LONGEST_NS = 31 * _NS_PER_DAY
"""Longer ones are mistakes: a clock that stood at 1970, a speed that was meant the other way."""

NO_TIME = "without a time"
NO_REQUEST = "that are no request to a path"
OUTSIDE = "outside of --from and --until"
NOT_ONLY = "that --only leaves out"
UNSAFE = "unsafe"


@dataclass(slots=True)
class Chosen:
    """What a pass over the log counted. `unsafe`: left out, by method. `whole_seconds`: no time has
    a fraction. `bodiless`: requests of methods that usually have a body; a log has none of them."""

    requests: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    unsafe: Counter[str] = field(default_factory=Counter)
    whole_seconds: bool = True
    bodiless: int = 0


def usual_name(_method: str, _path: str) -> str:
    """Every step is named as the kernel does."""
    return ""


def rows_of(
    logged: Iterable[Logged],
    selection: Selection,
    base_path: str,
    chosen: Chosen,
    step_of: StepOf = usual_name,
) -> Iterator[Sequence[Due]]:
    """Batches of rows; `logged` in order of time. `base_path`: goes before every target. `chosen`
    is complete when the last batch was taken. UsageError where it would take a month or more."""
    kept = _kept(logged, selection, chosen)
    if selection.spread:
        kept = _spread(kept)
    batch: list[Due] = []
    origin_us: float | None = None
    longest_ns = (selection.longest_s or float("inf")) * NS_PER_S
    for time_us, method, target, status in kept:
        origin_us = time_us if origin_us is None else origin_us
        due_ns = round((time_us - origin_us) * 1000 / selection.speed)
        if due_ns >= longest_ns:
            break
        if due_ns > _LONGEST_NS:
            raise UsageError(
                f"the replay would last longer than {_LONGEST_NS // _NS_PER_DAY} days: one request "
                f"is due {format_duration(due_ns / NS_PER_S)} after the first; take a part of the "
                "log with --from and --until, or a --speed"
            )
        step = step_of(method, target.partition("?")[0])
        batch.append((due_ns, method, base_path + target, status, step))
        chosen.requests += 1
        chosen.bodiless += method in ("POST", "PUT", "PATCH")
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _kept(
    logged: Iterable[Logged], selection: Selection, chosen: Chosen
) -> Iterator[tuple[float, str, str, int]]:
    span: tuple[float, float] | None = None
    for time_us, method, target, status in logged:
        if time_us is None:
            chosen.left_out[NO_TIME] += 1
            continue
        span = selection.span_us(time_us) if span is None else span
        if not span[0] <= time_us < span[1]:
            chosen.left_out[OUTSIDE] += 1
        elif not method or not target or not _sendable(method, target):
            chosen.left_out[NO_REQUEST] += 1
        elif selection.only and not _wanted(selection, method, target):
            chosen.left_out[NOT_ONLY] += 1
        elif method not in SAFE_METHODS and not selection.include_unsafe:
            chosen.unsafe[method] += 1
        else:
            chosen.whole_seconds &= time_us % _US_PER_S == 0
            yield time_us, method, target, status if status and 100 <= status < 600 else 0


def _sendable(method: str, target: str) -> bool:
    return (
        target.startswith("/")
        and len(target) <= _LONGEST_TARGET
        and not _UNSENDABLE.search(target)
        and _METHOD.fullmatch(method) is not None
    )


def _wanted(selection: Selection, method: str, target: str) -> bool:
    path = target.partition("?")[0]
    return any(only.matches(method, path) for only in selection.only)


def _spread(
    kept: Iterable[tuple[float, str, str, int]],
) -> Iterator[tuple[float, str, str, int]]:
    """Those of the same instant, evenly over the second that begins then: in a log of whole seconds
    the instant is all that is known of them."""
    for time_us, together in groupby(kept, key=lambda row: row[0]):
        rows = list(together)
        for place, (_, method, target, status) in enumerate(rows):
            yield time_us + place * _US_PER_S / len(rows), method, target, status
