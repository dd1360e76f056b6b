"""Runs a piece of a test in a process of its own, where it may spoil limits and measure memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parent.parent
_PRELUDE = "import json, resource\nfrom support.drive import load, once\n"


def apart(code: str, *arguments: str, before: tuple[str, ...] = ()) -> Any:
    """What `code` assigns to `result` (JSON); `arguments` are its `sys.argv[1:]`, `before` a
    command that starts it."""
    program = f"{_PRELUDE}{textwrap.dedent(code)}\nprint(json.dumps(result))"
    done = subprocess.run(
        [*before, sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(_TESTS)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
