"""`write_scenario`: a draft as a test file that is meant to be read, run and edited.

    docstring      what it is of, where from, what could not be translated
    imports        as many as the rest needs
    constants      environment, data, patterns
    helpers        small functions, each only where it is used
    steps, tables  of walks
    scenarios      one `async def` each
    test           target, load, objectives

The file always parses and passes `ruff check` and `ruff format --check` in ruff's default
configuration, whatever the draft holds: names become identifiers (`names.py`), everything else of
strangers becomes literals (`literals.py`), and `layout.py` breaks lines as ruff does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perfwright.export.scenario_file.context import START, STEPS, FileContext
from perfwright.export.scenario_file.data_files import CleanFile
from perfwright.export.scenario_file.flow import extracted, surely_filled, used_early
from perfwright.export.scenario_file.helpers import IMPORTS, helper_sources, types_source
from perfwright.export.scenario_file.items import write_items
from perfwright.export.scenario_file.layout import Atom, Block, call
from perfwright.export.scenario_file.literals import WIDTH, quoted, rounded
from perfwright.export.scenario_file.loads import write_test
from perfwright.export.scenario_file.names import slug, unique
from perfwright.export.scenario_file.prose import comment_lines, prose, wrapped
from perfwright.export.scenario_file.scope import Scope
from perfwright.export.scenario_file.tidying import Tidier
from perfwright.export.scenario_file.walks import (
    carried,
    function_names,
    table_name,
    used_steps,
    write_step,
    write_table,
)
from perfwright.model.calls import calls_of
from perfwright.model.journey import DraftLoad, Item, Journey, ScenarioDraft, Walk

MOST_NOTES = 12
_ORDERS = {
    "sequential": "",
    "shuffled": ".shuffled(seed=1)",
    "random": ".random(seed=1)",
    "weighted": '.weighted(by="weight", seed=1)',
}

_TOO_DEEP = "what was nested too deeply stands there without its conditions"
_EMPTY_SCENARIO = """\
@scenario
async def visit(user: User) -> None:
    await user.get("/")"""


def write_scenario(draft: ScenarioDraft) -> str:
    """The text of `scenario.py`."""
    tidier = Tidier()
    journeys = tuple(replace(one, items=tidier.tidied(one.items)) for one in draft.journeys)
    start = tidier.tidied(draft.user_start)
    notes = (*draft.notes, *([_TOO_DEEP] if tidier.was_cut else []))
    tidy = replace(draft, journeys=journeys, user_start=start, notes=notes)
    first = FileContext(tidy)
    _written(first)
    return _written(FileContext(tidy, said=frozenset(first.says)))


def _written(file: FileContext) -> str:
    draft = file.draft
    extractions = [extraction for call in calls_of(draft) for extraction in call.extracts]
    file.any_json = frozenset(
        one.name for one in extractions if one.source == "json" and not one.pattern
    )
    learnt = extracted(draft.user_start)
    file.learnt = frozenset(name for name in learnt if file.is_said(START, name))
    sections = [*_walk_sections(file), *_user_start(file), *_journeys(file)]
    test, imported = write_test(file, _own_loads(draft))
    if draft.user_start:
        imported.add("user_start")
    if not (draft.walks or draft.journeys):
        file.note("there is nothing to do in the source: write a scenario")
        sections.append(_EMPTY_SCENARIO)
    imported |= {"scenario", "User"} | ({"csv"} if file.feeders else set())
    helpers = helper_sources(file.needs, remembers=file.has_memory)
    top = "\n\n".join([_docstring(file), _imports(file, imported), *_constants(file)])
    return "\n\n\n".join([top, *helpers, *sections, test.text]) + "\n"


def _walk_sections(file: FileContext) -> list[str]:
    """Steps, tables and scenarios of the walks."""
    draft = file.draft
    if not draft.walks:
        return []
    steps = used_steps(draft.walks, draft.steps)
    fills = extracted(tuple(steps.values()))
    file.remembered = frozenset(name for name in fills if file.is_said(STEPS, name))
    file.carried = frozenset(carried(steps.values()) - file.remembered - file.learnt)
    file.needs.add("walk")
    functions = function_names(tuple(steps), file)
    sections = [write_step(step, functions[name], file).text for name, step in steps.items()]
    names = _scenario_names([walk.name for walk in draft.walks])
    for walk, shown in zip(draft.walks, names, strict=True):
        table = table_name(walk, file)
        block = write_table(walk, table, functions, file)
        sections.append(block.text)
        body = Block(depth=1)
        body.line(f"await walk(user, {table})")
        sections.append(_scenario(shown, walk, body, file))
    return sections


def _journeys(file: FileContext) -> list[str]:
    sections = []
    journeys = file.draft.journeys
    walks = [walk.name for walk in file.draft.walks]
    names = _scenario_names([*walks, *(journey.name for journey in journeys)])[len(walks) :]
    for journey, shown in zip(journeys, names, strict=True):
        body = _function_body(journey.items, Scope(file, f"journey {shown}"), journey.name)
        sections.append(_scenario(shown, journey, body, file))
    return sections


def _own_loads(draft: ScenarioDraft) -> dict[str, DraftLoad]:
    """By what reports call the scenarios."""
    if not draft.has_own_loads:
        return {}
    names = _scenario_names([journey.name for journey in draft.journeys])
    loads = [journey.load for journey in draft.journeys]
    return {name: load for name, load in zip(names, loads, strict=True) if load is not None}


def _user_start(file: FileContext) -> list[str]:
    """`@user_start`, which keeps what it learns by user, since its locals end with it."""
    items = file.draft.user_start
    if not items:
        return []
    learnt, file.learnt = file.learnt, frozenset()
    scope = Scope(file, START)
    for name in sorted(learnt - surely_filled(items)):
        scope.define_early(name)
    body = _function_body(items, scope, "start")
    if learnt:
        body.lines.insert(0, "    learnt[user.id] = {}")
        for name in sorted(learnt):
            body.line(f"learnt[user.id][{file.key(name)}] = {scope.define(name)}")
        file.needs.add("any")
    file.learnt = learnt
    function = file.names.take("start", suffix="user")
    block = Block()
    block.line("@user_start")
    block.line(f"async def {function}(user: User) -> None:")
    block.lines.extend(body.lines)
    return [block.text]


def _function_body(items: Sequence[Item], scope: Scope, name: str) -> Block:
    for variable in used_early(items):
        scope.define_early(variable)
    inner = Block(depth=1)
    write_items(items, scope, inner, name)
    body = Block(depth=1)
    scope.write_top(body)
    body.lines.extend(inner.lines or ["    pass"])
    return body


def _scenario(shown: str, item: Walk | Journey, body: Block, file: FileContext) -> str:
    function = file.names.take(slug(shown, "journey"), suffix="journey")
    weight = Atom(rounded(item.weight, 3)) if 0 < item.weight < 1e12 else Atom("1")
    if not item.weight > 0:
        file.note(f"the weight of {prose(shown, 60)} was not above zero: it is 1")
    block = Block()
    if isinstance(item, Journey):
        for line in comment_lines(item.comment):
            block.line(line)
    name = None if shown == function else Atom(quoted(shown), quoted(shown, ascii_only=True))
    block.statement("@", call("scenario", weight=weight, name=name))
    block.line(f"async def {function}(user: User) -> None:")
    block.lines.extend(body.lines)
    return block.text


def _scenario_names(names: Sequence[str]) -> list[str]:
    """What reports call scenarios: as in the source, on one line, each once."""
    return unique(prose(name, 80) or "journey" for name in names)


def _docstring(file: FileContext) -> str:
    draft = file.draft
    title = prose(draft.title, 200) or "A test"
    lines = wrapped(title if title.endswith((".", "!", "?")) else f"{title}.", first='"""')
    sources = ", ".join(prose(source, 120) for source in draft.sources[:5])
    more = f" and {len(draft.sources) - 5} more" if len(draft.sources) > 5 else ""
    origin = f" from {sources}{more}" if sources else ""
    lines += ["", *wrapped(f"Written by `perfwright plan`{origin}. It is yours now: edit it.")]
    notes = [prose(note) for note in (*draft.notes, *file.notes)]
    notes = list(dict.fromkeys(filter(None, notes)))
    if notes:
        lines += ["", "Left out, or guessed:"]
        for note in notes[:MOST_NOTES]:
            lines += wrapped(note, first="- ", later="  ")
        if len(notes) > MOST_NOTES:
            lines.append(f"- and {len(notes) - MOST_NOTES} more: see the test plan")
    return "\n".join([*lines, '"""'])


