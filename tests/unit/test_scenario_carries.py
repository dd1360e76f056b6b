"""What steps of a walk hand on to later ones of its session, as generated code."""

from __future__ import annotations

from perfwright.export.scenario_file import write_scenario
from perfwright.model.journey import (
    Call,
    DataFile,
    Edge,
    FromData,
    Reuse,
    ScenarioDraft,
    Text,
    Var,
    Variable,
    Walk,
)


def carried_on(*reuses: Reuse) -> str:
    """The two steps of a walk whose carts have the items that were looked at."""
    item = Call(name="GET /items/{id}", method="GET", url=Text(("/items/", Var("item_id"))))
    cart = Call(
        name="POST /cart/{id}",
        method="POST",
        url=Text(("/cart/", Var("item_id_2"), "/", Var("size"))),
        reuses=reuses,
    )
    walk = Walk(
        name="buy",
        weight=1,
        edges=(
            Edge(source=None, to=item.name, probability=1),
            Edge(source=item.name, to=cart.name, probability=1),
            Edge(source=cart.name, to=None, probability=1),
        ),
    )
    text = write_scenario(
        ScenarioDraft(
            title="A",
            sources=("access.log",),
            steps=(item, cart),
            walks=(walk,),
            variables=(
                Variable("item_id", FromData("item_ids", "item_id")),
                Variable("item_id_2", FromData("carts", "item_id")),
                Variable("size", FromData("carts", "size")),
            ),
            data=(
                DataFile(name="item_ids", columns=("item_id",), rows=(("1",),)),
                DataFile(name="carts", columns=("item_id", "size"), rows=(("1", "L"),)),
            ),
        )
    )
    return text.partition("async def get_item(")[2].partition("\n\n\nBUY")[0]


def test_a_step_takes_over_what_its_session_had_before() -> None:
    assert (
        carried_on(Reuse((("item_id_2", "item_id"),), 0.834))
        == """\
user: User, seen: dict[str, Any]) -> None:
    item_id_row = item_ids.next()
    item_id = item_id_row["item_id"]
    seen["item_id"] = item_id
    await user.get(f"/items/{item_id}", name="GET /items/{id}")


async def post_cart(user: User, seen: dict[str, Any]) -> None:
    cart = carts.next()
    item_id = cart["item_id"]
    if user.rng.random() < 0.834:
        item_id = seen.get("item_id", item_id)
    await user.post(f"/cart/{item_id}/{cart['size']}", name="POST /cart/{id}")"""
    )


def test_what_is_always_taken_over_is_not_drawn_for() -> None:
    text = carried_on(Reuse((("item_id_2", "item_id"),), 1.0))
    assert 'item_id = seen.get("item_id", cart["item_id"])' in text
    assert "rng" not in text


def test_what_belongs_together_is_taken_over_at_once() -> None:
    text = carried_on(Reuse((("item_id_2", "item_id"), ("size", "size")), 0.5))
    assert (
        text.partition("carts.next()\n")[2]
        == """\
    item_id = cart["item_id"]
    size = cart["size"]
    if user.rng.random() < 0.5:
        item_id = seen.get("item_id", item_id)
        size = seen.get("size", size)
    seen["size"] = size
    await user.post(f"/cart/{item_id}/{size}", name="POST /cart/{id}")"""
    )


def test_what_no_step_has_is_not_waited_for() -> None:
    text = carried_on(Reuse((("item_id_2", "unknown"),), 0.5))
    assert "seen" not in text
    assert "f\"/cart/{cart['item_id']}/{cart['size']}\"" in text
