"""One user, one iteration, on a kernel of its own: `@setup`, `@teardown` and `--once`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from perfwright.load.error_notes import ErrorNotes
from perfwright.load.kernel_config import Given, Place, single_kernel
from perfwright.load.user import User
from perfwright.model.units import NS_PER_S
from perfwright.plan.scenario import UserFunction
from perfwright.plan.test import Test

_SLICE_NS = NS_PER_S // 10


@dataclass(slots=True)
class SingleRun:
    """`value`: what the function returned. `error`: its traceback, if it raised. `failed_requests`:
    one sentence each. `checks`: by name, passed and failed."""

    value: Any = None
    error: str | None = None
    checks: dict[str, dict[str, int]] = field(default_factory=dict)
    trace: list[tuple[Any, ...]] = field(default_factory=list)

    def failed_checks(self) -> list[str]:
        return [name for name, check in self.checks.items() if check["failed"]]


def run_single(
    test: Test,
    function: UserFunction,
    *,
    place: Place | None = None,
    user_start: UserFunction | None = None,
    given: Given | None = None,
    on_exchange: Callable[[tuple[Any, ...]], None] | None = None,
) -> SingleRun:
    """Runs `function` once, however long it takes; Ctrl-C unwinds it."""
    result = SingleRun()

    async def kept(user: User) -> None:
        result.value = await function(user)

    kept.__name__ = getattr(function, "__name__", "scenario")
    notes = ErrorNotes()
    at = place or Place()
    now = Place(worker=at.worker, workers=at.workers, origin_ns=time.monotonic_ns())
    patient = test.replaced(grace_s=365 * 86400.0)
    kernel = single_kernel(
        patient, kept, user_start, now, given or Given(), notes, trace=on_exchange is not None
    )
    try:
        over = kernel.run(now.origin_ns)  # begins the one iteration
        kernel.stop()
        while not over:
            try:
                over = kernel.run(time.monotonic_ns() + _SLICE_NS)
            except KeyboardInterrupt:
                kernel.stop_now()
            for exchange in kernel.take_trace():
                if on_exchange:
                    on_exchange(exchange)
    finally:
        kernel.close()
    result.checks = json.loads(kernel.take_tally())["checks"]
    errors = notes.take()
    result.error = str(errors[0]["traceback"]) if errors else notes.exhausted
    return result
