"""Normalizing takes any text, keeps nothing of a literal, and is done after once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perfwright.model.statements import fingerprint, normalize

SQL = st.lists(
    st.sampled_from(
        ["SELECT ", "a", "'b'", '"c"', "`d`", "$1", "$$", "%s", ":x", "::", "?", "-", "--", "/*",
         "*/", "\n", " ", "IN (", "?, ?", ")", "5", ".5", "1e", "NULL", "IS ", "NOT ", "VALUES (",
         "'", "\\", ",", "=", "(", ";", "E'", "ARRAY["]
    )
).map(" ".join)  # fmt: skip


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    assert len(fingerprint(text)) == 16


@given(SQL)
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert fingerprint(once) == fingerprint(text)


@given(st.text(alphabet=st.characters(exclude_characters="'\\\0")).map(lambda t: f"zq{t}zq"))
def test_nothing_of_a_literal_is_left(secret: str) -> None:
    statement = f"UPDATE users SET name = '{secret}' WHERE id = 1"
    assert normalize(statement) == "UPDATE users SET name = ? WHERE id = ?"
