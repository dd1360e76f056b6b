"""`.weighted(by=…)`: rows in proportion to a column, over all workers; bad weights are named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from perfwright import csv, rows
from perfwright.model.errors import DataError, MissingColumn, PlanError
from perfwright.plan.feeders import Feeder

DRAWS = 20_000


def written(folder: Path, text: str) -> Path:
    path = folder / "items.csv"
    path.write_text(text)
    return path


def shares(feeder: Feeder, count: int = DRAWS) -> dict[str, float]:
    drawn = Counter(feeder.next()["id"] for _ in range(count))
    return {name: number / count for name, number in drawn.items()}


def test_rows_are_drawn_in_proportion(tmp_path: Path) -> None:
    path = written(tmp_path, "id,weight\na,5\nb,0\nc,3\nd,2\ne,0\n")
    drawn = shares(csv(path).weighted(seed=3))
    assert drawn == pytest.approx({"a": 0.5, "c": 0.3, "d": 0.2}, abs=0.02)


def test_any_column_of_numbers_can_be_the_weight() -> None:
    feeder = rows([{"id": "a", "hits": 1}, {"id": "b", "hits": 2.5}]).weighted(by="hits")
    assert shares(feeder) == pytest.approx({"a": 1 / 3.5, "b": 2.5 / 3.5}, abs=0.02)


def test_workers_draw_independently_and_each_in_proportion(tmp_path: Path) -> None:
    path = written(tmp_path, "id,weight\na,3\nb,1\n")
    drawn = []
    for worker in range(2):
        feeder = csv(path).weighted(seed=1)
        feeder.build_index(tmp_path)
        feeder.attach(tmp_path, worker=worker, workers=2)
        drawn.append([feeder.next()["id"] for _ in range(DRAWS)])
    for names in drawn:
        assert names.count("a") / DRAWS == pytest.approx(0.75, abs=0.02)
    same = sum(x == y for x, y in zip(*drawn, strict=True)) / DRAWS
    assert same == pytest.approx(0.75**2 + 0.25**2, abs=0.02)


def test_a_seed_fixes_the_draws(tmp_path: Path) -> None:
    path = written(tmp_path, "id,weight\na,3\nb,1\nc,2\n")
    first, again, other = (csv(path).weighted(seed=seed) for seed in (4, 4, 5))
    sequences = [[feeder.next()["id"] for _ in range(50)] for feeder in (first, again, other)]
    assert sequences[0] == sequences[1] != sequences[2]


@pytest.mark.parametrize("weight", ["-1", "many", "", "nan", "inf"])
def test_what_is_no_weight_is_named_with_its_line(tmp_path: Path, weight: str) -> None:
    path = written(tmp_path, f'id,weight\na,1\nb,"{weight}"\n')
    with pytest.raises(DataError, match=r"items\.csv:3: weight is .*zero or more"):
        csv(path).weighted().next()


def test_weights_that_are_all_zero_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="add up to 0"):
        csv(written(tmp_path, "id,weight\na,0\n")).weighted().next()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingColumn, match="did you mean 'weight'"):
        csv(written(tmp_path, "id,weight\na,1\n")).weighted(by="weights").next()


def test_draws_that_repeat_rows_cannot_be_unique(tmp_path: Path) -> None:
    path = written(tmp_path, "id,weight\na,1\n")
    with pytest.raises(PlanError, match=r"\.weighted\(\)\.unique\(\)"):
        csv(path).weighted().unique()
    with pytest.raises(PlanError, match=r"\.unique\(\)\.weighted\(\)"):
        csv(path).unique().weighted()
