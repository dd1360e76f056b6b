"""The smallest useful test. Start a shop with `perfwright lab shop`, then `perfwright run` this."""

from perfwright import Test, User, arrivals, scenario


@scenario
async def browse(user: User) -> None:
    items = (await user.get("/items")).json()
    await user.think(0.5, 1.5)
    item = user.rng.choice(items)
    detail = await user.get(f"/items/{item['id']}")
    user.check("it is the item", detail.json()["title"] == item["title"])


test = Test(
    target="http://127.0.0.1:8000",
    load=arrivals(50).hold("30s"),
    slos=["p99 < 300ms", "errors < 0.1%"],
)
