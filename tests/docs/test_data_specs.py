"""The specs of synthetic data that the documentation shows make rows; it names every kind."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from support.docs_pages import ROOT

from perfwright.cli import main
from perfwright.plan.data_fields import KINDS

PAGE = (ROOT / "docs" / "data.md").read_text()
SPECS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(SPECS)))
def test_a_spec_in_the_docs_makes_rows(
    number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("spec")
    spec = folder / "shop.yaml"
    spec.write_text(SPECS[number])
    words = ["data", str(spec), "--rows", "50", "--out", str(folder), "--json"]
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    for table in json.loads(result.output)["tables"]:
        assert table["rows"] == 50


def test_every_kind_of_column_is_told() -> None:
    told = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE, re.MULTILINE)
    assert set(KINDS) <= set(re.findall(r"\w+", " ".join(told)))
