"""HAR → `ScenarioDraft`: `read_har` and what can be chosen about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from perfwright.model.errors import DataError
from perfwright.model.journey import (
    Call,
    Group,
    Item,
    Journey,
    Pause,
    ScenarioDraft,
    Text,
    Value,
    Var,
)
from perfwright.model.units import format_count
from perfwright.sources.correlation.exchanges import Answer, Correlation, Exchange
from perfwright.sources.correlation.matching import correlate
from perfwright.sources.har import notes
from perfwright.sources.har.actions import Action, actions_of, think_of
from perfwright.sources.har.bodies import Fill
from perfwright.sources.har.checks import checks_of
from perfwright.sources.har.choosing import chosen, is_document, is_static, site_of
from perfwright.sources.har.entries import Recording, recording_of
from perfwright.sources.har.folding import folded
from perfwright.sources.har.options import HarOptions
from perfwright.sources.har.requests import Request, request_of
from perfwright.sources.har.stand_ins import Uses, stand_ins
from perfwright.sources.har.step_names import folded_path

_HEAD = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:\s*\{')


def is_har(head: bytes) -> bool:
    """Told by the first bytes of a file."""
    fields = (b'"entries"', b'"creator"', b'"pages"')
    return _HEAD.match(head) is not None and any(field in head for field in fields)


def read_har(source: Path | bytes, *, options: HarOptions | None = None) -> ScenarioDraft:
    """What was recorded, as one journey. Raises DataError: no HAR, or nothing left to test."""
    options = options or HarOptions()
    recording = recording_of(source)
    web = [entry for entry in recording.entries if entry.url.scheme in ("http", "https")]
    if not web:
        raise DataError(f"{recording.name}: holds no request over HTTP; nothing to test")
    site = site_of(recording.entries)
    visits, left = chosen(folded(recording.entries), site, options)
    if not visits:
        raise DataError(
            f"{recording.name}: of {len(recording.entries)} entries none is left to test:"
            f" {_reasons(left)}; keep them by option, or record again"
        )
    requests = [request_of(visit, site.main) for visit in visits]
    correlation = correlate([_exchange(request) for request in requests])
    names = {one.name for several in correlation.extracts.values() for one in several}
    filled = stand_ins(requests, correlation.uses, frozenset(names))
    actions = actions_of(visits, recording.entries)
    builder = _Items(recording, requests, correlation, filled.uses)
    told = (
        *notes.left_out(left),
        *notes.of_recording(recording, requests, site),
        *notes.of_values(correlation.extracts, builder.names(), filled),
        *notes.of_shape(requests, actions, site, options),
    )
    name = recording.name.removesuffix(".gz").removesuffix(".har") or "recording"
    return ScenarioDraft(
        title=f"{name}: recorded on {site.main}",
        sources=(recording.name,),
        target=site.main,
        journeys=(Journey(name=name, weight=1.0, items=builder.of(actions, options)),),
        variables=filled.variables,
        data=filled.data,
        notes=told,
    )


def _reasons(left: Mapping[str, Counter[str]]) -> str:
    return ", ".join(f"{format_count(sum(one.values()))} {why}" for why, one in left.items())


def _exchange(request: Request) -> Exchange:
    visit = request.visit
    set_by = (
        value.partition(";")[0].partition("=")
        for hop in visit.hops
        for name, value in hop.answer_headers
        if name.lower() == "set-cookie"
    )
    return Exchange(
        method=request.entry.method,
        path=request.entry.url.path,
        slots=tuple(request.slots()),
        answer=Answer(
            headers=visit.last.answer_headers,
            cookies=tuple((name.strip(), value.strip()) for name, _, value in set_by),
            text="" if is_static(visit.last) else visit.last.text or "",
            url=visit.last.url.geturl() if len(visit.hops) > 1 else "",
        ),
        sent_s=visit.first.began_s,
        answered_s=visit.last.ended_s,
    )


class _Items:
    """Calls, and what they are put into."""

    def __init__(
        self,
        recording: Recording,
        requests: Sequence[Request],
        correlation: Correlation,
        uses: Uses,
    ) -> None:
        self._recording = recording
        self._requests = requests
        self._extracts = correlation.extracts
        self._uses = uses
        self._made_by = {
            one.name: index for index, several in self._extracts.items() for one in several
        }
        self._alone = [
            request.call(self._fill(index), self._extracts.get(index, ()))
            for index, request in enumerate(requests)
        ]

    def of(self, actions: Sequence[Action], options: HarOptions) -> tuple[Item, ...]:
        items: list[Item] = []
        for action in actions:
            think = think_of(action.think_s, options.longest_think_s)
            if think is not None:
                items.append(Pause(think))
            calls = self._calls(action)
            if len(calls) == 1:
                items.append(calls[0])
            else:
                items.append(Group(name=self._title(action), items=tuple(calls)))
        return tuple(items)

    def names(self) -> list[str]:
        """Steps, by the index of their requests."""
        return [call.name for call in self._alone]

    def _calls(self, action: Action) -> list[Call]:
        """The first is the page, if there is one; what it fetched at once are its resources."""
        calls = []
        head = action.visits[0]
        beside = {index for index in action.visits[1:] if self._is_resource(head, index)}
        for index in action.visits:
            if index not in beside:
                inner = tuple(self._alone[one] for one in sorted(beside)) if index == head else ()
                calls.append(replace(self._checked(index), resources=inner))
        return calls

    def _checked(self, index: int) -> Call:
        """Resources are not: they are fetched side by side, and nobody looks at their answers."""
        call = self._alone[index]
        expects = checks_of(self._requests[index].visit, call.name)
        return replace(call, expects=tuple(expects))

    def _is_resource(self, head: int, index: int) -> bool:
        """A safe request of a page that nothing later hangs on, and that hangs on nothing later
        than the page itself; static files of any action are."""
        visit = self._requests[index].visit
        is_safe = visit.first.method == "GET" and index not in self._extracts
        needs = max((self._made_by.get(name, -1) for name in self._variables_of(index)), default=-1)
        if not is_safe or needs > head:
            return False
        page = self._requests[head].visit
        near = visit.first.began_s - page.last.ended_s < 3.0
        return is_static(visit.last) or (is_document(page.last) and near)

    def _variables_of(self, index: int) -> set[str]:
        uses = (self._uses.get((index, slot.key)) for slot in self._requests[index].slots())
        parts = (use.parts if isinstance(use, Text) else (use,) for use in uses)
        return {one.name for several in parts for one in several if isinstance(one, Var)}

    def _fill(self, index: int) -> Fill:
        def filled(key: Hashable, recorded: Value) -> Value:
            return self._uses.get((index, key), recorded)

        return filled

    def _title(self, action: Action) -> str:
        first = self._requests[action.visits[0]]
        title = self._recording.titles.get(first.entry.page, "")
        if is_document(first.visit.last) and title and "://" not in title:
            return title[:80]
        kind = "page" if is_document(first.visit.last) else "after"
        return f"{kind} {first.entry.method} {folded_path(first.entry.url.path)}"
