"""Salted password hashes by scrypt (RFC 7914), at a cost fit for a test bed.

N=64, r=4 takes about 0.1 ms, so that logging in is real work yet never the shop's bottleneck.
A shop with customers of flesh and blood would take N=2**17 and a thread.
"""

from __future__ import annotations

import hashlib
import hmac

_SALT_BYTES = 8


def hash_password(password: str, salt: bytes) -> str:
    """`salt$digest` in hex."""
    digest = hashlib.scrypt(password.encode(), salt=salt, n=64, r=4, p=1, dklen=16)
    return f"{salt.hex()}${digest.hex()}"


def salt_of(name: str, seed: int) -> bytes:
    """A customer's salt: derived, not drawn, so that one seed always gives the same database."""
    return hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=_SALT_BYTES).digest()


def password_matches(password: str, stored: str) -> bool:
    """Whether `password` gives `stored`, compared in constant time."""
    salt = bytes.fromhex(stored.partition("$")[0])
    return hmac.compare_digest(hash_password(password, salt), stored)
