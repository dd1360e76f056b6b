"""JSON pointers lead where RFC 6901 says they do."""

from __future__ import annotations

import pytest

from perfwright.model.json_pointer import keys_of, pointer_to, value_at

DOCUMENT = {
    "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6,
    " ": 7, "m~n": 8,
}  # fmt: skip
"""Of the RFC's section 5, as are the cases."""


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1),
        ("/c%d", 2), ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ('/k"l', 6), ("/ ", 7), ("/m~0n", 8),
    ],
)  # fmt: skip
def test_the_examples_of_the_rfc_are_found(pointer: str, value: object) -> None:
    assert value_at(DOCUMENT, pointer) == value


@pytest.mark.parametrize(
    "pointer", ["/bar", "/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/²", "/foo/0/0", "/a/b"]
)
def test_what_leads_nowhere_is_a_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError):
        value_at(DOCUMENT, pointer)


def test_a_tilde_is_told_from_the_marks_it_is_part_of() -> None:
    assert pointer_to(("~1", "/", 0)) == "/~01/~1/0"
    assert keys_of("/~01/~1/0") == ["~1", "/", "0"]
