"""Which branch a CI job builds, by what the CI says in its environment."""

from __future__ import annotations

import pytest

from perfwright.workflow.ci_branch import ci_branch

GITHUB = {"GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}
GITHUB_PULL = {"GITHUB_REF_NAME": "7/merge", "GITHUB_REF_TYPE": "branch", "GITHUB_BASE_REF": "main"}


@pytest.mark.parametrize(
    ("environment", "branch"),
    [
        ({}, None),
        (GITHUB, "main"),
        ({**GITHUB_PULL, "GITHUB_HEAD_REF": "faster"}, "faster"),
        ({"GITHUB_REF_NAME": "v1.0", "GITHUB_REF_TYPE": "tag"}, None),
        ({"CI_COMMIT_BRANCH": "main"}, "main"),
        ({"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "faster",
          "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}, "faster"),
        ({"BRANCH_NAME": "main"}, "main"),
        ({"CHANGE_BRANCH": "faster", "CHANGE_TARGET": "main", "BRANCH_NAME": "PR-7"}, "faster"),
    ],
)  # fmt: skip
def test_the_branch_of_a_job(environment: dict[str, str], branch: str | None) -> None:
    assert ci_branch(environment) == branch


def test_a_fork_does_not_pass_for_the_branch_that_it_is_to_be_merged_into() -> None:
    assert ci_branch({**GITHUB_PULL, "GITHUB_HEAD_REF": "main"}) is None
