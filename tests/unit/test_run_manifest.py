"""The manifest with which a run starts: what was run, from which commit, on which machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from perfwright.plan.loader import load_test
from perfwright.plan.overrides import Overrides, url_plan
from perfwright.workflow.git import GitState, git_state
from perfwright.workflow.host import host_facts, usable_cores
from perfwright.workflow.manifest import first_manifest
from perfwright.workflow.options import RunOptions

SCENARIO = "from perfwright import scenario\n@scenario\nasync def visit(user): ...\n"


def git(folder: Path, *words: str) -> None:
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": "/dev/null"}  # fmt: skip
    subprocess.run(["git", *words], cwd=folder, check=True, env=os.environ | identity)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch", "trunk")
    (tmp_path / "visit.py").write_text(SCENARIO)
    return tmp_path


def test_outside_a_repository_nothing_is_known(tmp_path: Path) -> None:
    assert git_state(tmp_path / "missing") == GitState()


def test_before_the_first_commit_only_the_branch_is_known(repository: Path) -> None:
    assert git_state(repository) == GitState(branch="trunk")


def test_commit_branch_and_dirt_are_found(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in os.environ:  # these tests may be run by a CI
        if name.startswith(("GITHUB_", "CI_", "CHANGE_", "BRANCH_")):
            monkeypatch.delenv(name)
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "one")
    clean = git_state(repository)
    assert clean.commit is not None
    assert (len(clean.commit), clean.branch, clean.dirty) == (40, "trunk", False)
    (repository / "untracked").touch()
    assert not git_state(repository).dirty
    (repository / "visit.py").write_text(SCENARIO + "# changed\n")
    assert git_state(repository).dirty
    git(repository, "checkout", "--quiet", "--detach")
    assert git_state(repository).branch is None
    monkeypatch.setenv("CI_COMMIT_BRANCH", "trunk")
    assert git_state(repository).branch == "trunk"


def test_the_host_is_described() -> None:
    facts = host_facts()
    assert facts["cores"] == usable_cores() >= 1
    assert int(facts["memory_bytes"]) > 0
    assert str(facts["python"]).startswith("CPython 3.")


def test_a_test_files_manifest_says_what_was_run(repository: Path) -> None:
    file = repository / "visit.py"
    overrides = Overrides(target="http://127.0.0.1:1", users=3, duration_s=9, slos=("p99 < 1s",))
    options = RunOptions(tags=("nightly",), command=("perfwright", "run", "--env", "TOKEN=x"))
    plan = load_test(file, overrides=overrides)
    manifest = first_manifest("id", plan, options, workers=2, notes=["a note"])
    assert manifest.name == "visit"
    assert manifest.state == "running"
    assert manifest.test_file == str(file)
    assert manifest.test_source == SCENARIO
    assert manifest.git_branch == "trunk"
    assert manifest.command == ("perfwright", "run", "--env", "TOKEN=***")
    assert manifest.load == {
        "": {"model": "closed", "process": "uniform", "segments": [[0.0, 9.0, 3.0, 3.0]]}
    }
    assert manifest.judged_s == ((0.0, 9.0),)
    assert (manifest.slos, manifest.tags) == (("p99 < 1s",), ("nightly",))
    assert (manifest.notes, manifest.workers) == (("a note",), 2)
    assert manifest.build_profile in ("release", "debug")
    assert manifest.started_at.endswith("Z")


def test_a_urls_manifest_is_named_after_the_request_and_keeps_no_password() -> None:
    plan = url_plan("http://ann:pw@127.0.0.1:1/items?page=2", method="post")
    manifest = first_manifest("id", plan, RunOptions(), workers=1, notes=[])
    assert manifest.name == "POST /items"
    assert manifest.target == "http://***@127.0.0.1:1/items?page=2"
    assert manifest.test_file is None
