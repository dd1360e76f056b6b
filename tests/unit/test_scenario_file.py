"""Drafts as test files: what each kind of item, variable and load is written as."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.model.journey import (
    Body,
    Call,
    Constant,
    DataFile,
    Edge,
    Expectation,
    Extraction,
    FromData,
    FromEnvironment,
    Group,
    Item,
    Journey,
    Made,
    OneOf,
    Pause,
    Repeat,
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
    Gamma,
    LogNormal,
    Think,
    Uniform,
    Weibull,
)
from perfwright.plan.loader import load_test

SHOP = "http://127.0.0.1:8000"


def get(path: str, name: str | None = None, **fields: object) -> Call:
    url = Text((path,))
    return Call(name=name or f"GET {path}", method="GET", url=url, **fields)  # type: ignore[arg-type]


def written(*items: Item, **fields: object) -> str:
    journey = Journey(name="visit", weight=1, items=items)
    draft = ScenarioDraft(title="A", sources=(), target=SHOP, journeys=(journey,))
    return write_scenario(replace(draft, **fields))  # type: ignore[arg-type]


def body(*items: Item, **fields: object) -> str:
    """The lines of the one scenario, without their indentation."""
    text = written(*items, **fields)
    inside = text.partition("async def visit(user: User) -> None:\n")[2]
    return "\n".join(line[4:] for line in inside.partition("\n\n\ntest = ")[0].splitlines())


def test_a_small_draft_is_a_whole_file() -> None:
    assert (
        written(get("/items"), Pause(Uniform(1, 3)), slos=("p99 < 300ms",))
        == '''\
"""A.

Written by `perfwright plan`. It is yours now: edit it.
"""

from perfwright import Test, User, scenario, users


@scenario(weight=1)
async def visit(user: User) -> None:
    await user.get("/items")
    await user.think(1, 3)


test = Test(
    target="http://127.0.0.1:8000",
    load=users(5).hold("30s"),
    slos=["p99 < 300ms"],
)
'''
    )


def test_a_walk_is_a_table_with_a_function_for_each_step() -> None:
    walk = Walk(
        name="look around",
        weight=62.5,
        comment="Most visitors.",
        edges=(
            Edge(source=None, to="GET /items", probability=1),
            Edge(source="GET /items", to="GET /items/{id}", probability=2 / 3, think=Gamma(2, 1)),
            Edge(source="GET /items", to=None, probability=1 / 3),
            Edge(source="GET /items/{id}", to=None, probability=1),
        ),
    )
    item = Call(name="GET /items/{id}", method="GET", url=Text(("/items/", Var("id"))))
    text = write_scenario(
        ScenarioDraft(
            title="A",
            sources=("access.log",),
            steps=(get("/items"), item, get("/unused")),
            walks=(walk,),
            variables=(Variable("id", FromData("items", "id")),),
            data=(DataFile(name="items", columns=("id", "weight"), rows=(("1", "2"),),
                           order="weighted"),),
        )
    )  # fmt: skip
    assert 'items = csv("data/items.csv").weighted(by="weight", seed=1)' in text
    assert "unused" not in text
    assert (
        text.partition("async def get_items(")[2].partition("\n\n\ntest = ")[0]
        == """\
user: User) -> None:
    await user.get("/items")


async def get_item(user: User) -> None:
    item = items.next()
    await user.get(f"/items/{item['id']}", name="GET /items/{id}")


# Most visitors.
LOOK_AROUND: Table = {
    BEGIN: [
        (1, None, get_items),
    ],
    get_items: [
        (0.6667, gamma(2, 1), get_item),
        (0.3333, None, END),
    ],
    get_item: [
        (1, None, END),
    ],
}


@scenario(weight=62.5, name="look around")
async def look_around(user: User) -> None:
    await walk(user, LOOK_AROUND)"""
    )


def test_what_an_answer_tells_is_used_further_on() -> None:
    login = Call(
        name="log in",
        method="POST",
        url=Text(("/login",)),
        body=Body("json", {"name": "ann"}),
        extracts=(Extraction("token", "json", "/auth/0/token"),),
        expects=(Expectation("logged in", "status", (200, 201)),),
    )
    order = get("/orders", headers=(("Authorization", Text(("Bearer ", Var("token")))),))
    assert (
        body(login, order)
        == """\
