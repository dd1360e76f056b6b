"""Elements that declare: variables, data files, counters, random variables, managers.

They are read before any sampler, from the whole plan, for a variable's value may stand below the
place where it is used. Of two declarations of one variable the last one counts, as in JMeter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from perfwright.model.journey import DataFile, FromData, Made
from perfwright.sources.drafting.names import clean
from perfwright.sources.jmx.data_files import CSV_KINDS, read_data
from perfwright.sources.jmx.ledger import Ledger
from perfwright.sources.jmx.requests import is_http_defaults
from perfwright.sources.jmx.tree import Element, Property
from perfwright.sources.jmx.variables import Variables

_REPORTS = frozenset(
    {
        "ResultCollector", "Summariser", "DebugPostProcessor", "DebugSampler", "ProxyControl",
        "HttpMirrorControl", "WorkBench", "BackendListener", "PerfMonCollector",
        "CorrectedResultCollector", "MailerResultCollector", "ResultSaver",
    }
)  # fmt: skip
_UNTRANSLATED = {
    "ConstantThroughputTimer": "paces threads to a throughput: see Test(load=arrivals(…))",
    "PreciseThroughputTimer": "paces threads to a throughput: see Test(load=arrivals(…))",
    "VariableThroughputTimer": "shapes the throughput: see Test(load=arrivals(…))",
    "SyncTimer": "lets threads go all at once: see the kind of test called spike",
    "CacheManager": "caches answers as a browser does: the test fetches each time",
    "DNSCacheManager": "keeps names' addresses: see Test(resolve=…)",
}
_PLAN_VARIABLES = ("TestPlan.user_defined_variables", "Arguments.arguments")
_MOST_ROWS = 10_000


def active(elements: list[Element]) -> Iterator[Element]:
    """All enabled elements that stand under enabled ones, in order."""
    waiting = list(reversed(elements))
    while waiting:
        element = waiting.pop()
        if element.enabled:
            yield element
            waiting += reversed(element.children)


def declare(element: Element, folder: Path, variables: Variables, ledger: Ledger) -> None:
    """Reads an element if it is one that declares; others are left for the walk."""
    if element.kind in CSV_KINDS:
        read_data(element, folder, variables, ledger)
    elif element.kind in _REPORTS or element.kind.endswith(("Visualizer", "Listener", "Gui")):
        _report(element, ledger)
    elif element.kind in _UNTRANSLATED:
        ledger.told(element, _UNTRANSLATED[element.kind])
    elif element.kind in _DECLARED:
        _DECLARED[element.kind](element, variables, ledger)


def _report(element: Element, ledger: Ledger) -> None:
    if element.kind in ("JSR223Listener", "BeanShellListener"):
        ledger.told(element, "is a script, which is not run")
    else:
        ledger.needless(element)


def _plan(element: Element, variables: Variables, ledger: Ledger) -> None:
    _arguments(element.rows(*_PLAN_VARIABLES), variables)
    ledger.translated(element)


def _user_defined(element: Element, variables: Variables, ledger: Ledger) -> None:
    _arguments(element.rows("Arguments.arguments"), variables)
    ledger.translated(element)


def _arguments(rows: list[Property], variables: Variables) -> None:
    for row in rows:
        name = row.get("Argument.name").text.strip() or row.name.strip()
        if name:
            variables.declare(name, row.get("Argument.value").text)


def _user_parameters(element: Element, variables: Variables, ledger: Ledger) -> None:
    """A pre-processor that gives each thread its own values: rows of a file."""
    names = [row.text.strip() for row in element.rows("UserParameters.names")]
    rows = [
        tuple((*(cell.text for cell in row.inner), *[""] * len(names))[: len(names)])
        for row in element.rows("UserParameters.thread_values")[:_MOST_ROWS]
    ]
    if not names or not rows:
        ledger.told(element, "has no values, and is left out")
        return
    file = variables.new_file_name(element.name)
    columns = tuple(names)
    variables.files.append(DataFile(name=file, columns=columns, rows=rows, order="sequential"))
    for name in names:
        variables.fill(name, FromData(file, name))
    ledger.translated(element)


def _counter(element: Element, variables: Variables, ledger: Ledger) -> None:
    name = element.text("CounterConfig.name")
    if not name:
        ledger.told(element, "names no variable, and is left out")
        return
    start = int(variables.number(element.text("CounterConfig.start", "0"), 0.0))
    step = int(variables.number(element.text("CounterConfig.incr", "1"), 1.0)) or 1
    end = int(variables.number(element.text("CounterConfig.end", "1e11"), 1e11))
    variables.count(name, start, step, end)
    ledger.translated(element)
    if element.flag("CounterConfig.per_user"):
        ledger.told(element, "counts for each user by itself: the test's counter is one for all")
    if element.text("CounterConfig.format"):
        shape = clean(element.text("CounterConfig.format"), "?")
        ledger.told(element, f"writes numbers as {shape!r}: they are written as they are")


def _random(element: Element, variables: Variables, ledger: Ledger) -> None:
    name = element.text("variableName")
    low = variables.number(element.text("minimumValue", "0"), 0.0)
    high = variables.number(element.text("maximumValue", "0"), low)
    if not name:
        ledger.told(element, "names no variable, and is left out")
        return
    variables.fill(name, Made("integer", low, max(low, high)))
    ledger.translated(element)
    if re.sub(r"[0#]", "", element.text("outputFormat")):
        ledger.told(element, "writes a number with text around it: the number alone is sent")


def _defaults(element: Element, _: Variables, ledger: Ledger) -> None:
    if is_http_defaults(element):
        ledger.translated(element)
    else:
        ledger.told(element, f"sets defaults of another kind ({element.gui or '?'}): left out")


def _translated(element: Element, _: Variables, ledger: Ledger) -> None:
    ledger.translated(element)


def _cookies(element: Element, _: Variables, ledger: Ledger) -> None:
    ledger.translated(element)
    kept = element.text("CookieManager.clearEachIteration", "false") == "false"
    if kept and element.text("CookieManager.controlledByThreadGroup", "false") == "false":
        ledger.note("JMeter keeps cookies between iterations; the test begins each one without.")


_DECLARED: dict[str, Callable[[Element, Variables, Ledger], None]] = {
    "TestPlan": _plan,
    "Arguments": _user_defined,
    "UserParameters": _user_parameters,
    "CounterConfig": _counter,
    "RandomVariableConfig": _random,
    "ConfigTestElement": _defaults,
    "HeaderManager": _translated,
    "AuthManager": _translated,
    "CookieManager": _cookies,
}
