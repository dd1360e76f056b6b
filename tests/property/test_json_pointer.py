"""Whatever keys are called, a pointer made of them leads back to what they hold."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from perfwright.model.json_pointer import keys_of, pointer_to, value_at

_NAMES = st.text(alphabet="ab~/01²", max_size=4)
_DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(_NAMES | st.text(max_size=4), max_size=5))
def test_a_pointer_says_its_keys(keys: list[str]) -> None:
    assert keys_of(pointer_to(keys)) == keys


@given(_DOCUMENTS)
def test_each_value_of_a_document_is_at_its_own_pointer(document: Any) -> None:
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        keys, value = waiting.pop()
        assert value_at(document, pointer_to(keys)) is value
        if isinstance(value, (dict, list)):
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [((*keys, key), one) for key, one in inner]