answer = await user.post("/login", json={"name": "ann"}, name="log in")
user.check("logged in", answer.status in {200, 201})
token = answer.json()["auth"][0]["token"]
await user.get("/orders", headers={"Authorization": f"Bearer {token}"})"""
    )


@pytest.mark.parametrize(
    ("extraction", "line"),
    [
        (Extraction("v", "header", "X-Id"), 'v = answer.headers["X-Id"]'),
        (Extraction("v", "cookie", "sid"), 'v = user.cookies["sid"]'),
        (Extraction("v", "regex", r"id=(\d+)"), "v = first(V_PATTERN, answer.text)"),
        (Extraction("v", "url", "id=(.+)"), "v = first(V_PATTERN, answer.url)"),
        (
            Extraction("v", "header", "Location", r"/(\d+)"),
            'v = first(V_PATTERN, answer.headers["Location"])',
        ),
    ],
)
def test_each_source_of_a_value(extraction: Extraction, line: str) -> None:
    use = Call(name="use", method="GET", url=Text(("/", Var("v"))))
    assert line in body(get("/a", extracts=(extraction,)), use).splitlines()


def test_a_value_that_nothing_uses_is_not_taken_but_told() -> None:
    text = written(get("/a", extracts=(Extraction("csrf", "json", "/t"),)))
    assert '    await user.get("/a")\n' in text
    assert "- csrf is taken from an answer, but nothing uses it: left out" in text


def test_a_resource_waits_for_the_one_that_fills_it() -> None:
    filled = Extraction(name="x", source="json", expression="/x")
    page = get(
        "/a", resources=(get("/b", extracts=(filled,)), get("/c", params=(("x", Var("x")),)))
    )
    text = body(page)
    assert text.index("x = answer.json()") < text.index('user.get("/c"')
    assert "environ" not in text


def test_what_a_login_tells_and_nobody_uses_is_not_taken() -> None:
    told = Extraction(name="x", source="json", expression="/x")
    text = written(get("/a"), user_start=(get("/login", extracts=(told,)),))
    assert "learnt" not in text


def test_a_value_that_may_be_missing_begins_empty() -> None:
    fill = get("/a", extracts=(Extraction("next", "json", "/next"),))
    use = Call(name="use", method="GET", url=Text(("/", Var("next"))))
    lines = body(Sometimes(0.5, (fill,)), use).splitlines()
    assert lines[0] == 'next_value = ""'  # `next` is Python's
    assert lines[-1] == 'await user.get(f"/{next_value}", name="use")'


def test_what_a_login_tells_is_kept_for_all_iterations() -> None:
    login = get("/login", extracts=(Extraction("token", "json", "/token"),))
    use = get("/me", headers=(("X-Token", Var("token")),))
    text = written(use, user_start=(login,))
    assert '    learnt[user.id]["token"] = token\n' in text
    assert "    known = learnt.get(user.id, {})\n" in text
    assert 'headers={"X-Token": f"{known[\'token\']}"}' in text


def test_variables_come_from_where_the_draft_says() -> None:
    names = ("row", "secret", "made", "fixed", "nowhere")
    call = get("/a", params=tuple((name, Var(name)) for name in names))
    text = written(
        call,
        variables=(
            Variable("row", FromData("people", "name")),
            Variable("secret", FromEnvironment("SHOP_SECRET", "s")),
            Variable("made", Made("integer", 1, 9)),
            Variable("fixed", Constant("v2")),
        ),
        data=(DataFile(name="people", columns=("name",), rows=(("ann",),), unique=True),),
    )
    assert 'people = csv("data/people.csv").shuffled(seed=1).unique()' in text
    assert 'SHOP_SECRET = os.environ.get("SHOP_SECRET", "s")' in text
    assert 'NOWHERE = os.environ.get("NOWHERE", "")' in text
    assert 'FIXED = "v2"' in text
    assert "person = people.next()" in text
    for value in ('person["name"]', "SHOP_SECRET", "user.rng.randint(1, 9)", "FIXED", "NOWHERE"):
        assert f": {value}" in text
    assert "nothing fills the variable nowhere" in text


def test_groups_loops_and_choices() -> None:
    a, b, c = get("/a"), get("/b"), get("/c")
    assert (
        body(
            Group("outer", (Group("inner", (a,)),)),
            Repeat(3, (a,)),
            Repeat(1, (b,)),
            Sometimes(0.25, (a, b)),
            OneOf(((1, (a,)), (2, (b,)), (1, (c,)))),
            OneOf(((1, ()), (3, (a,)))),
        )
        == """\
