"""A test plan as a draft: walks its tree, thread group by thread group.

TestPlan ┬ settings                      declared first, for the whole plan
         ├ setUp Thread Group            once a user, before anything else
         ├ Thread Group ┬ controller     a journey with a load of its own
         │              └ HTTP Request
         ├ tearDown Thread Group         told: what @teardown is for
         └ Test Fragment                 where a Module Controller points to it
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from perfwright.model.errors import DataError
from perfwright.model.journey import (
    DraftLoad,
    Expectation,
    Extraction,
    FromData,
    Item,
    Journey,
    ScenarioDraft,
)
from perfwright.sources.drafting.flow import settle
from perfwright.sources.drafting.items import with_checks
from perfwright.sources.drafting.names import Names, clean
from perfwright.sources.drafting.secrets import Environment
from perfwright.sources.drafting.targets import with_target
from perfwright.sources.jmx import settings
from perfwright.sources.jmx.assertions import expectations_of
from perfwright.sources.jmx.controllers import CONTROLLERS, items_of
from perfwright.sources.jmx.data_files import beside
from perfwright.sources.jmx.extractors import extractions_of
from perfwright.sources.jmx.ledger import Ledger
from perfwright.sources.jmx.loads import GroupLoad, draft_load, load_of
from perfwright.sources.jmx.requests import HTTP_SAMPLERS, Requests
from perfwright.sources.jmx.scope import ASSERTIONS, EXTRACTORS, SCOPED, TIMERS, Scope
from perfwright.sources.jmx.timers import constant_pause, pause_of
from perfwright.sources.jmx.tree import Element, Property, read_tree
from perfwright.sources.jmx.variables import Variables

_AROUND = ("SetupThreadGroup", "PostThreadGroup")
_DEEPEST = 60
_MOST_CALLS = 50_000
_REFERENCE = re.compile(r"\$\{\s*([^}_$(][^}$(]{0,100})\}")
_SCRIPT = re.compile(r"JSR223|BeanShell|BSF|Groovy|JavaScript|JEXL", re.IGNORECASE)


@dataclass(slots=True)
class _Walk:
    """`once`: what is done once a user. `may_be_once`: whether such things can be taken out of
    the journey here. `within`: elements that are being walked, so that no module holds itself."""

    may_be_once: bool = False
    once: list[Item] = field(default_factory=list)
    within: tuple[Element, ...] = ()


class Plan:
    def __init__(self, path: Path, roots: list[Element]) -> None:
        self._path = path
        self._roots = roots
        plans = [each for each in roots if each.kind == "TestPlan"]
        named = plans[0].name if plans else ""
        self._title = clean(path.stem, "Test Plan") if named in ("", "Test Plan") else named
        self._ledger = Ledger()
        self._environment = Environment()
        self._variables = Variables(
            self._environment, self._ledger.note, self._title, _names_used(roots)
        )
        self._requests = Requests(self._variables, self._environment, self._ledger)
        self._names = Names()
        self._extractions: dict[Element, tuple[Extraction, ...]] = {}
        self._expectations: dict[Element, tuple[Expectation, ...]] = {}
        self._calls = 0
        self._in_turn = any(each.flag("TestPlan.serialize_threadgroups") for each in plans)

    def draft(self) -> ScenarioDraft:
        self._read_settings(self._roots)
        groups = [(group, scope) for group, scope in self._groups() if _is_group(group)]
        usual = [group for group, _ in groups if group.kind not in _AROUND]
        start, journeys, loads = self._walked(groups, alone=len(usual) == 1)
        self._tell_tear_down([group for group, _ in groups if group.kind == "PostThreadGroup"])
        journeys, start, target, target_notes = with_target(
            journeys, start, self._variables.value, self._environment
        )
        settled = settle(journeys, start, self._variables.known, self._environment)
        used = {
            variable.origin.file
            for variable in settled.variables
            if isinstance(variable.origin, FromData)
        }
        load = self._load(loads)
        notes = (*self._ledger.close(self._roots), *target_notes, *settled.notes)
        return ScenarioDraft(
            title=self._title,
            sources=(self._path.name,),
            target=target,
            journeys=settled.journeys,
            user_start=settled.user_start,
            variables=settled.variables,
            data=tuple(file for file in self._variables.files if file.name in used),
            load=load,
            notes=tuple(dict.fromkeys(notes)),
        )

    # What is declared.

    def _read_settings(self, roots: list[Element]) -> None:
        for element in settings.active(roots):
            settings.declare(element, self._path.parent, self._variables, self._ledger)
        for element in settings.active(roots):
            if element.kind in EXTRACTORS:
                found = tuple(extractions_of(element, self._variables, self._ledger))
                self._extractions[element] = found
            elif element.kind in ASSERTIONS:
                checks = tuple(expectations_of(element, self._variables, self._ledger))
                self._expectations[element] = checks
            elif element.kind in TIMERS:
                self._ledger.translated(element)
        every = [each for found in self._extractions.values() for each in found]
        for each in every:
            self._variables.alias(f"{each.name}_1", each.name)
            self._variables.alias(f"{each.name}_g1", each.name)
        for loop in settings.active(roots):
            if loop.kind == "ForeachController":
                first = f"{loop.text('ForeachController.inputVal')}_1"
                self._variables.alias(loop.text("ForeachController.returnVal"), first)
        self._requests.typed |= {each.name for each in every if each.source == "json"}

    def _groups(self) -> Iterator[tuple[Element, Scope]]:
        for root in self._roots:
            if root.enabled:
                scope = Scope().within(root)
                yield from ((each, scope) for each in root.children if each.enabled)

    # What is done.

    def _walked(
        self, groups: list[tuple[Element, Scope]], *, alone: bool
    ) -> tuple[tuple[Item, ...], tuple[Journey, ...], list[tuple[Element, GroupLoad]]]:
        start: list[Item] = []
        journeys: list[Journey] = []
        loads: list[tuple[Element, GroupLoad]] = []
        names = Names()
        for group, scope in groups:
            self._ledger.translated(group)
            if group.kind == "PostThreadGroup":
                continue
            walk = _Walk(may_be_once=alone)
            items = self._children(group, scope, walk)
            if group.kind == "SetupThreadGroup":
                self._ledger.told(group, "runs once a test: the test does it once a user")
                start += (*walk.once, *items)
                continue
            start += walk.once
            if not items:
                self._ledger.told(group, "has no requests that can be translated: left out")
                continue
            load = load_of(group, self._variables)
            if self._in_turn and loads:
                load = load.later(loads[-1][1].end_s)
            loads.append((group, load))
            own = draft_load([load], f"JMeter's {group.name!r}.")
            journeys.append(
                Journey(name=names.new(group.name), weight=load.peak, items=items, load=own)
            )
        return tuple(start), tuple(journeys), loads

    def _children(self, parent: Element, scope: Scope, walk: _Walk) -> tuple[Item, ...]:
        return tuple(item for _, way in self._ways(parent, scope, walk) for item in way)

    def _ways(
        self, parent: Element, scope: Scope, walk: _Walk
    ) -> tuple[tuple[Element, tuple[Item, ...]], ...]:
        """What each child that is done comes to."""
        if len(walk.within) >= _DEEPEST or parent in walk.within or self._calls > _MOST_CALLS:
            self._ledger.told(parent, "is nested too deep, holds itself, or is too large: cut off")
            return ()
        inner_scope = scope.within(parent)
        inner = replace(walk, within=(*walk.within, parent))
        found = []
        for child in parent.children:
            if child.enabled and child.kind not in SCOPED:
                found.append((child, self._item(child, inner_scope, inner)))
        return tuple(each for each in found if each[0].kind in CONTROLLERS or each[1])

    def _item(self, element: Element, scope: Scope, walk: _Walk) -> tuple[Item, ...]:
        kind = element.kind
        if kind in HTTP_SAMPLERS:
            return self._call(element, scope)
        if kind == "TestAction":
            return self._action(element, scope)
        if kind == "OnceOnlyController":
            return self._once(element, scope, walk)
        if kind in ("ModuleController", "IncludeController"):
            return self._pointed(element, scope, walk)
        if kind in CONTROLLERS:
            keeps = kind in ("GenericController", "TransactionController", "RecordingController")
            inner = walk if keeps else replace(walk, may_be_once=False)
            ways = self._ways(element, scope, inner)
            return items_of(element, ways, self._variables, self._ledger)
        return self._unknown(element, scope, walk)

    def _call(self, sampler: Element, scope: Scope) -> tuple[Item, ...]:
        self._ledger.translated(sampler)
        self._calls += 1
        own = scope.within(sampler)
        name = self._names.new(sampler.name)
        extracts = [each for e in own.of(EXTRACTORS) for each in self._extractions.get(e, ())]
        expects = [each for e in own.of(ASSERTIONS) for each in self._expectations.get(e, ())]
        call = with_checks(self._requests.call(sampler, name, own), extracts, expects)
        for child in sampler.children:
            if child.enabled and child.kind not in SCOPED:
                self._unknown(child, own, _Walk())
        return (*self._pauses(own), call)

    def _pauses(self, scope: Scope) -> tuple[Item, ...]:
        pauses = (pause_of(timer, self._variables) for timer in scope.of(TIMERS))
        return tuple(pause for pause in pauses if pause is not None)

    def _action(self, element: Element, scope: Scope) -> tuple[Item, ...]:
        self._ledger.translated(element)
        if element.text("ActionProcessor.action", "1") != "1":
            self._ledger.told(element, "stops a thread or the test, which is left out")
            return ()
        own = self._pauses(scope.within(element))
        pause = constant_pause(element.text("ActionProcessor.duration", "0"), self._variables)
        return (*own, pause) if pause is not None else own

    def _once(self, element: Element, scope: Scope, walk: _Walk) -> tuple[Item, ...]:
        self._ledger.translated(element)
        items = self._children(element, scope, replace(walk, may_be_once=False))
        if walk.may_be_once:
            walk.once.extend(items)
            return ()
        if items:
            self._ledger.told(element, "is done once a thread: the test does it in each iteration")
        return items

    def _pointed(self, element: Element, scope: Scope, walk: _Walk) -> tuple[Item, ...]:
        if element.kind == "ModuleController":
            names = [clean(each.text, "?") for each in element.rows("ModuleController.node_path")]
            target = self._named(names)
            shown = " / ".join(names)
        else:
            shown = self._variables.literal(element.text("IncludeController.includepath")) or ""
            target = self._included(element, shown)
        if target is None:
            self._ledger.told(element, f"points to {clean(shown, '?')!r}, which is not there")
            return ()
        self._ledger.translated(element)
        self._ledger.translated(target)
        return (
            self._item(target, scope, walk)
            if target.kind in CONTROLLERS
            else self._children(target, scope, walk)
        )

    def _named(self, names: list[str]) -> Element | None:
        """An element by the names from the root; the first one may be JMeter's hidden root."""
        for start in (names, names[1:]):
            found = [each for each in self._roots if start and each.name == start[0]]
            for name in start[1:]:
                found = [c for each in found for c in each.children if c.name == name]
            if found:
                return found[0]
        return None

    def _included(self, element: Element, named: str) -> Element | None:
        path = beside(self._path.parent, named)
        known = next((e for e in self._roots if e.properties.name == f"included {path}"), None)
        if path is None or known is not None:
            return known
        try:
            roots = read_tree(path)
        except DataError as error:
            self._ledger.told(element, f"points to a file that cannot be read ({error})")
            return None
        holder = Element(
            "TestFragmentController", "", clean(path.name, "file"), element.path, True,
            Property(f"included {path}"), [],
        )  # fmt: skip
        fragments = [each for root in roots for each in root.inside() if _is_fragment(each)]
        holder.children = fragments or roots
        self._roots = [*self._roots, holder]
        self._ledger.translated(holder)
        self._read_settings([holder])
        return holder

    def _unknown(self, element: Element, scope: Scope, walk: _Walk) -> tuple[Item, ...]:
        """What has no translation is told; requests under it are kept."""
        if element.kind == "TestFragmentController":
            self._ledger.translated(element)
            if element in walk.within or any(_is_group(each) for each in walk.within[-1:]):
                return ()
            return self._children(element, scope, walk)
        if not self._ledger.knows(element):
            script = _SCRIPT.search(element.kind) is not None
            what = "is a script, which is not run" if script else "is not translated"
            self._ledger.told(element, what)
        return self._children(element, scope, walk) if element.children else ()

    # What it comes to.

    def _tell_tear_down(self, groups: list[Element]) -> None:
        for group in groups:
            for element in settings.active([group]):
                self._ledger.translated(element)
            requests = [e.name for e in settings.active([group]) if e.kind in HTTP_SAMPLERS]
            told = ", ".join(requests[:10]) or "nothing"
            self._ledger.told(group, f"runs after the test ({told}): write it as @teardown")

    def _load(self, loads: list[tuple[Element, GroupLoad]]) -> DraftLoad | None:
        """What the groups come to together; of two kinds of them, those of the more usual one."""
        if not loads:
            return None
        open_ones = sum(load.kind == "arrivals" for _, load in loads)
        kind = "arrivals" if 2 * open_ones > len(loads) else "users"
        chosen = [(group, load) for group, load in loads if load.kind == kind]
        for group, load in loads:
            if load.why:
                self._ledger.told(group, f"has a load that is guessed: {load.why}")
            if load.kind != kind:
                self._ledger.told(
                    group,
                    f"is a load of {load.kind}, the others of {kind}: the written plan counts the "
                    f"others only",
                )
        if len(loads) > 1:
            self._ledger.note(
                f"Each of {len(loads)} thread groups has its own load; where one for all takes "
                f"their place (--users, --rate), journeys are drawn by their groups' peaks."
            )
        names = ", ".join(repr(group.name) for group, _ in chosen[:5])
        return draft_load([load for _, load in chosen], f"JMeter's {names}.")


def _is_group(element: Element) -> bool:
    return element.kind.endswith("ThreadGroup")


def _is_fragment(element: Element) -> bool:
    return element.kind == "TestFragmentController" and element.enabled


def _names_used(roots: list[Element]) -> set[str]:
    """The names in all `${…}` of a plan, and what its elements fill."""
    names: set[str] = set()
    waiting = [each.properties for root in roots for each in root.inside()]
    while waiting:
        found = waiting.pop()
        names.update(match.strip() for match in _REFERENCE.findall(found.text[:100_000]))
        names.add(found.text[:100] if found.name.endswith(("name", "Name", "NAME")) else "")
        waiting += found.inner
    return names
