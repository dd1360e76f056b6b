"""The small functions that a generated file may need, each as the source text it is written in.

They stand in the file itself, where they can be read and changed, and only those that its code
calls. `IMPORTS` says what each needs from the standard library or from perfwright.
"""

from __future__ import annotations

from collections.abc import Collection

_FAMILIES = {
    "fixed": """
def fixed(seconds: float) -> Think:
    return lambda rng: seconds
""",
    "uniform": """
def uniform(low_s: float, high_s: float) -> Think:
    return lambda rng: rng.uniform(low_s, high_s)
""",
    "exponential": """
def exponential(mean_s: float) -> Think:
    return lambda rng: rng.expovariate(1 / mean_s)
""",
    "lognormal": """
def lognormal(mu: float, sigma: float) -> Think:
    return lambda rng: rng.lognormvariate(mu, sigma)
""",
    "gamma": """
def gamma(shape: float, scale_s: float) -> Think:
    return lambda rng: rng.gammavariate(shape, scale_s)
""",
    "weibull": """
def weibull(shape: float, scale_s: float) -> Think:
    return lambda rng: rng.weibullvariate(scale_s, shape)
""",
    "measured": """
def measured(quantiles_s: Sequence[float]) -> Think:
    return lambda rng: drawn(rng, quantiles_s)
""",
}

_TYPES = """
Step = Callable[[User], Awaitable[None]]
Think = Callable[[Random], float]  # draws a think time, in seconds
Table = dict[Step | None, list[tuple[float, Think | None, Step | None]]]
BEGIN = END = None
"""

_SOURCES = {
    "new_uuid": """
def new_uuid(user: User) -> str:
    return str(UUID(int=user.rng.getrandbits(128), version=4))
""",
    "letters": """
def letters(user: User, count: int) -> str:
    return "".join(user.rng.choices(ascii_lowercase, k=count))
""",
    "now_iso": """
def now_iso() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
""",
    "found": '''
def found(answer: Response, *path: str | int) -> Any:
    """What the JSON of an answer holds at `path`; None where there is nothing."""
    try:
        value = answer.json()
        for key in path:
            value = value[key]
    except (ValueError, LookupError, TypeError):
        return None
    return value
''',
    "has": '''
def has(answer: Response, *path: str | int) -> bool:
    """Whether the JSON of an answer holds something at `path`, be it null."""
    try:
        value = answer.json()
        for key in path:
            value = value[key]
    except (ValueError, LookupError, TypeError):
        return False
    return True
''',
    "has_keys": '''
def has_keys(answer: Response, *keys: str) -> bool:
    """Whether the JSON of an answer is an object with these keys."""
    try:
        value = answer.json()
    except ValueError:
        return False
    return isinstance(value, dict) and value.keys() >= set(keys)
''',
    "first": '''
def first(pattern: re.Pattern[str], text: str) -> str:
    """What the pattern's group (or all of it, without a group) matches first."""
    match = pattern.search(text)
    if match is None:
        raise LookupError(f"nothing in the answer matches {pattern.pattern!r}")
    return (match[1] if pattern.groups else match[0]) or ""
''',
    "drawn": '''
def drawn(rng: Random, quantiles_s: Sequence[float]) -> float:
    """A time from a measured distribution: straight lines between its quantiles."""
    place = rng.random() * (len(quantiles_s) - 1)
    below = int(place)
    low, high = quantiles_s[below : below + 2]
    return low + (high - low) * (place - below)
''',
    **_FAMILIES,
    "walk": '''
async def walk(user: User, table: Table) -> None:
    """Goes from step to step as the table says: (probability, think time, next step)."""
    step: Step | None = BEGIN
    while True:
        draw = user.rng.random()
        for probability, think, following in table[step]:
            draw -= probability
            if draw < 0:
                break
        if think is not None:
            await user.think(think(user.rng))
        if following is None:
            return
        await following(user)
        step = following
''',
}

_WALK_THAT_REMEMBERS = (
    _SOURCES["walk"]
    .replace(
        "BEGIN\n    while", "BEGIN\n    seen: dict[str, Any] = {}  # in this session\n    while"
    )
    .replace("following(user)", "following(user, seen)")
)
_STEP_THAT_REMEMBERS = "Step = Callable[[User, dict[str, Any]], Awaitable[None]]"

IMPORTS: dict[str, tuple[str, ...]] = {
    "os": ("import os",),
    "re": ("import re",),
    "time": ("import time",),
    "new_uuid": ("uuid.UUID",),
    "letters": ("string.ascii_lowercase",),
    "now_iso": ("datetime.UTC", "datetime.datetime"),
    "found": ("typing.Any", "perfwright.Response"),
    "has": ("perfwright.Response",),
    "has_keys": ("perfwright.Response",),
    "first": ("import re",),
    "drawn": ("collections.abc.Sequence", "random.Random"),
    "measured": ("collections.abc.Sequence",),
    "walk": ("collections.abc.Awaitable", "collections.abc.Callable", "random.Random"),
    "any": ("typing.Any",),
}


def types_source(*, remembers: bool) -> str:
    """The types of a walk's table."""
    text = _TYPES.strip("\n")
    if remembers:
        return text.replace(text.splitlines()[0], _STEP_THAT_REMEMBERS)
    return text


def helper_sources(needs: Collection[str], *, remembers: bool) -> list[str]:
    """The functions that are needed, in the order of this file."""
    if "walk" in needs and remembers:
        sources = {**_SOURCES, "walk": _WALK_THAT_REMEMBERS}
    else:
        sources = _SOURCES
    return [text.strip("\n") for name, text in sources.items() if name in needs]
