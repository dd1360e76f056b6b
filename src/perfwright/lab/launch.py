"""Starts the sample shop as a process of its own, healthy or with a fault, and makes sure that it
ends.

    start_shop() ─► servers around it ─► shop ─► ShopProcess(url, pid, db, …) ─► fix(), stop()

Without a fault the shop stands alone, on SQLite unless `db` says otherwise. With one (`none` is
the healthy one) it gets the servers that the fault asks for; `db="sqlite"` keeps it on SQLite,
where the fault shows there, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from perfwright.lab.child import Child, LaunchError
from perfwright.lab.faults import load, module_of
from perfwright.lab.faults.fault import Fault

__all__ = ["LaunchError", "ShopProcess", "start_shop"]

_FIX_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the shop is to be started; see `start_shop`."""

    host: str
    port: int
    db: str | None
    orders: int
    seed: int
    workers: int
    fault: str | None
    fixed: bool
    deadline_s: float


class ShopProcess:
    """A running shop: `url`, `pid`, `stop()`. As a context manager it stops at the end."""

    def __init__(self, wish: Wish, fault: Fault | None) -> None:
        self._wish = wish
        self._fault = fault
        self._shop = _start(wish, fault)
        self.url = str(self._shop.ready["url"])
        self.pid = self._shop.pid

    def fix(self) -> None:
        """Mend the fault: in the running shop where that can be done, else by a restart on the same
        address."""
        assert self._fault is not None, "a shop without a fault has nothing to fix"
        if self._fault.live_fix is not None:
            self._shop.ask("fix", deadline_s=_FIX_DEADLINE_S)

    def stop(self, *, grace_s: float = 6.0) -> None:
        """End the shop and wait for it; does nothing if it has ended."""
        self._shop.stop(grace_s=grace_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_shop(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    db: str | None = None,
    orders: int = 50_000,
    seed: int = 7,
    workers: int = 1,
    fault: str | None = None,
    fixed: bool = False,
    deadline_s: float = 30.0,
) -> ShopProcess:
    """Start the shop and wait until it serves. Port 0 takes a free one; `fault` is one of
    `faults.NAMES`, `fixed` its mended shop among the same servers. Raises LaunchError."""
    wish = Wish(
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
    return ShopProcess(wish, load(fault) if fault is not None else None)


def _start(wish: Wish, fault: Fault | None) -> Child:
    arguments = {
        "host": wish.host,
        "port": wish.port,
        "orders": wish.orders,
        "seed": wish.seed,
        "workers": wish.workers,
    }
    if wish.db not in (None, "sqlite"):
        arguments["db"] = wish.db
    settings: dict[str, object] = {}
    if fault is not None:
        assert wish.fault is not None
        which = "fixed" if wish.fixed else "faulty"
        settings["variant"] = f"{module_of(wish.fault)}:FAULT.{which}"
        settings["fix"] = fault.live_fix or ()
    return Child(
        "shop",
        "perfwright.lab.shop",
        ["--until-stdin-ends", *(f"--{name}={value}" for name, value in arguments.items())],
        settings=settings,
        deadline_s=wish.deadline_s,
    )
