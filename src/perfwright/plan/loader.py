"""Reads a test file: runs it once as a module and collects what it defines.

    shop.py ──► module ──► Test (one or none), @scenario…, @setup, @teardown, @user_start, feeders
                             + the command line's overrides ──► TestPlan

The parent and every worker load the same file in the same way. Its folder is put on `sys.path`, so
that it can import what lies beside it; what it prints goes to stderr. Every failure is a PlanError
that names file and line and shows of a traceback the user's part only.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from types import CodeType, ModuleType

from perfwright.model.errors import PlanError, UsageError
from perfwright.plan.feeders import collected_feeders
from perfwright.plan.overrides import Overrides, with_overrides
from perfwright.plan.scenario import Mark, Role, UserFunction, mark_of, written_at
from perfwright.plan.test import Test
from perfwright.plan.test_plan import ScenarioSpec, TestPlan
from perfwright.plan.unawaited import unawaited

_EXAMPLE = """\
    from perfwright import scenario

    @scenario
    async def visit(user):
        await user.get("/")"""


def load_test(
    path: str | Path,
    *,
    env: Mapping[str, str] | None = None,
    overrides: Overrides | None = None,
    settled: Test | None = None,
) -> TestPlan:
    """The plan of a test file; `env` is set in `os.environ` before the file runs. `settled`: the
    test that the parent made of the file's and the overrides, for its workers."""
    file = Path(path).resolve()
    if not file.is_file():
        raise PlanError(f"there is no test file {str(path)!r} (looked from {Path.cwd()})")
    code = file.read_bytes()
    os.environ.update(env or {})
    with collected_feeders() as feeders:
        module = _executed(file, code)
    forgotten = unawaited(code)
    if forgotten is not None:
        line, call = forgotten
        raise PlanError(
            f"{file.name}:{line}: {call}(…) is not awaited, so it does nothing; "
            f"write `await {call}(…)`"
        )
    marked = list(_marked_functions(module))
    found = _the_test(module, file)
    test = settled or with_overrides(found, overrides or Overrides())
    scenarios = _scenarios(marked, test, file)
    if not test.target:
        raise PlanError(f"{file.name}: no target; write Test(target='http://…') or give --target")
    running = {"", *(spec.name for spec in scenarios)}
    return TestPlan(
        test=test.replaced(load={n: shape for n, shape in test.load.items() if n in running}),
        path=file,
        scenarios=scenarios,
        setup=_the_one("setup", marked, file),
        teardown=_the_one("teardown", marked, file),
        user_start=_the_one("user_start", marked, file),
        feeders=tuple(feeders),
        source=code.decode(errors="replace"),
    )


def _executed(file: Path, code: bytes) -> ModuleType:
    """The module that the file makes, also in `sys.modules`."""
    module = ModuleType(_module_name(file))
    module.__file__ = str(file)
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    sys.modules[module.__name__] = module
    try:
        with redirect_stdout(sys.stderr):
            exec(compile(code, file, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        del sys.modules[module.__name__]
        if isinstance(error, (Exception, SystemExit)):
            raise PlanError(_explained(error, file)) from error
        raise
    return module


def _module_name(file: Path) -> str:
    """The file's own name, unless another module has it (a test file called `json.py`)."""
    taken = sys.modules.get(file.stem)
    mine = getattr(taken, "__file__", None) == str(file)
    if (taken is None or mine) and file.stem not in sys.stdlib_module_names:
        return file.stem
    return f"{file.stem} (test file)"


def _explained(error: BaseException, file: Path) -> str:
    if isinstance(error, SyntaxError):
        shown = "".join(traceback.format_exception_only(error)).rstrip()
        return f"{Path(error.filename or file).name}:{error.lineno or 1}: syntax error\n{shown}"
    steps = [
        step for step in traceback.walk_tb(error.__traceback__) if _is_in(step[0].f_code, file)
    ]
    where = f"{file.name}:{steps[-1][1]}" if steps else file.name
    if isinstance(error, UsageError):
        return f"{where}: {error}"
    if isinstance(error, SystemExit):
        return f"{where}: the file calls sys.exit; only define scenarios and a Test in it"
    inner = error.__traceback__
    while inner is not None and not _is_in(inner.tb_frame.f_code, file):
        inner = inner.tb_next
    shown = "".join(traceback.format_exception(type(error), error, inner)).rstrip()
    return f"{where}: the file fails when it is run\n{shown}"


def _is_in(code: CodeType, file: Path) -> bool:
    return code.co_filename == str(file)


def _the_test(module: ModuleType, file: Path) -> Test:
    tests = {id(value): name for name, value in vars(module).items() if isinstance(value, Test)}
    if len(tests) > 1:
        raise PlanError(
            f"{file.name}: one Test per file, but there are {', '.join(tests.values())}"
        )
    return next((value for value in vars(module).values() if isinstance(value, Test)), Test())


def _marked_functions(module: ModuleType) -> Iterator[tuple[Mark, UserFunction]]:
    """Each decorated function once, in the order of the module's names."""
    seen: set[int] = set()
    for value in vars(module).values():
        mark = mark_of(value)
        if mark is not None and id(value) not in seen:
            seen.add(id(value))
            yield mark, value


def _scenarios(
    marked: list[tuple[Mark, UserFunction]], test: Test, file: Path
) -> tuple[ScenarioSpec, ...]:
    """Those that will run: all, or what the test lists, or what has a load of its own."""
    found: dict[str, ScenarioSpec] = {}
    for mark, function in marked:
        if mark.role != "scenario":
            continue
        if mark.name in found:
            both = f"{written_at(found[mark.name].function)} and {written_at(function)}"
            raise PlanError(f"two scenarios are called {mark.name!r}: {both}")
        found[mark.name] = ScenarioSpec(name=mark.name, weight=mark.weight, function=function)
    if not found:
        raise PlanError(f"{file.name}: there is no scenario in it; write one like\n\n{_EXAMPLE}")
    named = [name for name in test.load if name]
    for field, names in (("load", named), ("scenarios", test.scenarios or ())):
        for name in names:
            if name not in found:
                raise PlanError(
                    f"{file.name}: {field}: there is no scenario {name!r}, only {', '.join(found)}"
                )
    running = tuple(
        spec
        for name, spec in found.items()
        if (test.scenarios is None or name in test.scenarios) and (not named or name in named)
    )
    if not running:
        raise PlanError(f"{file.name}: load, scenarios: they name no scenario in common")
    return running


def _the_one(
    role: Role, marked: list[tuple[Mark, UserFunction]], file: Path
) -> UserFunction | None:
    functions = [function for mark, function in marked if mark.role == role]
    if len(functions) > 1:
        places = " and ".join(map(written_at, functions))
        raise PlanError(f"{file.name}: one @{role} per file, but there are two: {places}")
    return functions[0] if functions else None
