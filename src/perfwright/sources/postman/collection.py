"""The tree of a collection: what folders hand down (authorization, scripts, variables), journeys.

Scripts are read first, for what they fill decides how a body's variables are written and whether
folders can be journeys of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perfwright.model.calls import calls_in
from perfwright.model.journey import Call, Group, Item, Journey, ScenarioDraft
from perfwright.sources.drafting.flow import settle
from perfwright.sources.drafting.items import with_checks
from perfwright.sources.drafting.names import Names, clean
from perfwright.sources.drafting.secrets import Environment
from perfwright.sources.drafting.targets import with_target
from perfwright.sources.drafting.texts import variables_in
from perfwright.sources.postman.authorization import credentials_of
from perfwright.sources.postman.documents import Json, elements, object_of, objects, text
from perfwright.sources.postman.requests import Requests
from perfwright.sources.postman.scripts import Script, read_script
from perfwright.sources.postman.variables import Variables

_DEEPEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inherited:
    """What a folder hands down. `path`: of names, for notes."""

    path: tuple[str, ...] = ()
    auth: Json
    tests: tuple[Script, ...] = ()


class Collection:
    def __init__(self, document: Json, title: str) -> None:
        self._document = document
        self._title = clean(title, "collection")
        self._environment = Environment()
        self.variables = Variables(self._environment)
        self._scripts: dict[int, tuple[Script, ...]] = {}
        self._notes: list[str] = []
        self._names = Names()

    def draft(self, sources: tuple[str, ...]) -> ScenarioDraft:
        """Everything read, settled and relative to the target."""
        self._declare(self._document, 0)
        top = self._inherited(self._document, _Inherited(auth={}))
        typed = frozenset(each.name for script in self._all_scripts() for each in script.extracts)
        self._requests = Requests(self.variables, self._environment, typed)
        journeys = self._journeys(self._items(self._document, top))
        journeys, _, target, target_notes = with_target(
            journeys, (), self.variables.value, self._environment
        )
        settled = settle(journeys, (), self.variables.known, self._environment)
        if not any(True for each in settled.journeys for _ in calls_in(each.items)):
            self._notes.append("The collection has no requests.")
        self._notes.append("A collection has no think times: add user.think(…) where people pause.")
        return ScenarioDraft(
            title=self._title,
            sources=sources,
            target=target,
            journeys=settled.journeys,
            variables=settled.variables,
            data=self.variables.data(),
            notes=(
                *target_notes,
                *dict.fromkeys(self._notes),
                *dict.fromkeys(self.variables.notes),
                *settled.notes,
            ),
        )

    def _declare(self, holder: Json, depth: int) -> None:
        """Variables and scripts of a folder or request, then those inside of it."""
        self.variables.declare(holder, "variable")
        self._scripts[id(holder)] = tuple(self._scripts_of(holder))
        if depth < _DEEPEST:
            for each in objects(holder, "item"):
                self._declare(each, depth + 1)

    def _scripts_of(self, holder: Json) -> Iterator[Script]:
        for event in objects(holder, "event"):
            source = object_of(event, "script").get("exec")
            lines = source.split("\n") if isinstance(source, str) else elements(source)
            code = "\n".join(line for line in lines if isinstance(line, str))
            if not code.strip() or event.get("disabled") is True:
                continue
            script = read_script(code)
            for name, origin in script.sets.items():
                self.variables.set_made(name, origin)
            for name, template in script.templates.items():
                self._set_template(name, template)
            when = "before" if text(event, "listen") == "prerequest" else "after"
            name = clean(text(holder, "name"), self._title)
            if script.left:
                self._notes.append(
                    f"The script {when} {name!r} is not run; not translated of it: "
                    + " ⏎ ".join(clean(line, "…") for line in script.left)
                )
            if when == "after":
                yield script
            elif script.extracts or script.expects:
                self._notes.append(
                    f"The script before {name!r} reads an answer of its own, which is left out."
                )

    def _set_template(self, name: str, template: str) -> None:
        if self.variables.value(name) is None:
            self.variables.set(name, template)

    def _all_scripts(self) -> Iterator[Script]:
        for scripts in self._scripts.values():
            yield from scripts

    def _inherited(self, holder: Json, above: _Inherited) -> _Inherited:
        auth = holder.get("auth")
        name = clean(text(holder, "name"), "")
        return _Inherited(
            path=(*above.path, name) if name else above.path,
            auth=auth if isinstance(auth, dict) else above.auth,
            tests=(*above.tests, *self._scripts.get(id(holder), ())),
        )

    def _items(self, holder: Json, above: _Inherited) -> tuple[Item, ...]:
        items: list[Item] = []
        for each in objects(holder, "item"):
            inherited = self._inherited(each, above)
            if "item" in each:
                if len(inherited.path) > _DEEPEST:
                    self._notes.append(f"Folders more than {_DEEPEST} deep are left out.")
                    continue
                inner = self._items(each, inherited)
                if inner:
                    items.append(Group(clean(text(each, "name"), "folder"), inner))
            elif (call := self._call(each, inherited)) is not None:
                items.append(call)
        return tuple(items)

    def _call(self, holder: Json, inherited: _Inherited) -> Call | None:
        declared = holder.get("request")
        request = {"url": declared} if isinstance(declared, str) else object_of(holder, "request")
        name = clean(text(holder, "name"), text(request, "method") or "request")
        where = " / ".join((*inherited.path[:-1], name))

        def note(said: str) -> None:
            self._notes.append(f"{where}: {said}.")

        auth = request.get("auth")
        chosen = auth if isinstance(auth, dict) else inherited.auth
        credentials = credentials_of(chosen, self.variables, self._environment, note)
        behavior = object_of(holder, "protocolProfileBehavior")
        request = {**request, "protocolProfileBehavior": behavior}
        call = self._requests.call(self._names.new(name), request, credentials, note)
        if call is None:
            note("it has no address, and is left out")
            return None
        extracts = [each for script in inherited.tests for each in script.extracts]
        expects = [each for script in inherited.tests for each in script.expects]
        return with_checks(call, extracts, expects)

    def _journeys(self, items: tuple[Item, ...]) -> tuple[Journey, ...]:
        folders = [item for item in items if isinstance(item, Group)]
        if len(folders) < 2 or _needs_order(items):
            if len(items) == 1 and folders:
                return (Journey(name=folders[0].name, weight=1.0, items=folders[0].items),)
            return (Journey(name=self._title, weight=1.0, items=items),) if items else ()
        names = Names()
        loose = tuple(item for item in items if not isinstance(item, Group))
        journeys = [
            Journey(name=names.new(folder.name), weight=1.0, items=folder.items)
            for folder in folders
        ]
        if loose:
            journeys.append(Journey(name=names.new(self._title), weight=1.0, items=loose))
        self._notes.append(
            f"Each of the {len(journeys)} folders became a journey, all of the same weight: "
            f"set the weights to what your users do."
        )
        return tuple(journeys)


def _needs_order(items: tuple[Item, ...]) -> bool:
    """Whether a top item uses what an earlier one's answer fills."""
    filled: set[str] = set()
    for item in items:
        used: set[str] = set()
        fills: set[str] = set()
        for call in calls_in((item,)):
            values = [call.url, *(value for _, value in (*call.params, *call.headers))]
            values += [call.body.value if call.body else None, *(call.auth or ())]
            used |= {name for value in values for name in variables_in(value)} - fills
            fills |= {each.name for each in call.extracts}
        if used & filled:
            return True
        filled |= fills
    return False
