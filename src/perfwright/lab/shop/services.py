"""The shop's use cases, bundled. A variant of the shop (`variant.py`) replaces some of them."""

from __future__ import annotations

from dataclasses import dataclass

from perfwright.lab.shop.accounts import Accounts
from perfwright.lab.shop.carts import Carts
from perfwright.lab.shop.catalogue import Catalogue
from perfwright.lab.shop.db import Database
from perfwright.lab.shop.orders import Orders
from perfwright.lab.shop.tokens import TokenSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    accounts: Accounts
    catalogue: Catalogue
    carts: Carts
    orders: Orders


def healthy_services(db: Database, signer: TokenSigner) -> Services:
    return Services(
        accounts=Accounts(db, signer), catalogue=Catalogue(db), carts=Carts(db), orders=Orders(db)
    )
