"""The load behind the figure of `/delay/20`: the known delay and the loopback floor, side by side.

Both have 200 arrivals/s of their own in the same seconds, so that both meet the same noise.
"""

from __future__ import annotations

from perfwright import Test, User, arrivals, scenario

_PER_S = 200


@scenario
async def delayed(user: User) -> None:
    await user.get("/delay/20", name="delayed")


@scenario
async def floor(user: User) -> None:
    await user.get("/", name="floor")


test = Test(
    target="http://127.0.0.1:8000",
    load={name: arrivals(_PER_S).hold("10s") for name in ("delayed", "floor")},
)
