"""Perfwright for this Python and for the newest CPython on the machine.

Each has an environment of its own and both run the same code: this tree's wheel, built for release.
Interpreters are looked for on PATH, with uv, and where pyenv keeps them; none is downloaded.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from clients import PERFWRIGHT
from peers import ROOT, UV

NEWEST_MINOR_LOOKED_FOR = 20
VERSION = "import sys; print(*sys.version_info[:3], sys.implementation.name)"


@functools.cache
def perfwright_by_python() -> dict[str, Path]:
    """The `perfwright` command by interpreter: this one, and the newest one where that is newer."""
    ours = f"CPython {sys.version_info.major}.{sys.version_info.minor}"
    binaries = {ours: PERFWRIGHT}
    found = {version: path for path in _interpreters() if (version := _version(path))}
    newest = max(found, default=(0, 0, 0))
    if newest[:2] > sys.version_info[:2]:
        binaries[f"CPython {newest[0]}.{newest[1]}"] = _install(found[newest], newest)
    return binaries


def _interpreters() -> Iterator[Path]:
    names = [f"python3.{minor}" for minor in range(11, NEWEST_MINOR_LOOKED_FOR)]
    yield from (Path(path) for name in names if (path := shutil.which(name)))
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from pyenv.glob("versions/3.*/bin/python")
    uv_pythons = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", "~/.local/share/uv/python"))
    yield from uv_pythons.expanduser().glob("cpython-3.*/bin/python3")


def _version(python: Path) -> tuple[int, int, int] | None:
    """None for what does not run (a pyenv shim without its version) or is no CPython."""
    asked = subprocess.run([python, "-c", VERSION], capture_output=True, text=True, check=False)
    if asked.returncode or not asked.stdout.endswith("cpython\n"):
        return None
    major, minor, patch, _ = asked.stdout.split()
    return int(major), int(minor), int(patch)


def _install(python: Path, version: tuple[int, int, int]) -> Path:
    wheels = ROOT / ".tools/bench-wheel"
    environment = ROOT / f".tools/python-{version[0]}.{version[1]}"
    shutil.rmtree(wheels, ignore_errors=True)
    _uv("build", "--wheel", "--out-dir", wheels)
    _uv("venv", "--clear", "--python", python, environment)
    _uv("pip", "install", "--python", environment / "bin/python", *wheels.glob("*.whl"))
    return environment / "bin/perfwright"


def _uv(*arguments: str | Path) -> None:
    quiet = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    subprocess.run([UV, *arguments, "--quiet"], cwd=ROOT, env=quiet, check=True)