def _imports(file: FileContext, ours: set[str]) -> str:
    """Standard library first, then perfwright; each sorted as isort does."""
    wanted = {entry for need in file.needs for entry in IMPORTS.get(need, ())}
    wanted |= {f"perfwright.{name}" for name in ours}
    if file.has_memory:
        wanted.add("typing.Any")
    plain = sorted(entry for entry in wanted if entry.startswith("import "))
    from_: dict[str, list[str]] = {}
    for entry in wanted - set(plain):
        module, _, name = entry.rpartition(".")
        from_.setdefault(module, []).append(name)
    own = from_.pop("perfwright")
    standard = [f"from {module} import {_listed(names)}" for module, names in sorted(from_.items())]
    groups = ["\n".join([*plain, *standard]), f"from perfwright import {_listed(own)}"]
    return "\n\n".join(filter(None, groups))


def _listed(names: list[str]) -> str:
    """As isort orders them: constants, classes, then the rest."""
    return ", ".join(sorted(names, key=lambda name: (not name.isupper(), name.islower(), name)))


def _constants(file: FileContext) -> list[str]:
    """What stands between imports and functions, one group a kind."""
    groups: dict[str, list[str]] = {}
    for (kind, _), (_, block) in file.constants.items():
        groups.setdefault(kind, []).append(block.text)
    sections = ["\n".join(groups[kind]) for kind in ("environment", "text") if kind in groups]
    feeders = [_feeder_line(feeder, file.files[name]) for name, feeder in file.feeders.items()]
    if feeders:
        sections.append("\n".join(feeders))
    sections += ["\n".join(groups[kind]) for kind in ("pattern", "quantiles") if kind in groups]
    if file.learnt:
        sections.append("learnt: dict[int, dict[str, Any]] = {}  # by each user's start")
    if "walk" in file.needs:
        sections.append(types_source(remembers=file.has_memory))
    return sections


def _feeder_line(feeder: str, data: CleanFile) -> str:
    unique_ = ".unique()" if data.unique and data.order in ("sequential", "shuffled") else ""
    reading, order = f"{feeder} = csv({quoted(data.path)})", _ORDERS[data.order]
    if len(reading + order + unique_) <= WIDTH:
        return f"{reading}{order}{unique_}"
    if unique_:
        name, _, read = reading.partition(" = ")
        return f"{name} = (\n    {read}{order}{unique_}\n)"
    method, _, arguments = order.partition("(")
    return f"{reading}{method}(\n    {arguments[:-1]}\n)"
