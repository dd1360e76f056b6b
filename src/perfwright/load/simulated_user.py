"""A stand-in for `User` that sends nothing: it notes what would be sent, and when.

Time is virtual: it passes when the scenario thinks or paces, and stands still for requests. Nothing
is ever waited for, so a scenario runs to its end in one go, whatever awaits are in it. Every answer
is an empty 200, whose JSON gives way to whatever code does with it (`Anything`); code that needs
more of an answer than that (a pattern to be found in its text) raises, and the simulation says so.

    user.get("/items/7", name="item")   →   log.requests: (time, "item", "/items/7")
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from perfwright.load.rng import Rng

MOST_AWAITS = 10_000
"""A session that has awaited so often is ended: its scenario may be endless."""

_ID = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}", re.IGNORECASE)


class SessionEnded(BaseException):
    """Thrown into a scenario that has gone on for long enough."""


class Anything:
    """JSON of an answer that nobody has seen: any key, index or attribute of it is the like. It is
    one item long, and 1 as a number or text."""

    def __getitem__(self, key: object) -> Anything:
        return self

    def __getattr__(self, name: str) -> Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **kwargs: object) -> Anything:
        del args, kwargs
        return self

    def __iter__(self) -> Iterator[Anything]:
        yield self

    def __len__(self) -> int:
        return 1

    def __contains__(self, item: object) -> bool:
        return True

    def __str__(self) -> str:
        return "1"

    def __format__(self, spec: str) -> str:
        return format(1, spec)

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __float__(self) -> float:
        return 1.0

    def _same(self, other: object) -> Anything:  # noqa: ARG002
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same
    __truediv__ = __rtruediv__ = __mod__ = __rmod__ = _same

    def _true(self, other: object) -> bool:  # noqa: ARG002
        return True

    __lt__ = __le__ = __gt__ = __ge__ = _true


Sequence.register(Anything)  # for random.sample, which asks
ANYTHING = Anything()


class EmptyText(dict[str, str]):
    """Headers or cookies that hold whatever is asked for, as empty text."""

    def __missing__(self, name: str) -> str:
        return ""

    def get(self, name: str, default: object = None) -> Any:  # noqa: ARG002
        return ""

    def get_all(self, name: str) -> list[str]:  # noqa: ARG002
        return []

    def set(self, name: str, value: str, *, host: str | None = None) -> None:
        """As `User.cookies.set`."""


class EmptyAnswer:
    """The answer to everything: 200, with nothing in it."""

    status = 200
    ok = True
    error = None
    error_message = None
    text = ""
    content = b""
    elapsed_s = response_s = 0.0
    headers = EmptyText()

    def __init__(self, url: str) -> None:
        self.url = url

    def json(self) -> Any:
        return ANYTHING


class SimulatedUser:
    """What a scenario gets instead of a `User`; `note(time_s, step, url)` hears of each request."""

    def __init__(self, id: int, seed: int, note: Callable[[float, str, str], None]) -> None:  # noqa: A002
        self.id = id
        self.rng = Rng(seed, id)
        self.setup: Any = ANYTHING
        self.totals = None
        self.iteration = -1
        self.cookies = EmptyText()
        self.now_s = 0.0
        self._began_s = 0.0
        self._awaits = 0
        self._note = note

    def begin(self, at_s: float) -> None:
        """Another iteration, at this virtual time."""
        self.iteration += 1
        self.now_s = self._began_s = at_s
        self._awaits = 0

    async def request(self, method: str, url: str, **options: Any) -> EmptyAnswer:
        self._awaits += 1
        if self._awaits > MOST_AWAITS:
            raise SessionEnded
        name = options.get("name")
        self._note(self.now_s, name if name is not None else default_step(method, url), url)
        return EmptyAnswer(url)

    def get(self, url: str, **options: Any) -> Coroutine[Any, Any, EmptyAnswer]:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Coroutine[Any, Any, EmptyAnswer]:
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> Coroutine[Any, Any, EmptyAnswer]:
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Any) -> Coroutine[Any, Any, EmptyAnswer]:
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Any) -> Coroutine[Any, Any, EmptyAnswer]:
        return self.request("DELETE", url, **options)

    def head(self, url: str, **options: Any) -> Coroutine[Any, Any, EmptyAnswer]:
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Any) -> Coroutine[Any, Any, EmptyAnswer]:
        return self.request("OPTIONS", url, **options)

    async def think(self, low_s: float, high_s: float | None = None) -> None:
        self._awaits += 1
        if self._awaits > MOST_AWAITS:
            raise SessionEnded
        self.now_s += low_s if high_s is None else self.rng.uniform(low_s, high_s)

    async def pace(self, seconds: float) -> None:
        self.now_s = max(self.now_s, self._began_s + seconds)

    async def gather(self, *awaitables: Awaitable[Any]) -> list[Any]:
        """Side by side: each begins now, and the last to end ends it."""
        began_s, ends_s, results = self.now_s, self.now_s, []
        for awaitable in awaitables:
            self.now_s = began_s
            results.append(await awaitable)
            ends_s = max(ends_s, self.now_s)
        self.now_s = ends_s
        return results

    async def asyncio(self, awaitable: Any, *, name: str | None = None) -> Any:
        """A step that is noted, not run."""
        if hasattr(awaitable, "close"):
            awaitable.close()
        self._note(self.now_s, name or str(getattr(awaitable, "__qualname__", "asyncio")), "")
        return ANYTHING

    async def thread(
        self, function: Any, *args: Any, name: str | None = None, **kwargs: Any
    ) -> Any:
        """A step that is noted, not run."""
        del args, kwargs
        self._note(self.now_s, name or str(getattr(function, "__qualname__", "thread")), "")
        return ANYTHING

    def check(self, name: str, ok: object) -> bool:  # noqa: ARG002
        """Nothing to check: it passes."""
        return True

    def record(self, name: str, value: float, unit: str = "") -> None:
        """As `User.record`; nothing is kept."""

    def step(self, name: str) -> _Group:  # noqa: ARG002
        return _GROUP


class _Group:
    async def __aenter__(self) -> None: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


_GROUP = _Group()


@lru_cache(100_000)
def default_step(method: str, url: str) -> str:
    """About what the kernel calls a request without a name: ids folded, the query dropped."""
    return f"{method} {_ID.sub('{id}', path_of(url))}"


@lru_cache(100_000)
def path_of(url: str) -> str:
    if url.startswith("/"):
        return url.partition("?")[0]
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return url


def run_to_the_end(scenario: Awaitable[Any]) -> None:
    """Drives a scenario that nothing can make wait."""
    steps = scenario.__await__()
    try:
        next(steps)
    except StopIteration:
        return
    finally:
        steps.close()
    raise TypeError(
        "the scenario awaits something that is not the user's; a simulation runs without an event "
        "loop: wrap it in user.asyncio(…)"
    )
