"""A day at the shop in fifteen seconds: three of four visitors look around, the fourth buys.

    perfwright lab shop                  # in one terminal: the shop, on port 8000
    perfwright run examples/shop.py      # in another

`perfwright demo` does both by itself, raises the load, and says what limits the shop.
"""

from perfwright import Test, User, arrivals, csv, scenario

people = csv("people.csv").shuffled(seed=7)
wishes = ["wool scarf", "oak desk", "glass vase", "blue mug", "leather wallet", "lamp"]


@scenario(weight=3)
async def browse(user: User) -> None:
    await user.get("/items", params={"page": user.rng.randint(1, 20)})
    await user.think(0.2, 0.6)
    found = (await user.get("/search", params={"q": user.rng.choice(wishes)})).json()
    user.check("found something", len(found) > 0)
    for item in found[:3]:
        await user.get(f"/items/{item['id']}")
        await user.think(0.1, 0.3)


@scenario(weight=1)
async def buy(user: User) -> None:
    person = people.next()
    credentials = {"name": person["name"], "password": person["password"]}
    login = await user.post("/login", json=credentials, name="login")
    user.check("logged in", login.status == 200)
    token = {"Authorization": f"Bearer {login.json()['token']}"}

    items = (await user.get("/items", params={"size": 50})).json()
    await user.think(0.2, 0.6)

    async with user.step("checkout"):
        for item in user.rng.sample(items, 2):
            line = {"id": item["id"], "quantity": 1}
            await user.post("/cart", json=line, headers=token, name="add to cart")
        order = (await user.post("/orders", headers=token, name="order")).json()
    receipt = await user.get(f"/orders/{order['id']}", headers=token)
    user.check("paid for two", len(receipt.json()["lines"]) == 2)


test = Test(
    target="http://127.0.0.1:8000",
    load=arrivals(0).ramp(to=25, over="3s").hold("12s"),
    slos=[
        "p99 < 250ms",
        "p95(login) < 150ms",
        "p95(order) < 150ms",
        "errors < 0.1%",
        "checks > 99.9%",
        "throughput > 80/s",
    ],
)
