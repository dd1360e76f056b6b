"""Starter files for CI: written once, into the place where the CI system looks for them.

Their texts are in `ci_files/`, and the same in docs/ci/. What is there is never overwritten.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from perfwright.model.errors import UsageError, os_reason

STARTERS = {
    "github": ("github-actions.yml", Path(".github/workflows/performance.yml")),
    "gitlab": ("gitlab-ci.yml", Path(".gitlab-ci.yml")),
    "jenkins": ("Jenkinsfile", Path("Jenkinsfile")),
}
"""By CI system: the text's name, and where it goes below the repository's root."""


def write_starter(system: str, root: Path) -> Path:
    """The path written. UsageError: a file is there already, or it cannot be written."""
    source, place = STARTERS[system]
    path = root / place
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(starter_text(source))
    except FileExistsError:
        raise UsageError(
            f"--init {system}: {path} is there already and is not overwritten; "
            f"take what you need from docs/ci/{source}"
        ) from None
    except OSError as error:
        raise UsageError(f"--init {system}: cannot write {path}: {os_reason(error)}") from error
    return path


def starter_text(source: str) -> str:
    return resources.files(__package__).joinpath("ci_files", source).read_text(encoding="utf-8")
