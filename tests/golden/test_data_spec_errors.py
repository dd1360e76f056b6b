"""What a bad spec of data is told: every message, as people read it (data/data-spec-errors.txt).

`UPDATE_GOLDEN=1 pytest tests/golden` writes the texts anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perfwright.model.errors import DataError
from perfwright.plan.data_file import read_data_spec

GOLDEN = Path(__file__).parent / "data" / "data-spec-errors.txt"

BAD = {
    "empty": "",
    "a list": "[1, 2]",
    "no columns": "rows: 5",
    "an unknown key": "rows: 5\ncolums: {id: sequence}",
    "columns beside tables": "tables: {a: {columns: {id: uuid}}}\nrows: 5",
    "a table without columns": "tables: {users: {rows: 5}}",
    "a table's name that is a path": "tables: {../../etc/passwd: {columns: {id: uuid}}}",
    "rows that are no number": "rows: many\ncolumns: {id: sequence}",
    "no rows": "rows: 0\ncolumns: {id: sequence}",
    "a seed below zero": "seed: -1\ncolumns: {id: sequence}",
    "a locale that is none": "locale: en_UK\ncolumns: {id: sequence}",
    "a column that is a number": "columns: {id: 7}",
    "a column without a type": "columns: {id: {unique: true}}",
    "a misspelt kind": "columns: {age: {type: normla, mean: 1, sd: 2}}",
    "a misspelt provider": "columns: {who: frist_name}",
    "a misspelt field": "columns: {age: {type: normal, mean: 1, std: 2}}",
    "a missing field": "columns: {age: {type: normal, mean: 1}}",
    "a date without its end": "columns: {d: {type: date, from: 2026-01-01}}",
    "a date that is none": "columns: {d: {type: date, from: monday, to: 2026-01-01}}",
    "text for a number": "columns: {age: {type: normal, mean: old, sd: 2}}",
    "infinity": "columns: {age: {type: normal, mean: .inf, sd: 2}}",
    "a deviation of zero": "columns: {age: {type: normal, mean: 1, sd: 0}}",
    "ends in the wrong order": "columns: {x: {type: uniform, low: 2, high: 1}}",
    "a truncation out of reach": "columns: {x: {type: normal, mean: 0, sd: 1, low: 99}}",
    "a share above one": "columns: {x: {type: email, nulls: 5}}",
    "a choice of nothing": "columns: {x: {values: []}}",
    "weights of zero": "columns: {x: {values: {a: 0}}}",
    "a template of nothing": "columns: {x: {template: hello}}",
    "a template that computes": "columns: {x: {template: '{a.__class__}'}, a: uuid}",
    "a template of an unknown column": "columns: {x: {template: '{emial}'}, email: email}",
    "a template of itself": "columns: {x: {template: '{x}'}}",
    "arguments that are no mapping": "columns: {x: {type: random_int, args: [1]}}",
    "a field that a provider lacks": "columns: {x: {type: email, domain: a.b}}",
    "a unique that cannot be": "columns: {x: {type: boolean, unique: true}}",
    "a correlation of text": (
        "columns: {a: {type: uniform, low: 0, high: 1}, "
        "x: {type: email, correlated_with: {column: a, r: 1}}}"
    ),
    "a correlation with text": (
        "columns: {a: email, "
        "x: {type: uniform, low: 0, high: 1, correlated_with: {column: a, r: 1}}}"
    ),
    "a correlation above one": (
        "columns: {a: {type: uniform, low: 0, high: 1}, "
        "x: {type: uniform, low: 0, high: 1, correlated_with: {column: a, r: 2}}}"
    ),
    "a reference without a column": "columns: {x: {references: users}}",
    "a reference to no table": "columns: {x: {references: users.id}}",
    "a reference to no key": (
        "tables: {users: {columns: {id: first_name}}, "
        "orders: {columns: {user: {references: users.id}}}}"
    ),
    "a reference to an unknown column": (
        "tables: {users: {columns: {id: uuid}}, orders: {columns: {user: {references: users.uid}}}}"
    ),
    "tables that refer to each other": (
        "tables: {a: {columns: {id: sequence, b: {references: b.id}}}, "
        "b: {columns: {id: sequence, a: {references: a.id}}}}"
    ),
    "a pick that is none": (
        "tables: {a: {columns: {id: uuid}}, b: {columns: {a: {references: a.id, pick: some}}}}"
    ),
    "a tab": "columns:\n\tid: uuid",
    "a bomb": "a: &a [1, 1]\ncolumns: {x: {values: *a}}",
    "code": "columns: {x: !!python/object/apply:os.system ['true']}",
    "nested without end": "[" * 5_000,
    "not UTF-8": "columns: {x: \udcff}",
}


def test_every_message_names_place_value_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = []
    for what, text in BAD.items():
        Path("spec.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(DataError) as raised:
            read_data_spec(Path("spec.yaml"))
        lines.append(f"{what}\n    {raised.value}\n")
    text = "".join(lines)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_a_file_that_is_missing_or_huge_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: no such file"):
        read_data_spec(tmp_path / "none.yaml")
    (tmp_path / "huge.yaml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(DataError, match="a spec has at most"):
        read_data_spec(tmp_path / "huge.yaml")
