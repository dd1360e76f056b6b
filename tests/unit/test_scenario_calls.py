"""Requests of a draft as code: what their addresses and names become."""

from __future__ import annotations

from typing import Literal, TypeAlias

import pytest

from perfwright.export.scenario_file import write_scenario
from perfwright.model.journey import (
    Call,
    DataFile,
    FromData,
    Journey,
    ScenarioDraft,
    Text,
    Var,
    Variable,
)

Order: TypeAlias = Literal["weighted", "shuffled", "sequential"]


def get(address: str, name: str = "", *, resources: tuple[Call, ...] = ()) -> Call:
    url = Text((address,))
    return Call(name=name or f"GET {address}", method="GET", url=url, resources=resources)


def written(*calls: Call) -> str:
    journey = Journey(name="visit", weight=1, items=calls)
    target = "http://127.0.0.1:8000"
    return write_scenario(ScenarioDraft(title="A", sources=(), target=target, journeys=(journey,)))


def test_one_resource_is_simply_awaited() -> None:
    assert "gather" not in written(get("/a", resources=(get("/b"),)))


def test_an_origin_other_than_the_target_can_be_replaced() -> None:
    text = written(get("https://api.shop.test/items?x=1", name="GET /items"))
    assert 'API_SHOP_TEST = os.environ.get("API_SHOP_TEST", "https://api.shop.test")' in text
    assert 'user.get(f"{API_SHOP_TEST}/items?x=1")' in text
    assert "--env API_SHOP_TEST=URL" in text


def test_a_name_that_the_step_has_anyhow_is_not_written() -> None:
    text = written(get("/items/3", name="GET /items/{id}"), get("/v2/items", name="all items"))
    assert 'user.get("/items/3")' in text
    assert 'name="all items"' in text


def test_a_path_never_begins_as_a_host_would() -> None:
    text = written(get("//api/items"))
    assert '"/api/items"' in text
    assert "with a single slash" in " ".join(text.split())


@pytest.mark.parametrize("order", ["weighted", "shuffled", "sequential"])
@pytest.mark.parametrize("length", [12, 19, 20, 24, 60])
def test_the_line_that_reads_a_file_of_any_name_fits(length: int, order: Order) -> None:
    name = ("word_" * 12)[:length].strip("_")
    data = DataFile(
        name=name, columns=("id", "weight"), rows=(("1", "2"),), order=order,
        unique=order != "weighted",
    )  # fmt: skip
    call = Call(name="read", method="GET", url=Text(("/items/", Var("id"))))
    text = write_scenario(
        ScenarioDraft(
            title="A",
            sources=(),
            target="http://127.0.0.1:8000",
            journeys=(Journey(name="visit", weight=1, items=(call,)),),
            variables=(Variable("id", FromData(name, "id")),),
            data=(data,),
        )
    )
    assert max(map(len, text.splitlines())) <= 88
