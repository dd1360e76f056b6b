"""The sample shop's connection pool: exclusive, fair, and honest about who waits."""

from __future__ import annotations

import asyncio

from perfwright.lab.shop.db_pool import Pool, PoolState


def test_waiters_are_served_in_turn_and_every_change_is_told() -> None:
    states: list[PoolState] = []
    served: list[str] = []

    async def use(pool: Pool[str], name: str) -> None:
        async with pool.take() as connection:
            served.append(f"{name} {connection}")
            await asyncio.sleep(0)

    async def main() -> None:
        pool = Pool(["one", "two"], states.append)
        await asyncio.gather(*(use(pool, name) for name in "abcd"))

    asyncio.run(main())
    assert [turn[0] for turn in served] == list("abcd")
    assert max(state.used for state in states) == 2
    assert max(state.waiting for state in states) == 2
    assert states[0] == states[-1] == PoolState(used=0, idle=2, waiting=0)


def test_a_waiter_that_gives_up_takes_no_connection_with_it() -> None:
    states: list[PoolState] = []

    async def main() -> None:
        pool = Pool(["only"], states.append)
        async with pool.take():
            waiter = asyncio.create_task(pool.take().__aenter__())
            await asyncio.sleep(0)
            assert states[-1].waiting == 1
            waiter.cancel()
            await asyncio.gather(waiter, return_exceptions=True)
        async with pool.take() as connection:
            assert connection == "only"

    asyncio.run(main())
    assert states[-1] == PoolState(used=0, idle=1, waiting=0)
