"""Files of synthetic data: read back as they were made, whatever is in them; or not there."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from perfwright.cli import main
from perfwright.export.synthetic.chunk import Values
from perfwright.export.synthetic.texts import objects
from perfwright.export.synthetic.writers import Format, write_table
from perfwright.model.errors import DataError

SPEC = """
seed: 4
tables:
  users:
    rows: 60000
    columns:
      id: sequence
      name: {type: name, nulls: 0.1}
      'odd, "name"': {values: ["a,b", 'say "x"', "two\\nlines", "", é]}
      vip: {type: boolean, nulls: 0.5}
      spent: {type: lognormal, mu: 3, sigma: 1, digits: 2, nulls: 0.2}
      mixed: {values: [1, x, true, null]}
  orders:
    rows: 10
    columns: {user: {references: users.id}}
"""


def made(folder: Path, form: str, *words: str) -> Path:
    (folder / "spec.yaml").write_text(SPEC)
    out = folder / form
    result = CliRunner().invoke(
        main,
        ["data", str(folder / "spec.yaml"), "--out", str(out), "--format", form, *words],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    return out / f"users.{form}"


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"SELECT * FROM '{path}' ORDER BY id").fetchall()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def test_every_format_holds_the_same_rows(folder: Path) -> None:
    parquet = rows_of(made(folder, "parquet"))
    with made(folder, "csv").open(newline="") as file:
        header, *written = csv.reader(file)
    assert header == ["id", "name", 'odd, "name"', "vip", "spent", "mixed"]
    words = {None: "", True: "true", False: "false"}
    assert len(written) == len(parquet) == 60_000
    for text, row in zip(written, parquet, strict=True):
        assert text == [words[v] if v is None or isinstance(v, bool) else str(v) for v in row]
    lines = made(folder, "jsonl").read_text().splitlines()
    for line, row in zip(lines, parquet, strict=True):
        document = json.loads(line)
        assert list(document) == header
        assert [*document.values()][:5] == list(row[:5])


def test_parquet_has_the_types_of_the_columns(folder: Path) -> None:
    described = duckdb.sql(f"DESCRIBE SELECT * FROM '{made(folder, 'parquet')}'").fetchall()
    assert [kind for _, kind, *_ in described] == [
        "BIGINT", "VARCHAR", "VARCHAR", "BOOLEAN", "DOUBLE", "VARCHAR",
    ]  # fmt: skip


def test_the_same_seed_makes_the_same_bytes(folder: Path) -> None:
    def digest(*words: str) -> str:
        return hashlib.sha256(made(folder, "csv", *words).read_bytes()).hexdigest()

    assert digest() == digest("--seed", "4") != digest("--seed", "5")


def test_the_command_says_what_it_wrote(folder: Path) -> None:
    (folder / "spec.yaml").write_text(SPEC)
    words = ["data", str(folder / "spec.yaml"), "--out", str(folder / "said")]
    result = CliRunner().invoke(main, [*words, "--rows", "7", "--rows", "users=5", "--json"])
    tables = json.loads(result.output)["tables"]
    assert [(table["name"], table["rows"]) for table in tables] == [("users", 5), ("orders", 7)]
    assert [Path(table["path"]).stat().st_size for table in tables] == [t["bytes"] for t in tables]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--rows", "many"], "--rows: 'many' is no number of rows"),
        (["--rows", "user=5"], "there is no table 'user'; did you mean 'users'?"),
        (["--rows", "0"], "--rows: 0 must be a whole number of one or more"),
        (["--locale", "xx"], "Faker has no locale 'xx'"),
        (["--out", "/proc/nowhere"], "/proc/nowhere"),
    ],
    ids=str,
)
def test_wrong_usage_is_told_and_nothing_is_written(
    folder: Path, words: list[str], problem: str
) -> None:
    (folder / "spec.yaml").write_text(SPEC)
    out = folder / "nothing"
    result = CliRunner().invoke(
        main, ["data", str(folder / "spec.yaml"), "--out", str(out), *words]
    )
    assert result.exit_code == 2
    assert problem in result.output
    assert not out.exists()


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(texts, st.none() | texts), min_size=1, max_size=20))
def test_any_text_comes_back_from_csv(rows: list[tuple[str, str | None]]) -> None:
    from tempfile import TemporaryDirectory

    columns = [objects([row[place] for row in rows]) for place in (0, 1)]
    chunk = {name: Values(data) for name, data in zip("ab", columns, strict=True)}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_table(path, ["a", "b"], [chunk], "csv")
        with path.open(newline="", encoding="utf-8") as file:
            read = list(csv.reader(file))[1:]
    assert read == [[first, second or ""] for first, second in rows]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_table_that_cannot_be_finished_leaves_nothing(tmp_path: Path, form: Format) -> None:
    def chunks() -> Iterator[dict[str, Values]]:
        yield {"a": Values(np.arange(5))}
        raise DataError("no more")

    with pytest.raises(DataError, match="no more"):
        write_table(tmp_path / f"t.{form}", ["a"], chunks(), form)
    assert list(tmp_path.iterdir()) == []


def test_a_row_of_one_empty_value_is_a_row(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", ["a"], [{"a": Values(objects([None, "x"]))}], "csv")
    with (tmp_path / "t.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["a"], [""], ["x"]]
