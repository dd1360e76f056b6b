"""The one place that starts a lab service: the shop as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from perfwright.lab.launch import LaunchError, ShopProcess, start_shop
from perfwright.model.errors import UsageError


@contextmanager
def launched_shop(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    db: str | None = None,
    orders: int = 50_000,
    seed: int = 7,
    workers: int = 1,
    fault: str | None = None,
    fixed: bool = False,
    deadline_s: float = 60.0,
) -> Iterator[ShopProcess]:
    """The shop, serving; stopped at the end. UsageError in its own words if it cannot start."""
    try:
        shop = start_shop(
            host=host,
            port=port,
            db=db,
            orders=orders,
            seed=seed,
            workers=workers,
            fault=fault,
            fixed=fixed,
            deadline_s=deadline_s,
        )
    except LaunchError as error:
        raise UsageError(f"lab: {error}") from None
    with shop:
        yield shop
