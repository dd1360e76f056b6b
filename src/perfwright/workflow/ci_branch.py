"""The branch that a CI job builds: a job checks out a commit, so git itself cannot say.

Of a merge request it is the branch to be merged, whose runs are none of the target's; where a fork
calls it as the target is called, it has no name here.
"""

from __future__ import annotations

from collections.abc import Mapping

_REQUESTED = (
    ("GITHUB_HEAD_REF", "GITHUB_BASE_REF"),
    ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
    ("CHANGE_BRANCH", "CHANGE_TARGET"),  # Jenkins
)
"""(source, target) of a merge request."""
_PUSHED = (
    "GITHUB_REF_NAME",
    "CI_COMMIT_BRANCH",  # GitLab
    "BRANCH_NAME",  # Jenkins, a multibranch job
    "BUILDKITE_BRANCH",
    "CIRCLE_BRANCH",
)


def ci_branch(environment: Mapping[str, str]) -> str | None:
    """Its name; None outside CI, or where a tag is built."""
    for source, target in _REQUESTED:
        if branch := environment.get(source):
            return None if branch == environment.get(target) else branch
    if environment.get("GITHUB_REF_TYPE") == "tag":
        return None
    return next((environment[name] for name in _PUSHED if environment.get(name)), None)
