"""Starts the sample shop as a process of its own, healthy or with a fault, and makes sure that it
ends.

    start_shop() ─► servers around it ─► shop(s) ─► nginx ─► ShopProcess(url, pid, watch, …)
                                                               └─► fix(), stop()

Without a fault the shop stands alone, on SQLite unless `db` says otherwise. With one (`none` is
the healthy one) it gets the servers that the fault asks for. `db="sqlite"` keeps it on SQLite,
where the fault shows there, too.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import Self
from urllib.parse import urlsplit

from perfwright.lab.around import Standing, start_around
from perfwright.lab.child import Child
from perfwright.lab.errors import LaunchError
from perfwright.lab.faults import load, module_of
from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.nginx import NginxServer
from perfwright.lab.servers.surroundings import Surroundings

__all__ = ["LaunchError", "ShopProcess", "start_shop"]

_FIX_DEADLINE_S = 60.0
_ALONE = Surroundings(postgres=None)


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
    """A running shop. As a context manager it stops at the end.

    `url` is where visitors come in, `shop_urls` are the shops themselves (behind it, if there is a
    proxy); `pid` the (first) shop's process; `standing` the servers behind it.
    """

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._fault = load(wish.fault) if wish.fault is not None else None
        if self._fault and not self._fault.sqlite and wish.db == "sqlite":
            raise LaunchError(f"{wish.fault} shows over PostgreSQL only; leave --db out")
        self._wanted = self._fault.surroundings(fixed=wish.fixed) if self._fault else _ALONE
        self._servers, self._shops = ExitStack(), ExitStack()
        try:
            self._start_servers()
            self._start_shops()
        except BaseException:
            self.stop()
            raise

    def fix(self) -> None:
        """Mend the fault: in the running shop where that can be done, else by a restart on the same
        address. Servers behind the shop go on, unless the mistake is in one of them."""
        assert self._fault is not None, "a shop without a fault has nothing to fix"
        if self._fault.live_fix is not None:
            self._first.ask("fix", deadline_s=_FIX_DEADLINE_S)
            return
        port = urlsplit(self.url).port or 0
        self._wish = replace(self._wish, fixed=True, port=port)
        wanted, before = self._fault.surroundings(fixed=True), self._wanted
        self._wanted = wanted
        self._shops.close()
        if wanted.behind != before.behind:
            self._servers.close()
            self._start_servers()
        self._start_shops()

    def as_json(self) -> dict[str, object]:
        """`url`, `pid` and the URLs of the servers around; `db` is for watching."""
        around = {"db": self.standing.watch, "redis": self.standing.redis}
        return {"url": self.url, "pid": self.pid, **{k: v for k, v in around.items() if v}}

    def stop(self) -> None:
        """End the shop and what stands around it; does nothing if that has been done."""
        self._shops.close()
        self._servers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start_servers(self) -> None:
        self.standing = start_around(
            self._servers,
            self._wanted,
            postgres=self._wish.db is None,
            orders=self._wish.orders,
            seed_number=self._wish.seed,
        )

    def _start_shops(self) -> None:
        wish, wanted = self._wish, self._wanted
        db = self.standing.db or (wish.db if wish.db != "sqlite" else None)
        if db is None and wanted.shops > 1:
            shared = self._shops.enter_context(TemporaryDirectory(prefix="shops-"))
            db = f"sqlite:{shared}/shop.sqlite"
        start = _ShopStart(wish, self._fault, wanted, self.standing, db)
        shops = [self._shops.enter_context(start.one()) for _ in range(wanted.shops)]
        self._first = shops[0]
        self.pid = self._first.pid
        self.shop_urls = tuple(str(shop.ready["url"]) for shop in shops)
        self.url = self.shop_urls[0]
        if wanted.nginx is not None:
            addresses = [urlsplit(url).netloc for url in self.shop_urls]
            front = NginxServer(wanted.nginx, addresses, host=wish.host, port=wish.port)
            self.url = self._shops.enter_context(front).url


class _ShopStart:
    """What the shops behind one address are started with; `db` None: each its own SQLite."""

    def __init__(
        self,
        wish: Wish,
        fault: Fault | None,
        wanted: Surroundings,
        standing: Standing,
        db: str | None,
    ) -> None:
        behind_proxy = wanted.nginx is not None
        arguments = {
            "host": "127.0.0.1" if behind_proxy else wish.host,
            "port": 0 if behind_proxy else wish.port,
            "orders": wish.orders,
            "seed": wish.seed,
            "workers": max(wish.workers, wanted.workers),
        }
        if db is not None:
            arguments["db"] = db
        self._arguments = [f"--{name}={value}" for name, value in arguments.items()]
        self._deadline_s = wish.deadline_s
        self._settings: dict[str, object] = {
            "redis": standing.redis,
            "partner": standing.partner,
            "secret": secrets.token_hex(16),
        }
        if fault is not None:
            which = "fixed" if wish.fixed else "faulty"
            self._settings["variant"] = f"{module_of(str(wish.fault))}:FAULT.{which}"
            self._settings["fix"] = fault.live_fix or ()

    def one(self) -> Child:
        return Child(
            "shop",
            "perfwright.lab.shop",
            ["--until-stdin-ends", *self._arguments],
            settings=self._settings,
            deadline_s=self._deadline_s,
        )


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
    return ShopProcess(
        Wish(
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
    )
