"""Login tokens of the sample shop: only genuine, unexpired ones name a visitor."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from perfwright.lab.shop.tokens import LIFETIME_S, TokenSigner, Visitor

SIGNER = TokenSigner(secret=b"of this shop")
ADA = Visitor(customer_id=1, name="ada", cart_id="c0ffee")
TOKEN = SIGNER.sign(ADA)


def test_a_token_names_whom_it_was_made_for() -> None:
    assert SIGNER.read(TOKEN) == ADA


def test_an_expired_token_names_nobody() -> None:
    assert SIGNER.read(SIGNER.sign(ADA, now_s=time.time() - LIFETIME_S - 1)) is None


def test_a_token_of_another_shop_names_nobody() -> None:
    assert SIGNER.read(TokenSigner(secret=b"of another").sign(ADA)) is None


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_a_token_changed_anywhere_names_nobody(position: int, letter: str) -> None:
    changed = TOKEN[:position] + letter + TOKEN[position + 1 :]
    assert (SIGNER.read(changed) is None) == (changed != TOKEN)


@given(st.text())
def test_any_other_text_names_nobody(text: str) -> None:
    assert SIGNER.read(text) is None
