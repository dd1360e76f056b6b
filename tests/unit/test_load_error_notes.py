"""Exceptions of user code: counted by kind, in bounded memory."""

from __future__ import annotations

import pytest

from perfwright.load.error_notes import MAX_KINDS, MAX_TEXT, ErrorNotes
from perfwright.model.errors import FeederExhausted, UsageError
from perfwright.model.units import parse_duration


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_one_line_and_type_is_one_kind_with_its_first_message() -> None:
    notes = ErrorNotes()
    for number in range(3):
        assert notes.note("buy", _raised(KeyError(number))) is False
    notes.note("browse", _raised(KeyError(9)))
    notes.note("buy", _raised(ValueError("x")))
    taken = [(e["where"], e["type"], e["message"], e["count"]) for e in notes.take()]
    assert taken == [
        ("buy", "KeyError", "0", 3),
        ("browse", "KeyError", "9", 1),
        ("buy", "ValueError", "x", 1),
    ]
    assert notes.take() == []


def test_kinds_beyond_the_limit_are_not_kept() -> None:
    notes = ErrorNotes()
    for number in range(2 * MAX_KINDS):
        notes.note("buy", type(f"Error{number}", (Exception,), {})())
    assert len(notes.take()) == MAX_KINDS


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    notes = ErrorNotes()
    notes.note("buy", _raised(ValueError("a" * 1_000_000 + "z")))
    (error,) = notes.take()
    for text in (str(error["message"]), str(error["traceback"])):
        assert len(text) < MAX_TEXT + 20
        assert text.endswith("z")
    assert str(error["traceback"]).startswith("Traceback (most recent call last):")


def test_a_used_up_feeder_is_no_error() -> None:
    notes = ErrorNotes()
    assert notes.note("buy", _raised(FeederExhausted("all 3 rows"))) is True
    assert notes.exhausted == "all 3 rows"
    assert notes.take() == []


def test_our_own_frames_are_left_out() -> None:
    notes = ErrorNotes()
    with pytest.raises(UsageError) as caught:
        parse_duration("soon", field="think")
    notes.note("buy", caught.value)
    (error,) = notes.take()
    assert 'parse_duration("soon"' in str(error["traceback"]), "the user's own line"
    assert "units.py" not in str(error["traceback"])
