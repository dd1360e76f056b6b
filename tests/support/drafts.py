"""Drafts as hostile sources could make them: every kind of item, with names and values that try to
get out of their quotes. Fixed by a seed; cheap, so that many can be tried."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import TypeVar

from perfwright.model.journey import (
    Body,
    Call,
    Constant,
    DataFile,
    DraftLoad,
    Edge,
    Expectation,
    Extraction,
    FromData,
    FromEnvironment,
    Group,
    Item,
    Journey,
    LoadPart,
    Made,
    OneOf,
    Origin,
    Pause,
    Repeat,
    Reuse,
    ScenarioDraft,
    Sometimes,
    Text,
    Value,
    Var,
    Variable,
    Walk,
)
from perfwright.model.think import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Think,
    Uniform,
    Weibull,
)

T = TypeVar("T")
HOSTILE = (
    '"); import os; os.system("x',
    "'''\"\"\"\\",
    '"""\nimport os\n"""',
    "a\nb\r\nc\x00",
    "\u202eright to left",
    "\ud800",
    "{os.getcwd()}",
    "{{}} {0!r:>{1}}",
    "\\N{BULLET}\\x41\\",
    "../../etc/passwd",
    "# fmt: off",
    "# -*- coding: latin-1 -*-",
    "fmt: skip noqa type: ignore",
    "class",
    "user",
    "walk",
    "GET /items/{id}",
    "DELETE /api/v1/orders/{id}/lines/{line}",
    "Größe – 大小 – हिन्दी – 👩‍🚀 – e\u0301",
    "long words " * 30,
    "line 'one'\n" * 12,
    "",
    " ",
    "__class__",
    "[a-z]+(",
    "/a/0/b~1c",
    "/token",
    r"token=([^\"']+)",
)
NAMES = ("a", "b", "token", "item id", "user", *HOSTILE[:4])
"""Few, so that variables meet what defines them."""
STEPS = ("GET /", "GET /items/{id}", "class", HOSTILE[0], HOSTILE[2])
NUMBERS = (0, 1, -7, 0.5, 1e300, -1e-9, math.inf, math.nan, 10**90, 200, 3)
_ALPHABET = "abcdef XYZ019_-/'\"\\{}()[]#%&=?:.,\n\t\x00\x85\u2028\u00a0éß大़👩\u200d"


class Maker:
    """Makes drafts and their parts at random."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)

    def draft(self) -> ScenarioDraft:
        return ScenarioDraft(
            title=self.text(),
            sources=self.some(self.text, 7),
            target=self.one("", "http://shop.test", "https://shop.test:8443/base", self.text()),
            journeys=self.some(self.journey, 3),
            walks=self.some(self.walk, 2),
            steps=tuple(self.call(name) for name in STEPS),
            user_start=self.one((), self.items(2)),
            variables=self.some(lambda: Variable(self.name(), self.origin()), 6),
            data=self.some(self.data_file, 3),
            load=self.one(None, self.load()),
            slos=self.some(lambda: self.one("p99 < 300ms", "errors < 1%", self.text()), 3),
            notes=self.some(self.text, 15),
        )

    def one(self, *values: T) -> T:
        return self.rng.choice(values)

    def some(self, make: Callable[[], T], most: int) -> tuple[T, ...]:
        return tuple(make() for _ in range(self.rng.randint(0, most)))

    def text(self) -> str:
        length = self.rng.choice((1, 5, 20, 66, 70, 74, 78, 82, 86, 90))
        plain = "".join(self.rng.choices("abc def/", k=length))
        random = "".join(self.rng.choices(_ALPHABET, k=length))
        return self.one(*HOSTILE, plain, plain, random, random, *HOSTILE[:2], random + plain)

    def name(self) -> str:
        return self.one(*NAMES)

    def number(self) -> float:
        return self.one(*NUMBERS, self.rng.uniform(0, 10), self.rng.random())

    def template(self) -> Text:
        return Text(self.some(lambda: self.one(self.text(), Var(self.name())), 4))

    def leaf(self) -> Value:
        return self.one(
            None, True, self.number(), self.text(), Var(self.name()), self.template(), self.text()
        )

    def value(self, depth: int = 0) -> Value:
        if depth > 3 or self.rng.random() < 0.5:
            return self.leaf()
        if self.rng.random() < 0.5:
            return list(self.some(lambda: self.value(depth + 1), 4))
        return {self.text(): self.value(depth + 1) for _ in range(self.rng.randint(0, 4))}

    def pairs(self) -> tuple[tuple[str, Value], ...]:
        return self.some(lambda: (self.text(), self.value()), 4)

    def body(self) -> Body | None:
        files = [(self.text(), self.text(), self.one(self.text(), self.template()), "a/b")]
        return self.one(
            None,
            Body("json", self.value()),
            Body("form", self.pairs()),
            Body("text", self.one(self.text(), self.template())),
            Body("multipart", [*self.pairs(), *files, *files]),
        )

    def extraction(self) -> Extraction:
        source = self.rng.choice(("json", "header", "cookie", "regex", "url"))
        pattern = self.one("", "", self.text())
        return Extraction(self.name(), source, self.text(), pattern)  # type: ignore[arg-type]

    def expectation(self) -> Expectation:
        name, text = self.text(), self.text()
        return self.one(
            Expectation(name, "status", self.some(lambda: self.rng.randint(100, 599), 9)),
            Expectation(name, "contains", (text, self.text())),
            Expectation(name, "matches", (text,)),
            Expectation(name, "json_has", (text,)),
            Expectation(name, "json_type", (text, self.one("integer", "null", "number", "odd"))),
            Expectation(name, "json_equals", (text, self.one(self.text(), self.number(), None))),
            Expectation(name, "within_ms", (self.number(),)),
        )

    def call(self, name: str | None = None, *, resources: bool = True) -> Call:
        return Call(
            name=self.text() if name is None else name,
            method=self.one("GET", "post", "PUT", "DELETE", "HEAD", "PROPFIND", self.text()),
            url=self.template(),
            params=self.pairs(),
            headers=self.some(lambda: (self.text(), self.leaf()), 3),
            body=self.body(),
            auth=self.one(None, None, (self.leaf(), self.leaf())),
            statuses=self.some(lambda: self.rng.randint(100, 599), self.one(2, 40)),
            extracts=self.some(self.extraction, 2),
            expects=self.some(self.expectation, 2),
            resources=self.some(lambda: self.call(resources=False), 2) if resources else (),
            reuses=self.some(self.reuse, 2),
            comment=self.text(),
        )

    def reuse(self) -> Reuse:
        pairs = [(self.name(), self.name()) for _ in range(self.rng.randint(1, 2))]
        return Reuse(tuple(pairs), self.one(0.4, 1.0, self.number()))

    def think(self) -> Think:
        number = self.number
        quantiles = tuple(sorted(self.rng.uniform(0, 99) for _ in range(self.one(0, 1, 2, 90))))
        return self.one(
            Fixed(number()),
            Uniform(number(), number()),
            Exponential(number()),
            LogNormal(number(), number()),
            Gamma(number(), number()),
            Weibull(number(), number()),
            Empirical(quantiles),
        )

    def items(self, most: int, depth: int = 0) -> tuple[Item, ...]:
        return self.some(lambda: self.item(depth), most)

    def item(self, depth: int) -> Item:
        kind = self.rng.randint(0, 5 if depth < 9 else 1)
        inner = self.items(2, depth + 1) if kind > 1 else ()
        match kind:
            case 0:
                return self.call()
            case 1:
                return Pause(self.think())
            case 2:
                return Group(self.text(), inner)
            case 3:
                return Repeat(self.rng.randint(-1, 4), inner)
            case 4:
                return Sometimes(self.number(), inner)
        return OneOf(((self.number(), inner), (2, self.items(2, depth + 1)), (self.number(), ())))

    def journey(self) -> Journey:
        return Journey(
            name=self.text(),
            weight=self.number(),
            items=self.items(4),
            comment=self.text(),
            load=self.one(None, self.load(), self.load()),
        )

    def walk(self) -> Walk:
        edges = self.some(self.edge, 12)
        return Walk(name=self.text(), weight=self.number(), edges=edges, comment=self.text())

    def edge(self) -> Edge:
        return Edge(
            source=self.one(None, *STEPS),
            to=self.one(None, "nowhere", *STEPS),
            probability=self.number(),
            think=self.one(None, self.think()),
        )

    def origin(self) -> Origin:
        how = self.rng.choice(
            ("uuid", "integer", "number", "text", "now_iso", "now_epoch_s", "now_epoch_ms")
        )
        return self.one(
            FromData(self.name(), self.name()),
            FromEnvironment(self.text(), self.text()),
            Made(how, self.number(), self.number()),  # type: ignore[arg-type]
            Constant(self.text()),
        )

    def data_file(self) -> DataFile:
        order = self.rng.choice(("sequential", "shuffled", "random", "weighted"))
        return DataFile(
            name=self.one(self.name(), self.text()),
            columns=self.some(self.name, 4),
            rows=self.some(lambda: self.some(self.text, 5), 3),
            order=order,  # type: ignore[arg-type]
            unique=self.one(True, False),
        )

    def load(self) -> DraftLoad:
        def part() -> LoadPart:
            return LoadPart(
                to=self.number(),
                over_s=self.one(0, self.rng.uniform(0, 1e5)),
                hold_s=self.one(0, 0.25, self.rng.uniform(0, 1e5)),
            )

        return DraftLoad(
            kind=self.one("arrivals", "users"),  # type: ignore[arg-type]
            parts=self.some(part, 8),
            process=self.one("uniform", "poisson"),  # type: ignore[arg-type]
            why=self.text(),
        )
