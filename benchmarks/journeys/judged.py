"""The load behind `benchmarks/judge.py`: the same two requests four times over, slower each time.

Every condition is a scenario of its own with Poisson arrivals, all of them in one run, so that all
meet the same noise. A step is named after its condition: `plus10 slow` waits 1.1 times as long as
`equal slow`.
"""

from __future__ import annotations

from perfwright import Test, User, arrivals, scenario

_QUICK_MS, _SLOW_MS = 8.0, 20.0
_PER_S = 40


async def _both(user: User, condition: str, slower: float) -> None:
    await user.get(f"/delay/{_QUICK_MS * slower:.3f}", name=f"{condition} quick")
    await user.get(f"/delay/{_SLOW_MS * slower:.3f}", name=f"{condition} slow")


@scenario
async def equal(user: User) -> None:
    await _both(user, "equal", 1.0)


@scenario
async def plus5(user: User) -> None:
    await _both(user, "plus5", 1.05)


@scenario
async def plus10(user: User) -> None:
    await _both(user, "plus10", 1.10)


@scenario
async def plus20(user: User) -> None:
    await _both(user, "plus20", 1.20)


test = Test(
    target="http://127.0.0.1:8000",
    load={
        name: arrivals(_PER_S, process="poisson").hold("30s")
        for name in ("equal", "plus5", "plus10", "plus20")
    },
)
