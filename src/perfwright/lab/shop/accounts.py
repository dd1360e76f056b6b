"""Who the customers are: logging in, and knowing a caller by its token."""

from __future__ import annotations

import secrets

from perfwright.lab.shop.db import Database
from perfwright.lab.shop.errors import ShopError
from perfwright.lab.shop.passwords import password_matches
from perfwright.lab.shop.tokens import TokenSigner, Visitor


class Accounts:
    """Customers in `db`, tokens by `signer`."""

    def __init__(self, db: Database, signer: TokenSigner) -> None:
        self._db = db
        self._signer = signer

    async def login(self, name: str, password: str) -> tuple[str, Visitor]:
        """A fresh token and whom it names. ShopError 401, which never says which one was wrong."""
        async with self._db.session() as session:
            customer = await session.one(
                "SELECT id, password_hash FROM customers WHERE name = :name", name=name
            )
        if customer is None or not password_matches(password, customer["password_hash"]):
            raise ShopError(401, "bad_credentials", "no customer has this name and password")
        visitor = Visitor(customer_id=customer["id"], name=name, cart_id=secrets.token_hex(8))
        return self._signer.sign(visitor), visitor

    def visitor(self, authorization: str | None) -> Visitor:
        """Whom an Authorization header (`Bearer TOKEN`) names. ShopError 401."""
        scheme, _, token = (authorization or "").partition(" ")
        visitor = self._signer.read(token) if scheme.lower() == "bearer" else None
        if visitor is None:
            raise ShopError(
                401, "unauthorized", "send Authorization: Bearer TOKEN, the token from POST /login"
            )
        return visitor
