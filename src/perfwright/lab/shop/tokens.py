"""Login tokens that carry their own proof: nothing is stored per login.

    base64url(JSON {customer, name, cart, expires}) "." hex(HMAC-SHA256 of the part before the dot)

The cart is named in the token, so every login starts with an empty one and a customer who is
logged in twice has two. Times are Unix seconds. All but a genuine, unexpired token gives None.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass

LIFETIME_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is asking: what a token says of its bearer."""

    customer_id: int
    name: str
    cart_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSigner:
    """Signs and reads tokens with `secret`; all workers of one shop share it."""

    secret: bytes

    def sign(self, visitor: Visitor, *, now_s: float | None = None) -> str:
        claims = {
            "customer": visitor.customer_id,
            "name": visitor.name,
            "cart": visitor.cart_id,
            "expires": int((time.time() if now_s is None else now_s) + LIFETIME_S),
        }
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
        return f"{payload}.{self._signature(payload)}"

    def read(self, token: str) -> Visitor | None:
        payload, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(payload).encode()):
            return None
        claims = json.loads(base64.urlsafe_b64decode(payload))
        if claims["expires"] < time.time():
            return None
        return Visitor(customer_id=claims["customer"], name=claims["name"], cart_id=claims["cart"])

    def _signature(self, payload: str) -> str:
        return hmac.new(self.secret, payload.encode(), hashlib.sha256).hexdigest()
