"""From a plan to a kernel: its configuration document and, for scenarios, its hooks.

The document's fields are those of `Config` in `crates/binding/src/config.rs`, which refuses others.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from perfwright._kernel import Kernel
from perfwright.load.error_notes import ErrorNotes
from perfwright.load.hold_place import locate
from perfwright.load.user import User
from perfwright.plan.replay import Recording
from perfwright.plan.scenario import UserFunction
from perfwright.plan.shapes import Shape
from perfwright.plan.test import Test
from perfwright.plan.test_plan import ScenarioSpec, UrlRequest

Group = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A worker's place among all, and the origin (monotonic ns) that all count from."""

    worker: int = 0
    workers: int = 1
    origin_ns: int = 0

    def share_of(self, whole: int | None) -> int | None:
        """This worker's part of a number that is split exactly; at least 1."""
        if whole is None:
            return None
        return max(1, whole // self.workers + (self.worker < whole % self.workers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What users are given: by `@setup`, and in `@teardown` the run's totals by step."""

    setup: Any = None
    totals: Mapping[str, Mapping[str, int]] | None = None


def url_kernel(
    test: Test, request: UrlRequest, place: Place, *, traces_per_s: float = 0.0
) -> Kernel:
    groups = [_group(shape, [(0, 1.0)]) for shape in test.load.values()]
    document = _document(test, groups, place, target=request.url, traces_per_s=traces_per_s)
    headers = {**test.headers, **dict(request.headers)}
    return Kernel.for_url(document, request.method, list(headers.items()), request.body or None)


def replay_kernel(
    test: Test, recording: Recording, place: Place, *, traces_per_s: float = 0.0
) -> Kernel:
    groups = [_group(shape, [(0, 1.0)]) for shape in test.load.values()]
    document = _document(test, groups, place, target=test.target, traces_per_s=traces_per_s)
    entries, text, steps = map(str, (recording.entries, recording.text, recording.steps))
    return Kernel.for_replay(document, entries, text, steps, list(test.headers.items()))


def scenario_kernel(
    test: Test,
    scenarios: tuple[ScenarioSpec, ...],
    user_start: UserFunction | None,
    place: Place,
    given: Given,
    notes: ErrorNotes,
    *,
    traces_per_s: float = 0.0,
) -> Kernel:
    groups = [
        _group(shape, [(i, s.weight) for i, s in enumerate(scenarios) if name in ("", s.name)])
        for name, shape in test.load.items()
    ]
    functions = [(spec.function, spec.name) for spec in scenarios]
    document = _document(test, groups, place, target=test.target, traces_per_s=traces_per_s)
    return _kernel(document, functions, user_start, test.seed, place, given, notes)


def single_kernel(
    test: Test,
    function: UserFunction,
    user_start: UserFunction | None,
    place: Place,
    given: Given,
    notes: ErrorNotes,
    *,
    trace: bool = False,
) -> Kernel:
    """For one user and one iteration of `function`: setup, teardown, `--once`."""
    once = {"model": "open", "process": "uniform", "segments": [[0, 0.5, 1, 1]]}
    group = {**once, "scenarios": [(0, 1.0)]}
    document = _document(test, [group], place, target=test.target, trace=trace)
    name = getattr(function, "__name__", "scenario")
    return _kernel(document, [(function, name)], user_start, test.seed, place, given, notes)


def _kernel(
    document: str,
    functions: list[tuple[UserFunction, str]],
    user_start: UserFunction | None,
    seed: int,
    place: Place,
    given: Given,
    notes: ErrorNotes,
) -> Kernel:
    def make_user(number: int) -> User:
        return User(
            session,
            number,
            id=place.worker + number * place.workers,
            seed=seed,
            setup=given.setup,
            totals=given.totals,
        )

    first = None if user_start is None else _first_iteration(user_start)
    thread = threading.get_ident()
    kernel = Kernel.for_scenarios(document, functions, first, make_user, notes.note, locate, thread)
    session = kernel.session
    return kernel


def _first_iteration(user_start: UserFunction) -> Callable[[UserFunction, User], Awaitable[None]]:
    async def first(scenario: UserFunction, user: User) -> None:
        await user_start(user)
        user._session.remember_cookies(user._number)
        await scenario(user)

    return first


def _group(shape: Shape, scenarios: list[tuple[int, float]]) -> Group:
    return {**shape.to_json(), "scenarios": scenarios}


def _document(
    test: Test,
    groups: list[Group],
    place: Place,
    *,
    target: str,
    traces_per_s: float = 0.0,
    trace: bool = False,
) -> str:
    return json.dumps(
        {
            "target": target,
            "headers": list(test.headers.items()),
            "groups": groups,
            "origin_ns": place.origin_ns,
            "seed": test.seed,
            "worker": place.worker,
            "workers": place.workers,
            "max_users": place.share_of(test.max_users),
            "connections": test.connections,
            "timeout_s": test.timeout_s,
            "connect_timeout_s": test.connect_timeout_s,
            "response_timeout_s": test.response_timeout_s,
            "grace_s": test.grace_s,
            "max_body_bytes": test.max_body_bytes,
            "insecure": test.insecure,
            "ca": _text(test.ca),
            "client_cert": _text(test.client_cert),
            "client_key": _text(test.client_key),
            "resolve": [[fixed.host, fixed.port, fixed.address] for fixed in test.resolve],
            "proxy": test.proxy,
            "allow_targets": list(test.allow_targets),
            "traces_per_s": traces_per_s,
            "trace": trace,
        }
    )


def _text(path: object) -> str | None:
    return None if path is None else str(path)
