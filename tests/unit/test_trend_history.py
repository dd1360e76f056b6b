"""The history of a test's runs, and what each change in it is traced back to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from support.histories import stored_history
from support.series import stepped

from perfwright.model.errors import UsageError
from perfwright.workflow.commits import commits_between
from perfwright.workflow.trend import trend_of_store
from perfwright.workflow.trend_history import Wanted, history

STEP_AT_20 = [float(value) for value in stepped(30, 20, 12.0, seed=1)]


def test_runs_of_one_test_make_a_series_oldest_first(tmp_path: Path) -> None:
    ids = stored_history(tmp_path, [10.0, 11.0, 12.0])
    past = history(tmp_path, Wanted())
    assert list(past.series.values) == [10.0, 11.0, 12.0]
    assert [run.run_id for run in past.runs] == ids
    assert (past.series.name, past.series.unit) == ("p95 of all requests", "ms")


@pytest.mark.parametrize(
    ("metric", "value", "unit"),
    [("p50", 5.0, "ms"), ("p95", 10.0, "ms"), ("throughput", 50.0, "1/s"), ("errors", 0.5, "%")],
)
def test_every_metric_is_read_in_its_unit(
    tmp_path: Path, metric: str, value: float, unit: str
) -> None:
    stored_history(tmp_path, [10.0])
    past = history(tmp_path, Wanted(metric=metric, step="login"))
    assert (list(past.series.values), past.series.unit) == ([value], unit)


def test_turns_of_an_interleaved_comparison_are_no_history(tmp_path: Path) -> None:
    stored_history(tmp_path, [10.0, 11.0, 12.0])
    stored_history(tmp_path / "turns", [20.0] * 4, name="base 1.1", tags=("interleaved",))
    newest = max((tmp_path / "turns/runs").iterdir())
    shutil.move(newest, tmp_path / "runs")
    assert list(history(tmp_path, Wanted()).series.values) == [10.0, 11.0, 12.0]
    assert list(history(tmp_path, Wanted(name="base 1.1")).series.values) == [20.0]


def test_other_tests_kinds_branches_and_unfinished_runs_stay_out(tmp_path: Path) -> None:
    stored_history(tmp_path / "a", [1.0], name="other")
    stored_history(tmp_path / "b", [2.0], kind="soak")
    stored_history(tmp_path / "c", [3.0], git_branch="feature")
    stored_history(tmp_path / "e", [4.0, 5.0])
    store = tmp_path / "all"
    (store / "runs").mkdir(parents=True)
    for number, run in enumerate(sorted(tmp_path.glob("[a-e]/runs/*"))):
        run.rename(store / "runs" / f"{run.name}-{number}")
    past = history(store, Wanted(name="shop", branch="main"))
    assert list(past.series.values) == [4.0, 5.0]
    assert past.test == "shop"


def test_the_last_runs_are_the_newest(tmp_path: Path) -> None:
    stored_history(tmp_path, [1.0, 2.0, 3.0])
    assert list(history(tmp_path, Wanted(last=2)).series.values) == [2.0, 3.0]


def test_a_run_without_the_figure_is_a_gap(tmp_path: Path) -> None:
    stored_history(tmp_path, [10.0, None, 12.0])
    past = history(tmp_path, Wanted())
    assert past.series.notes == ("1 of 3 runs have no such figure",)
    assert len(past.runs) == 3


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(name="cart"), "no finished runs of 'cart'; it has runs of shop"),
        (Wanted(step="pay"), "none of 2 runs of 'shop' has p95 of 'pay'; they have login"),
        (Wanted(branch="dev"), "no run of 'shop' was made on 'dev'; there are main"),
        (Wanted(metric="p99"), "none of 2 runs of 'shop' has p99 of 'all requests'"),
    ],
)
def test_what_is_not_there_says_what_is(tmp_path: Path, wanted: Wanted, message: str) -> None:
    stored_history(tmp_path, [10.0, 11.0])
    with pytest.raises(UsageError, match=message):
        history(tmp_path, wanted)


def test_runs_of_other_names_are_mentioned(tmp_path: Path) -> None:
    stored_history(tmp_path / "a", [1.0], name="cart")
    stored_history(tmp_path / "b", [2.0, 3.0])
    store = tmp_path / "all" / "runs"
    store.mkdir(parents=True)
    for number, run in enumerate(sorted(tmp_path.glob("[ab]/runs/*"))):
        run.rename(store / f"{run.name}-{number}")
    (note,) = history(store.parent, Wanted()).series.notes
    assert note == "1 other finished runs are of another name or kind; --name chooses"


def test_a_start_that_is_no_time_leaves_the_rows_in_order(tmp_path: Path) -> None:
    stored_history(tmp_path, [1.0])
    manifest = next((tmp_path / "runs").glob("*/run.json"))
    manifest.write_text(manifest.read_text().replace("2026-11-01T03:00:00Z", "yesterday"))
    assert history(tmp_path, Wanted()).series.seconds is None


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`perfwright run` makes one"):
        history(tmp_path, Wanted())


def test_a_change_names_the_runs_and_commits_on_either_side(tmp_path: Path) -> None:
    ids = stored_history(tmp_path, STEP_AT_20)
    trended = trend_of_store(tmp_path, Wanted(), repository=tmp_path)
    (change,), (origin,) = trended.trend.change_points, trended.origins
    assert change.index == 20
    assert (origin.run_before, origin.run) == (ids[19], ids[20])
    assert (origin.commit_before, origin.commit) == (f"{19:040x}", f"{20:040x}")
    assert origin.also == ()
    assert trended.is_worse(change) is True
    document = trended.as_json()["change_points"][0]
    assert document["run"] == ids[20]
    assert document["worse"] is True


def test_a_change_of_machine_is_said_beside_the_change(tmp_path: Path) -> None:
    old = stored_history(tmp_path / "old", STEP_AT_20, host={"name": "a", "cores": 2})
    new = stored_history(tmp_path / "new", STEP_AT_20, host={"name": "b", "cores": 8})
    store = tmp_path / "all" / "runs"
    store.mkdir(parents=True)
    for run in old[:20]:
        (tmp_path / "old" / "runs" / run).rename(store / run)
    for run in new[20:]:
        (tmp_path / "new" / "runs" / run).rename(store / run)
    (origin,) = trend_of_store(store.parent, Wanted(), repository=tmp_path).origins
    assert origin.also == ("host", "cores")


def repository(folder: Path, commits: int) -> list[str]:
    def git(*words: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        finished = subprocess.run(
            ["git", "-C", folder, *identity, *words], check=True, capture_output=True, text=True
        )
        return finished.stdout.strip()

    git("init", "--quiet")
    made = []
    for number in range(commits):
        git("commit", "--quiet", "--allow-empty", "--message", f"Change {number}")
        made.append(git("rev-parse", "HEAD"))
    return made


def test_the_commits_between_are_listed_newest_first(tmp_path: Path) -> None:
    made = repository(tmp_path, 5)
    found = commits_between(tmp_path, made[1], made[4])
    assert [line.partition(" ")[2] for line in found] == ["Change 4", "Change 3", "Change 2"]


@pytest.mark.parametrize("pair", [(None, "abcdef"), ("abcdef", "abcdef"), ("--all", "abcdef")])
def test_where_git_cannot_tell_there_is_no_list(
    tmp_path: Path, pair: tuple[str | None, str | None]
) -> None:
    repository(tmp_path, 1)
    assert commits_between(tmp_path, *pair) == ()
    assert commits_between(tmp_path, "abcdef01", "abcdef02") == ()
