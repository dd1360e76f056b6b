"""The tidy ratchet sees what it must see, in both languages, and is not fooled by literals."""

from __future__ import annotations

import pytest

import tidy
from tidy_functions import python_functions, rust_functions, without_rust_tests

RUST = """//! A head.
/* fn in_a_comment() { */
fn declared(bytes: [u8; 4]) -> u8;
fn real<'a>(text: &'a str) -> char {
    let braces = "}}}"; // }
    let raw = r#"}"}"#;
    if text == "\\"" { '}' } else { '\\'' }
}
#[cfg(test)]
mod tests {
    fn not_counted() {}
}
"""


def python_with_function_of(lines: int) -> str:
    return '"""A head."""\n\n\ndef long():\n' + "    pass\n" * (lines - 1)


def test_python_functions_are_measured_from_def_to_last_line() -> None:
    source = "@decorated\ndef outer():\n    async def inner():\n        pass\n\n    return inner\n"
    assert {f.name: (f.line, f.lines) for f in python_functions(source)} == {
        "outer": (2, 5),
        "inner": (3, 2),
    }


def test_rust_functions_are_measured_whatever_literals_and_comments_hold() -> None:
    functions = rust_functions(without_rust_tests(RUST))
    assert [(f.name, f.line, f.lines) for f in functions] == [("real", 4, 5)]


def test_a_rust_test_module_does_not_count() -> None:
    assert "not_counted" not in without_rust_tests(RUST)
    assert tidy.examine("a.rs", RUST).problems == ()


@pytest.mark.parametrize(
    ("name", "source", "complaint"),
    [
        ("a.py", python_with_function_of(71), "a.py:4: long takes 71 lines"),
        ("a.py", "x = 1\n", "a.py:1: no head"),
        ("a.rs", "fn main() {}\n", "a.rs:1: no head"),
        ("a.rs", f"//! {'x' * 100}\n", "a.rs:1: 104 characters"),
        ("a.py", '"""Head."""\n# TO' + "DO later\n", "a.py:2: TO" + "DO"),
        ("a.rs", "//! Head.\n" * 402, "a.rs: 402 lines"),
        ("a.py", "def broken(:\n", "a.py:1: invalid syntax"),
    ],
)
def test_a_broken_rule_names_the_place(name: str, source: str, complaint: str) -> None:
    (problem,) = tidy.examine(name, source).problems
    assert problem.startswith(complaint)


def test_a_long_file_may_say_why() -> None:
    report = tidy.examine("a.rs", "//! Long because it is one table.\n" * 402)
    assert report.problems == ()
    assert report.is_long


def test_an_empty_file_needs_no_head() -> None:
    assert tidy.examine("__init__.py", "").problems == ()


def test_ratchets_count_the_share_of_long_functions() -> None:
    sources = [python_with_function_of(36), *[python_with_function_of(35)] * 3]
    measured = tidy.measure([tidy.examine("a.py", source) for source in sources])
    assert measured == {"long_function_percent": 25, "long_files": 0}


def test_a_ratchet_complains_when_passed_and_asks_to_be_lowered_when_loose() -> None:
    grown, loose = tidy.compare({"a": 3, "b": 1, "c": 2}, {"a": 2, "b": 2, "c": 2})
    assert [line.partition(" ")[0] for line in grown] == ["a"]
    assert [line.partition(" ")[0] for line in loose] == ["b"]


def test_update_only_lowers(tmp_path, monkeypatch) -> None:
    ratchets = tmp_path / "tidy.toml"
    ratchets.write_text("# Why.\n\na = 3\nb = 1\n")
    monkeypatch.setattr(tidy, "RATCHETS", ratchets)
    tidy.lower({"a": 2, "b": 5}, {"a": 3, "b": 1})
    assert ratchets.read_text() == "# Why.\n\na = 2\nb = 1\n"
