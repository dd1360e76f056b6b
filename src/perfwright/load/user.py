"""`User`: a virtual user, what every scenario gets and does everything with.

    async def buy(user: User) -> None:
        login = await user.post("/login", json={"name": "ada"}, name="login")
        user.check("logged in", login.ok)
        await user.think(1, 3)

Its methods build *wishes*; awaiting one yields it to the kernel's event loop, which resumes the
scenario with the answer. There is no asyncio underneath: see `user.asyncio` and `user.thread`.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

from perfwright.load import bridge
from perfwright.load.body import Data, FileSpec
from perfwright.load.cookies import Cookies
from perfwright.load.rng import Rng
from perfwright.load.step_group import StepGroup

if TYPE_CHECKING:
    from perfwright._kernel import Op, Response, Session

T = TypeVar("T")
Auth = tuple[str, str] | str
Timeout = float | tuple[float | None, float | None]
Params = Mapping[str, Any] | Collection[tuple[str, Any]] | str
HeaderFields = Mapping[str, str | None]

_SENDABLE = (types.CoroutineType, types.GeneratorType)


class RequestOptions(TypedDict, total=False):
    """What `User.request` takes beside method and URL."""

    name: str | None
    params: Params | None
    headers: HeaderFields | None
    json: Any
    data: Data | None
    files: Mapping[str, FileSpec] | None
    auth: Auth | None
    timeout: Timeout | None
    allow_redirects: bool
    expect: Collection[int] | None


class User:
    """One virtual user. `id`: its number among all of the run; `setup`: what `@setup` returned."""

    __slots__ = ("_number", "_session", "id", "rng", "setup", "totals")

    def __init__(
        self,
        session: Session,
        number: int,
        *,
        id: int,  # noqa: A002
        seed: int,
        setup: Any = None,
        totals: Mapping[str, Mapping[str, int]] | None = None,
    ) -> None:
        self._session = session
        self._number = number
        self.id = id
        self.rng = Rng(seed, id)
        """This user's own random numbers, seeded by the run's seed and the user's id."""
        self.setup = setup
        self.totals = totals
        """In `@teardown`: `{step: {"requests": n, "errors": n}}` of the whole run."""

    @property
    def iteration(self) -> int:
        """How many iterations this user began before this one."""
        return self._session.iteration(self._number)

    @property
    def cookies(self) -> Cookies:
        return Cookies(self._session, self._number)

    # `self, /`: CPython compares the name of each option with those of all parameters that could be
    # named, which `self` need not be.

    @types.coroutine
    def request(
        self, /, method: str, url: str, **options: Unpack[RequestOptions]
    ) -> Generator[Op, Response, Response]:
        """Sends a request and waits for its answer; a failed one is an answer with `ok` False.

        `url`: relative to the target, or absolute. `name`: the step it counts as (default: method
        and path with ids folded). `params`, `headers`, `json`, `data`, `files`: as in requests and
        httpx; a header of None drops a default. `auth`: (user, password) or a bearer token.
        `timeout`: seconds in all, or (connect, in all). `expect`: statuses of 400 and above that
        are no error here. Raises TypeError or ValueError for what cannot be sent.
        """
        return (yield self._session.request(method, url, options))

    @types.coroutine
    def get(
        self, /, url: str, **options: Unpack[RequestOptions]
    ) -> Generator[Op, Response, Response]:
        """`request("GET", …)`."""
        return (yield self._session.request("GET", url, options))

    @types.coroutine
    def post(
        self, /, url: str, **options: Unpack[RequestOptions]
    ) -> Generator[Op, Response, Response]:
        """`request("POST", …)`."""
        return (yield self._session.request("POST", url, options))

    @types.coroutine
    def put(
        self, /, url: str, **options: Unpack[RequestOptions]
    ) -> Generator[Op, Response, Response]:
        """`request("PUT", …)`."""
        return (yield self._session.request("PUT", url, options))

    @types.coroutine
    def patch(
        self, /, url: str, **options: Unpack[RequestOptions]
    ) -> Generator[Op, Response, Response]:
        """`request("PATCH", …)`."""
        return (yield self._session.request("PATCH", url, options))

    @types.coroutine
    def delete(
        self, /, url: str, **options: Unpack[RequestOptions]
    ) -> Generator[Op, Response, Response]:
        """`request("DELETE", …)`."""
        return (yield self._session.request("DELETE", url, options))

    @types.coroutine
    def head(
        self, /, url: str, **options: Unpack[RequestOptions]
    ) -> Generator[Op, Response, Response]:
        """`request("HEAD", …)`."""
        return (yield self._session.request("HEAD", url, options))

    @types.coroutine
    def options(
        self, /, url: str, **options: Unpack[RequestOptions]
    ) -> Generator[Op, Response, Response]:
        """`request("OPTIONS", …)`."""
        return (yield self._session.request("OPTIONS", url, options))

    @types.coroutine
    def think(self, low_s: float, high_s: float | None = None) -> Generator[Op, None, None]:
        """Waits `low_s` seconds, or a uniformly random time up to `high_s`."""
        seconds = low_s if high_s is None else self.rng.uniform(low_s, high_s)
        if not seconds >= 0:
            raise ValueError(f"think: {seconds!r} s; a think time is zero or more")
        yield self._session.think(seconds)

    @types.coroutine
    def pace(self, seconds: float) -> Generator[Op, None, None]:
        """Waits until `seconds` after this iteration's intended start, if that is still to come."""
        yield self._session.pace(seconds)

    @types.coroutine
    def gather(self, *awaitables: Awaitable[Any]) -> Generator[Op, list[Any], list[Any]]:
        """Runs awaitables of this user side by side, as a browser does; their results in order.

        Where some raise, the first exception is raised once all have ended."""
        if len(set(map(id, awaitables))) < len(awaitables):
            raise ValueError("gather: an awaitable is given twice; call user.get(…) anew for each")
        strands = [it if isinstance(it, _SENDABLE) else _awaited(it) for it in awaitables]
        return (yield self._session.gather(strands))

    @types.coroutine
    def asyncio(self, awaitable: Awaitable[T], *, name: str | None = None) -> Generator[Op, T, T]:
        """Awaits it on a side asyncio loop, timed as a step (default: the coroutine's name)."""
        step = name or str(getattr(awaitable, "__qualname__", "asyncio"))
        return (yield self._session.future(lambda: bridge.in_asyncio(awaitable), step))

    @types.coroutine
    def thread(
        self, function: Callable[..., T], *args: Any, name: str | None = None, **kwargs: Any
    ) -> Generator[Op, T, T]:
        """Runs blocking code on a thread pool, timed as a step (default: the function's name)."""
        step = name or str(getattr(function, "__qualname__", "thread"))
        submit = partial(bridge.in_thread, function, *args, **kwargs)
        return (yield self._session.future(submit, step))

    def check(self, name: str, ok: object) -> bool:
        """Counts a check; a failed one also makes the last request an error of kind `check`."""
        return self._session.check(name, ok)

    def record(self, name: str, value: float, unit: str = "") -> None:
        """Records a value of your own: count, mean, minimum and maximum end up in the results."""
        self._session.record(name, value, unit)

    def step(self, name: str) -> StepGroup:
        """`async with user.step("checkout"):` times a named group of requests."""
        return StepGroup(self._session, name)

    def __repr__(self) -> str:
        return f"<User {self.id}>"


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable
