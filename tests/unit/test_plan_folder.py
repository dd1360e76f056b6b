"""A plan's folder is there or it is not, and nobody's work is overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perfwright.model.errors import UsageError
from perfwright.workflow.plan_folder import check_free, publish_plan, staging, write_model


def publish(
    out: Path, *, scenario: str = "a = 1\n", table: str = "items", force: bool = False
) -> None:
    with staging(out) as staged:
        (staged / "scenario.py").write_text(scenario)
        (staged / "data").mkdir()
        (staged / "data" / f"{table}.csv").write_text("id\n1\n")
        write_model(staged, {"name": "shop", "scenario": scenario})
        publish_plan(staged, out, force=force)


def names(out: Path) -> list[str]:
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())


def test_a_plan_is_published_with_the_digest_of_each_file(tmp_path: Path) -> None:
    out = tmp_path / "plan"
    publish(out)
    assert names(out) == ["data/items.csv", "model.json", "scenario.py"]
    files = json.loads((out / "model.json").read_text())["files"]
    assert sorted(files) == names(out)
    assert names(tmp_path) == [f"plan/{name}" for name in names(out)]


def test_an_interrupted_plan_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), staging(tmp_path / "plan") as staged:
        (staged / "scenario.py").write_text("half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_untouched_plan_is_replaced_and_its_old_data_go(tmp_path: Path) -> None:
    out = tmp_path / "plan"
    publish(out)
    (out / "runs.txt").write_text("mine")
    publish(out, scenario="a = 2\n", table="people")
    assert names(out) == ["data/people.csv", "model.json", "runs.txt", "scenario.py"]
    assert (out / "scenario.py").read_text() == "a = 2\n"


@pytest.mark.parametrize("name", ["scenario.py", "data/items.csv", "model.json"])
def test_an_edited_file_is_not_overwritten(tmp_path: Path, name: str) -> None:
    out = tmp_path / "plan"
    publish(out)
    edited = (out / name).read_text().replace("1", "7")
    (out / name).write_text(edited)
    with pytest.raises(UsageError, match=rf"edited.*{name}.*--force"):
        publish(out, scenario="a = 2\n")
    assert (out / name).read_text() == edited
    publish(out, scenario="a = 2\n", force=True)
    assert (out / "scenario.py").read_text() == "a = 2\n"


@pytest.mark.parametrize("model", ["", "[]", "{", '{"files": 3}', '{"files": {}}', "[" * 100_000])
def test_files_of_others_are_left_alone_whatever_the_model_says(tmp_path: Path, model: str) -> None:
    (tmp_path / "scenario.py").write_text("mine")
    (tmp_path / "model.json").write_text(model)
    with pytest.raises(UsageError, match=r"scenario\.py"):
        check_free(tmp_path, force=False)
    check_free(tmp_path, force=True)


def test_a_file_or_an_unwritable_folder_in_the_way_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UsageError, match="is a file"):
        check_free(file, force=True)
    with pytest.raises(UsageError, match="cannot write"), staging(file / "below"):
        pass