async with user.step("outer"), user.step("inner"):
    await user.get("/a")
for _ in range(3):
    await user.get("/a")
await user.get("/b")
if user.rng.random() < 0.25:
    await user.get("/a")
    await user.get("/b")
draw = user.rng.random()
if draw < 0.5:  # 50%
    await user.get("/b")
elif draw < 0.75:  # 25%
    await user.get("/a")
else:  # 25%
    await user.get("/c")
if user.rng.random() < 0.75:
    await user.get("/a")"""
    )


def test_what_was_nested_to_hurt_is_cut() -> None:
    value: Value = None
    item: Item = get("/a")
    for _ in range(3000):
        value = [value]
        item = Repeat(2, (item,))
    call = Call(name="b", method="POST", url=Text(("/b",)), body=Body("json", value))
    text = written(call, item)
    compile(text, "scenario.py", "exec")
    assert "deeper than 60 levels" in text
    assert "nested too deeply" in text


@pytest.mark.parametrize(
    ("think", "argument"),
    [
        (Exponential(4), "user.rng.expovariate(1 / 4)"),
        (LogNormal(1.25, 0.5), "user.rng.lognormvariate(1.25, 0.5)"),
        (Gamma(2, 3), "user.rng.gammavariate(2, 3)"),
        (Weibull(2, 3), "user.rng.weibullvariate(3, 2)"),
        (Empirical((1, 2, 5)), "drawn(user.rng, VISIT_PAUSES)"),
    ],
)
def test_think_times_are_drawn(think: Think, argument: str) -> None:
    assert body(Pause(think)) == f"await user.think({argument})"


def test_bodies_of_all_kinds() -> None:
    def posted(body: Body) -> Call:
        return Call(name="POST /a", method="POST", url=Text(("/a",)), body=body)

    text = body(
        posted(Body("form", (("a", "1"), ("b", 2)))),
        posted(Body("form", (("a", "1"), ("a", "2")))),
        posted(Body("text", "<a/>")),
        posted(Body("multipart", (("title", "cat"), ("photo", "c.png", "x", "image/png")))),
    )
    assert 'data={"a": "1", "b": 2}' in text
    assert 'data=[("a", "1"), ("a", "2")]' in text
    assert 'data="<a/>"' in text
    assert 'files={"photo": ("c.png", b"x", "image/png")}' in text


def test_resources_are_fetched_side_by_side() -> None:
    page = get("/", resources=(get("/a.css"), get("/b.js")))
    assert body(page).splitlines()[1:] == [
        "await user.gather(",
        '    user.get("/a.css", name="GET /a.css"),',
        '    user.get("/b.js", name="GET /b.js"),',
        ")",
    ]


def test_what_a_test_would_refuse_is_left_out_and_told() -> None:
    text = written(get("/a"), target="shop", slos=("p99 < 300", "errors < 1%"))
    assert "- an objective was left out, for it does not parse: p99 < 300" in text
    assert "- the target was left out, for it is no URL: shop" in text
    assert 'slos=["errors < 1%"]' in text


def test_a_file_loads_and_finds_its_data(tmp_path: Path) -> None:
    draft = ScenarioDraft(
        title="A",
        sources=("x",),
        journeys=(Journey(name="a b", weight=1, items=(get("/", params=(("q", Var("q")),)),)),),
        variables=(Variable("q", FromData("../../etc/passwd", 'q, "x"')),),
        data=(DataFile(name="../../etc/passwd", columns=('q, "x"',), rows=(("a\nb",),)),),
    )
    (tmp_path / "finds_its_data.py").write_text(write_scenario(draft))
    (written_to,) = write_data(draft, tmp_path)
    plan = load_test(tmp_path / "finds_its_data.py")
    assert written_to == tmp_path / "data" / "etc_passwd.csv"
    assert plan.feeders[0].next() == {"q_x": "a\nb"}
    assert [spec.name for spec in plan.scenarios] == ["a b"]
