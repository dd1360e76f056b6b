"""Several drafts as one: journeys side by side, and what a document knows added to a log's steps.

    documents: a + b     variables and data files of one name, but another content, get a number
    log + document:      the log says what is done and how often; where method and path are the
                         same, the document says with which body, headers and credentials

Two paths are the same when their constant segments are: `/items/{id}` is `/items/{item_id}`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from perfwright.model.calls import calls_of
from perfwright.model.journey import (
    Call,
    DataFile,
    Extraction,
    FromData,
    Reuse,
    ScenarioDraft,
    Text,
    Var,
    Variable,
)

_T = TypeVar("_T")
_VARYING = re.compile(r"\{[^{}/]*\}")
_ORIGIN = re.compile(r"[a-z]+://[^/]*", re.IGNORECASE)
_NAMED_MAX = 6


def merged(drafts: Sequence[ScenarioDraft]) -> ScenarioDraft:
    """The first one's title, target, load; all journeys."""
    whole, *others = drafts
    for other in others:
        other = _apart(whole, _of_other_origin(whole, other))
        whole = dataclasses.replace(
            whole,
            target=whole.target or other.target,
            journeys=(*whole.journeys, *other.journeys),
            walks=(*whole.walks, *other.walks),
            steps=(*whole.steps, *other.steps),
            user_start=(*whole.user_start, *other.user_start),
            variables=tuple(dict.fromkeys((*whole.variables, *other.variables))),
            data=(*whole.data, *(file for file in other.data if file not in whole.data)),
            load=whole.load or other.load,
            slos=tuple(dict.fromkeys((*whole.slos, *other.slos))),
            notes=tuple(dict.fromkeys((*whole.notes, *other.notes))),
        )
    return whole


def completed_by(log: ScenarioDraft, document: ScenarioDraft) -> ScenarioDraft:
    """The log's draft, its steps with what the document's calls send."""
    document = _apart(log, document)
    known: dict[tuple[str, str], Call] = {}
    for call in calls_of(document):
        known.setdefault(_key(call.method, _path_of(call)), call)
        if call.name.startswith(f"{call.method} /"):
            known.setdefault(_key(call.method, call.name.partition(" ")[2]), call)
    steps, found = [], []
    for step in log.steps:
        same = known.get(_key(step.method, step.name.partition(" ")[2]))
        steps.append(step if same is None else _completed(step, same))
        if same is not None:
            found.append(step.name)
    whole = dataclasses.replace(
        log,
        target=log.target or document.target,
        steps=tuple(steps),
        user_start=(*log.user_start, *document.user_start),
        variables=(*log.variables, *document.variables),
        data=(*log.data, *document.data),
        notes=(*log.notes, _told(found, len(log.steps)), *document.notes),
    )
    return _pruned(whole, log)


def _completed(step: Call, known: Call) -> Call:
    """`step` with what `known` sends; what the log says itself stays."""
    return dataclasses.replace(
        step,
        headers=tuple(dict((*known.headers, *step.headers)).items()),
        body=step.body or known.body,
        comment="" if known.body is not None else step.comment,
        auth=step.auth or known.auth,
        extracts=(*step.extracts, *known.extracts),
    )


def _pruned(whole: ScenarioDraft, log: ScenarioDraft) -> ScenarioDraft:
    """Without the variables and data files of the document that no call of the log came to need."""
    used: set[str] = set()

    def seen(value: object) -> object:
        if isinstance(value, Var):
            used.add(value.name)
        return value

    _mapped((whole.steps, whole.user_start, whole.journeys), seen)
    variables = tuple(v for v in whole.variables if v.name in used or v in log.variables)
    files = {v.origin.file for v in variables if isinstance(v.origin, FromData)}
    data = tuple(file for file in whole.data if file.name in files or file in log.data)
    return dataclasses.replace(whole, variables=variables, data=data)


def _told(found: Sequence[str], steps: int) -> str:
    if not found:
        return "No step of the log is in the document: method and path have to be the same."
    shown = ", ".join(found[:_NAMED_MAX]) + (" …" if len(found) > _NAMED_MAX else "")
    return f"{len(found)} of {steps} steps of the log are completed from the document: {shown}."


def _key(method: str, path: str) -> tuple[str, str]:
    return method, _VARYING.sub("{}", path.partition("?")[0]).rstrip("/")


def _path_of(call: Call) -> str:
    parts = (part if isinstance(part, str) else "{}" for part in call.url.parts)
    return _ORIGIN.sub("", "".join(parts), count=1)


def _is_absolute(call: Call) -> bool:
    first = next(iter(call.url.parts), "")
    return isinstance(first, Var) or _ORIGIN.match(first) is not None


def _of_other_origin(whole: ScenarioDraft, other: ScenarioDraft) -> ScenarioDraft:
    """Calls of another origin than the first one's keep it in their addresses."""
    if not other.target or not whole.target or other.target == whole.target:
        return other
    note = f"{', '.join(other.sources) or other.title} is of {other.target}, and stays there."

    def placed(value: object) -> object:
        if isinstance(value, Call) and not _is_absolute(value):
            return dataclasses.replace(value, url=Text((other.target, *value.url.parts)))
        return value

    moved = _mapped(other, placed)
    return dataclasses.replace(moved, notes=(*moved.notes, note))


def _apart(whole: ScenarioDraft, other: ScenarioDraft) -> ScenarioDraft:
    """`other` with names of variables and data files that mean something else in `whole`
    changed."""
    files = _new_names(
        {file.name: file for file in whole.data}, {file.name: file for file in other.data}
    )
    names = _new_names(
        {variable.name: variable for variable in whole.variables},
        {variable.name: variable for variable in other.variables},
    )

    def renamed(value: object) -> object:
        match value:
            case Var():
                return Var(names.get(value.name, value.name))
            case Extraction() | Variable():
                return dataclasses.replace(value, name=names.get(value.name, value.name))
            case Reuse():
                pairs = ((names.get(own, own), names.get(of, of)) for own, of in value.pairs)
                return dataclasses.replace(value, pairs=tuple(pairs))
            case FromData():
                return dataclasses.replace(value, file=files.get(value.file, value.file))
            case DataFile():
                return dataclasses.replace(value, name=files.get(value.name, value.name))
        return value

    return _mapped(other, renamed) if files or names else other


def _new_names(taken: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, str]:
    """For each name that is taken by something else, the first free one with a number."""
    used = {*taken, *wanted}
    result = {}
    for name, thing in wanted.items():
        if name in taken and taken[name] != thing:
            number = next(n for n in range(2, len(used) + 3) if f"{name}_{n}" not in used)
            result[name] = f"{name}_{number}"
            used.add(result[name])
    return result


def _mapped(value: _T, change: Any) -> _T:
    """A copy in which every record was changed, innermost first."""
    return _walk(value, change)  # type: ignore[no-any-return]


def _walk(value: Any, change: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _walk(getattr(value, f.name), change) for f in dataclasses.fields(value)}
        return change(type(value)(**fields))
    if isinstance(value, Mapping):
        return {key: _walk(one, change) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_walk(one, change) for one in value)
    if isinstance(value, list):
        return [_walk(one, change) for one in value]
    return value
