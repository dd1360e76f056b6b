"""The contract between the Rust kernel and Python (`crates/binding`). Times are monotonic ns."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Literal, TypeVar

from perfwright.load.headers import Headers

T = TypeVar("T")

BUILD_PROFILE: Literal["release", "debug"]

class Stopped(BaseException):
    """The run is over: thrown into scenarios that are still under way."""

class ForeignAwait(TypeError):
    """A scenario awaited something that belongs to asyncio or another event loop."""

class Op:
    """What awaiting one of the user's methods yields to the kernel; opaque, good for one await."""

class Response:
    """A request's answer. Lazy: headers, text and JSON are read when asked for."""

    @property
    def status(self) -> int:
        """The HTTP status; 0 when no answer came."""
    @property
    def ok(self) -> bool:
        """An answer came, and its status is below 400 or was expected."""
    @property
    def error(self) -> str | None:
        """The outcome's kind (`timeout`, `http_5xx`, …) when it is not ok."""
    @property
    def error_message(self) -> str | None:
        """The outcome in words when it is not ok."""
    @property
    def url(self) -> str:
        """Where the answer came from, after redirects."""
    @property
    def elapsed_s(self) -> float:
        """Service time: first byte sent to last byte received."""
    @property
    def response_s(self) -> float:
        """Response time: intended start to last byte received."""
    @property
    def headers(self) -> Headers: ...
    @property
    def content(self) -> bytes:
        """The body, decompressed. ValueError when it was larger than `max_body`."""
    @property
    def text(self) -> str:
        """The body as text, by the charset of Content-Type, else UTF-8."""
    def json(self) -> Any:
        """The body as JSON. ValueError naming the request and the body's start when it is none."""

class CounterRng:
    """SplitMix64 over a counter; `stream` names an independent sequence of `seed`. What is not
    `getrandbits` is as in random.Random."""

    def __new__(cls, seed: int, stream: int) -> CounterRng: ...
    def random(self) -> float: ...
    def getrandbits(self, k: int, /) -> int: ...
    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int: ...
    def randint(self, a: int, b: int) -> int: ...
    def choice(self, seq: Sequence[T]) -> T: ...
    def uniform(self, a: float, b: float) -> float: ...

class Session:
    """What all users of a kernel call while their code runs."""

    def request(self, method: str, url: str, options: Mapping[str, Any]) -> Op:
        """A request to await; `options` as `User.request` takes them, in a dict. TypeError for one
        that there is not, ValueError for a URL or header that cannot be sent, OSError for a body
        file that cannot be read."""
    def think(self, seconds: float) -> Op:
        """Waits until `seconds` after what was awaited before."""
    def pace(self, seconds: float) -> Op:
        """Waits until `seconds` after the iteration's intended start."""
    def gather(self, awaitables: Collection[Awaitable[Any]]) -> Op: ...
    def future(self, submit: Callable[[], object], name: str) -> Op:
        """Waits for the `concurrent.futures.Future` that `submit` gives, timed as step `name`."""
    def check(self, name: str, ok: object) -> bool: ...
    def record(self, name: str, value: float, unit: str) -> None: ...
    def mark(self) -> tuple[int, int]:
        """(when what was awaited last ended, failures so far in this iteration)"""
    def group(self, name: str, since: tuple[int, int], raised: bool) -> None:
        """A named group of requests that began at mark `since` ends now."""
    def iteration(self, user: int) -> int: ...
    def cookies(self, user: int) -> list[tuple[str, str, str]]:
        """(name, value, domain) of each."""
    def set_cookie(self, user: int, name: str, value: str, host: str | None) -> None: ...
    def clear_cookies(self, user: int) -> None: ...
    def remember_cookies(self, user: int) -> None:
        """What the user has now is what each iteration starts with."""

class KernelWaker:
    def wake(self) -> None:
        """Makes `Kernel.run` return soon; from any thread."""

class Kernel:
    """One worker's event loop. Belongs to the thread that made it."""

    @staticmethod
    def for_url(
        config: str, method: str, headers: list[tuple[str, str]], body: bytes | None
    ) -> Kernel:
        """URL mode: every iteration is this one request. `config`: see `load/kernel_config.py`."""
    @staticmethod
    def for_replay(
        config: str, entries: str, text: str, steps: str, headers: list[tuple[str, str]]
    ) -> Kernel:
        """A replay: arrival n is request n of the recording in these files (`plan/replay.py`).
        OSError where they cannot be mapped."""
    @staticmethod
    def for_scenarios(
        config: str,
        scenarios: list[tuple[Callable[[Any], Awaitable[Any]], str]],
        first: Callable[[Any, Any], Awaitable[Any]] | None,
        make_user: Callable[[int], Any],
        note_error: Callable[[str, BaseException], bool],
        locate: Callable[[int], tuple[str, int]],
        thread_id: int,
    ) -> Kernel:
        """`note_error(scenario, exception)` says whether it is no error but the end of the load
        (data used up); `first(scenario, user)` replaces a user's first iteration;
        `locate(thread_id)` says where that thread is, when its code holds the loop."""
    @property
    def session(self) -> Session:
        """What users' methods call. AssertionError in URL mode, which has no users' methods."""
    def waker(self) -> KernelWaker: ...
    def run(self, until_ns: int) -> bool:
        """Runs until then, or until woken; True once everything is over."""
    def stop(self) -> None: ...
    def stop_now(self) -> None: ...
    def set_load(
        self, group: int, at_ns: int, parts: list[tuple[float, float, float, float]]
    ) -> None: ...
    def take_tally(self) -> bytes:
        """JSON for `Tally.from_wire`: what was counted since the last call."""
    def take_holds(self) -> list[tuple[str, int, int, int, int]]:
        """(file, line, count, total_ns, longest_ns) of code that held the loop."""
    def take_trace(self) -> list[tuple[Any, ...]]: ...
    def close(self) -> None: ...

def decode_body(content_encoding: str, body: bytes) -> bytes:
    """The body without its content coding; as it is where that fails."""

def serve_calibration(
    address: str, on_ready: Callable[[int], None], keep_serving: Callable[[], bool]
) -> None:
    """Serves known truth until `keep_serving()` is false (asked ten times a second)."""

def is_public_address(address: str) -> bool:
    """Whether an IP address leads out of what is ours (RFC 6890). ValueError: it is none."""

def monotonic_ns() -> int: ...
