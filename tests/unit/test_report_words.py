"""How numbers, foreign text, load shapes and single exchanges are spelled."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.exchanges import login

from perfwright.model.manifest import RunManifest
from perfwright.report import wording
from perfwright.report.load_words import load_length_s, load_of, load_text
from perfwright.report.once import LINES_MAX, body_lines, render_exchange, shorten_secret
from perfwright.report.text_blocks import fit


@pytest.mark.parametrize(
    ("value_ms", "text"),
    [
        (None, "–"),
        (0.000163, "163ns"),
        (0.0009996, "1.00µs"),
        (0.00941, "9.41µs"),
        (0.00999, "0.01"),
        (0.042, "0.04"),
        (4.216, "4.22"),
        (9.996, "10.0"),
        (99.96, "100"),
        (1240.4, "1,240"),
    ],
)
def test_a_column_of_ms_keeps_three_digits(value_ms: float | None, text: str) -> None:
    assert wording.milliseconds(value_ms) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(None, "–"), (0, "0%"), (1e-9, "<0.001%"), (0.00031, "0.031%"), (0.0028, "0.28%"),
     (0.5, "50.0%"), (1.0, "100%"), (0.99951, "100%"), (0.9993, "99.9%")],
)  # fmt: skip
def test_percent_never_hides_what_happened(ratio: float | None, text: str) -> None:
    assert wording.percent(ratio) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(269.1, "ms", "269 ms"), (0.28, "%", "0.28%"), (981.0, "/s", "981/s"), (0.93, "", "0.93"),
     (2.5, "GB", "2.5 GB"), (None, "ms", "–")],
)  # fmt: skip
def test_an_slo_reads_in_its_own_unit(value: float | None, unit: str, text: str) -> None:
    assert wording.measured(value, unit) == text


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(0, "0 B"), (999, "999 B"), (999.9, "1 kB"), (4.41e6, "4.41 MB")]
)
def test_sizes_are_powers_of_ten(size_bytes: float, text: str) -> None:
    assert wording.size(size_bytes) == text


def test_large_counts_shrink_to_their_column() -> None:
    assert wording.compact(999_999, 7) == "999,999"
    assert wording.compact(1_234_567, 7) == "1.23M"
    assert wording.compact(23_456_789, 6) == "23.5M"


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_fitted_text_is_printable_and_never_wider_than_asked(text: str, columns: int) -> None:
    fitted = fit(text, columns)
    assert cell_len(fitted) <= columns
    assert wording.clean(fitted) == fitted


def test_cleaning_keeps_letters_emoji_and_what_is_asked_for() -> None:
    assert wording.clean("çay 🧑‍🚀") == "çay 🧑‍🚀"
    assert wording.clean("a\x1b[2Jb\n") == "a�[2Jb�"
    assert wording.clean("a\nb", keep="\n") == "a\nb"


def test_load_shapes_read_as_sentences() -> None:
    open_load = {"model": "open", "segments": [[0, 30, 0, 200], [30, 330, 200, 200]]}
    closed_load = {"model": "closed", "segments": [[0, 90, 50, 50]]}
    assert load_text({"": open_load}) == "ramp 0 → 200 arrivals/s in 30 s, hold 5m"
    both = {"buy": open_load, "browse": closed_load}
    assert load_text(both).endswith("hold 5m; browse: 50 users for 1m30s")
    assert load_length_s(both) == 330.0
    assert load_text({}) == ""
    one = {"model": "closed", "segments": [[0, 1, 1, 1]]}
    assert load_text({"": one}) == "1 user for 1 s"
    poisson = {"model": "open", "process": "poisson", "segments": [[0, 2, 300, 300]]}
    assert load_text({"": poisson}) == "300 Poisson arrivals/s for 2 s"
    investigated = RunManifest(
        run_id="a", name="", state="finished", started_at="", kind="investigate", load=both
    )
    assert load_of(investigated) == "raised stage by stage to the limit, within 5m30s"
    assert load_length_s({}) == 0.0


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abcdefghijklmnop", "Bearer abcd… (16 characters)"),
        ("X-API-Key", "0123456789", "0123… (10 characters)"),
        ("Cookie", "a=0123456789; b=1", "a=0123… (10 characters); b=…"),
        ("Set-Cookie", "a=0123456789; Path=/", "a=0123… (10 characters); Path=/"),
        ("Accept", "application/json", "application/json"),
    ],
)
def test_secrets_are_shortened_and_nothing_else(name: str, value: str, shown: str) -> None:
    assert shorten_secret(name, value) == shown


def test_json_is_laid_out_and_what_only_looks_like_json_is_left_alone() -> None:
    assert body_lines(b'{"a":1}', "application/json") == ["{", '  "a": 1', "}"]
    assert body_lines(b"{not json", "application/json") == ["{not json"]


def test_binary_is_summarised_and_long_text_is_cut() -> None:
    assert body_lines(b"\x89PNG\0" * 400, "image/png")[0].startswith("2 kB of image/png: 89 50")
    lines = body_lines(b"line\n" * 500, "text/plain")
    assert len(lines) == LINES_MAX + 1
    assert lines[-1] == "… 460 more lines, 2.5 kB in all"
    assert body_lines(("ş" * 150_000).encode(), "text/plain")[0].startswith("ş")
    assert body_lines(b"", "text/plain") == []


def test_a_hostile_answer_cannot_move_the_cursor() -> None:
    exchange = dataclasses.replace(
        login(), reason="\x1b[2J", response_headers=(("X", "\x1b[1A"),), response_body=b"\x1b[0m hi"
    )
    assert "\x1b" not in render_exchange(exchange, number=1)
