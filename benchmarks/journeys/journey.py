"""The journey that the benchmark times: ten requests, with the Python of a real test around each.

Log in, parse the JSON, take the token, eight random paths with a header and a status test, a cart,
an assertion on its JSON. `locustfile.py` is the same journey for Locust.
"""

from __future__ import annotations

from perfwright import Test, User, scenario, users


@scenario
async def journey(user: User) -> None:
    login = await user.post("/login", json={"name": "ada", "password": "secret"}, name="login")
    headers = {"Authorization": f"Bearer {login.json()['token']}"}
    for _ in range(8):
        item = user.rng.randrange(10_000)
        answer = await user.get(f"/items/{item}", headers=headers, name="item")
        user.check("item found", answer.status == 200)
    cart = await user.post("/cart", json={"id": item}, headers=headers, name="cart")
    assert cart.json()["ok"]


test = Test(target="http://127.0.0.1:8000", load=users(64).hold("10s"))
