"""Rows of synthetic tables: unique, referring to what exists, the same for the same seed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from perfwright.export.synthetic.tables import TableRows
from perfwright.export.synthetic.uniques import with_number
from perfwright.model.errors import DataError
from perfwright.plan.data_file import data_spec
from perfwright.plan.data_spec import DataSpec

Rows = dict[str, list[Any]]


def tables_of(spec: DataSpec, chunk_rows: int = 700) -> dict[str, Rows]:
    """The columns of every table."""
    keys: dict[tuple[str, str], Any] = {}
    made: dict[str, Rows] = {}
    for table in spec.tables:
        rows = TableRows(spec, table, keys, chunk_rows=chunk_rows)
        columns: Rows = {column.name: [] for column in table.columns}
        for chunk in rows.chunks():
            for name, values in chunk.items():
                columns[name] += values.listed()
        keys |= rows.keys()
        made[table.name] = columns
    return made


def made(rows: int, *, seed: int = 1, chunk_rows: int = 700, **columns: object) -> Rows:
    spec = data_spec({"rows": rows, "columns": columns}, "t", seed=seed)
    return tables_of(spec, chunk_rows)["t"]


@pytest.mark.parametrize(
    "column",
    [
        "sequence",
        "uuid",
        {"type": "integer", "low": 10, "high": 5_009, "unique": True},
        {"pattern": "A?-###", "unique": True},
        {"pattern": "*" * 40, "unique": True},
        {"type": "email", "unique": True},
        {"type": "job", "unique": True},
        {"type": "first_name", "unique": True, "pool": 10},
    ],
    ids=str,
)
def test_a_unique_column_repeats_nothing(column: object) -> None:
    values = made(5_000, it=column)["it"]
    assert len(set(values)) == len(values) == 5_000


def test_a_unique_template_tells_namesakes_apart_by_a_number() -> None:
    rows = made(
        3_000,
        first={"values": ["Ann", "Bo"]},
        last={"values": ["Ash", "O'Neil"]},
        email={"template": "{first|lower}.{last|slug}@example.com", "unique": True},
    )
    assert len(set(rows["email"])) == 3_000
    names = {f"{a.lower()}.{b}" for a in ("Ann", "Bo") for b in ("ash", "oneil")}
    for email in rows["email"]:
        match = re.fullmatch(r"([a-z]+\.[a-z]+)(\.\d+)?@example\.com", email)
        assert match is not None, email
        assert match[1] in names


def test_a_number_goes_where_such_a_text_may_have_one() -> None:
    assert with_number("ann@example.com", 2) == "ann.2@example.com"
    assert with_number("https://example.com/", 3) == "https://example.com/3"
    assert (with_number("Ann Ash", 2), with_number("ann", 2)) == ("Ann Ash 2", "ann.2")


def test_texts_follow_their_patterns() -> None:
    rows = made(500, code={"pattern": r"AB-##/??\#*"}, id="uuid")
    assert all(re.fullmatch(r"AB-\d\d/[A-Z]{2}#[a-z0-9]", code) for code in rows["code"])
    version_4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(version_4, value) for value in rows["id"])


def test_the_share_of_nulls_is_as_asked_and_a_template_leaves_them_out() -> None:
    rows = made(
        20_000,
        phone={"pattern": "###", "nulls": 0.2},
        said={"template": "<{phone}>"},
    )
    assert rows["phone"].count(None) == pytest.approx(4_000, abs=250)
    assert all(s == f"<{p or ''}>" for p, s in zip(rows["phone"], rows["said"], strict=True))


SHOP = {
    "seed": 3,
    "tables": {
        "orders": {
            "rows": 4_000,
            "columns": {
                "id": {"type": "sequence", "start": 100, "step": 10},
                "user": {"references": "users.id", "pick": "zipf", "s": 1.2},
                "seller": {"references": "users.email"},
                "day": {"references": "days.day", "pick": "each"},
            },
        },
        "users": {
            "rows": 1_000,
            "columns": {"id": "uuid", "email": {"type": "email", "unique": True}},
        },
        "days": {"rows": 7, "columns": {"day": "sequence"}},
        "profiles": {
            "rows": 1_000,
            "columns": {"user": {"references": "users.id", "unique": True}},
        },
    },
}


def test_keys_of_other_tables_exist_whatever_the_order_of_the_file() -> None:
    tables = tables_of(data_spec(SHOP, "shop"))
    users = tables["users"]
    assert set(tables["orders"]["user"]) <= set(users["id"])
    assert set(tables["orders"]["seller"]) <= set(users["email"])
    assert sorted(tables["profiles"]["user"]) == sorted(users["id"])


def test_picks_are_uniform_or_popular_or_in_turn() -> None:
    orders = tables_of(data_spec(SHOP, "shop"))["orders"]
    counts = Counter(orders["seller"])
    every = [*counts.values(), *[0] * (1_000 - len(counts))]
    assert stats.chisquare(every).pvalue > 1e-3
    most = Counter(orders["user"]).most_common(3)
    expected = [4_000 * stats.zipfian(1.2, 1_000).pmf(rank) for rank in (1, 2, 3)]
    assert [count for _, count in most] == pytest.approx(expected, rel=0.2)
    assert orders["day"][:9] == [1, 2, 3, 4, 5, 6, 7, 1, 2]


def test_the_same_seed_makes_the_same_rows_in_chunks_of_any_size() -> None:
    spec = data_spec(SHOP, "shop")
    assert tables_of(spec, 1) == tables_of(spec, 999) == tables_of(data_spec(SHOP, "shop"))
    assert tables_of(spec) != tables_of(data_spec(SHOP, "shop", seed=4))


def test_a_column_does_not_depend_on_the_others() -> None:
    one = made(50, seed=9, age={"type": "integer", "low": 0, "high": 99})
    two = made(50, seed=9, name="name", age={"type": "integer", "low": 0, "high": 99})
    assert one["age"] == two["age"]


def test_a_locale_speaks_its_language() -> None:
    spec = data_spec({"columns": {"name": "last_name"}, "rows": 300}, "t", locale="ja_JP")
    names = tables_of(spec)["t"]["name"]
    assert all(ord(name[0]) > 0x3000 for name in names)


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ({"pattern": "##", "unique": True}, "has 100 values"),
        ({"type": "integer", "low": 1, "high": 500, "unique": True}, "there are 500 values"),
        ({"values": ["a", "b"], "unique": True}, "there are 2 values"),
        ({"type": "boolean_of_faker"}, "neither a kind of column nor a provider"),
        ({"type": "pybool", "unique": True}, "not enough different values"),
        ({"type": "random_int", "args": {"floor": 3}}, "Faker's random_int does not take"),
    ],
    ids=str,
)
def test_what_cannot_be_made_is_told(column: object, problem: str) -> None:
    with pytest.raises(DataError, match=re.escape(problem)):
        made(1_000, it=column)


def test_numbers_keep_their_type_with_holes_in_them() -> None:
    values = made(200, n={"type": "integer", "low": 1, "high": 9, "nulls": 0.5})["n"]
    assert {type(value) for value in values} == {int, type(None)}
    assert np.mean([value is None for value in values]) == pytest.approx(0.5, abs=0.15)


def test_a_spec_may_be_yaml_json_or_toml(tmp_path: Path) -> None:
    from perfwright.plan.data_file import read_data_spec

    texts = {
        "t.yaml": "rows: 5\ncolumns:\n  id: sequence\n"
        "  at: {type: date, from: 2026-01-01, to: 2026-02-01}",
        "t.json": '{"rows": 5, "columns": {"id": "sequence", "at": {"type": "date", '
        '"from": "2026-01-01", "to": "2026-02-01"}}}',
        "t.toml": 'rows = 5\n[columns]\nid = "sequence"\n'
        'at = {type = "date", from = 2026-01-01, to = 2026-02-01}\n',
    }
    specs = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        specs.append(read_data_spec(tmp_path / name))
    assert specs[0] == specs[1] == specs[2]
