"""Users that do nothing but think: what a waiting user costs in memory."""

from __future__ import annotations

from perfwright import Test, User, scenario, users


@scenario
async def think(user: User) -> None:
    await user.think(3600)


test = Test(target="http://127.0.0.1:8000", load=users(1000).hold("10s"))
