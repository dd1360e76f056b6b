"""hey itself loads a server, and what it writes is imported."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from perfwright.workflow.read_run import read_run

HEY = shutil.which("hey")
REQUESTS = 200


@pytest.mark.skipif(HEY is None, reason="needs Debian's package hey")
def test_what_hey_wrote_is_a_run(calibration: str, tmp_path: Path) -> None:
    command = [str(HEY), "-n", str(REQUESTS), "-c", "4", "-o", "csv", f"{calibration}/"]
    written = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    file = tmp_path / "hey.csv"
    file.write_text(written.stdout)
    result = read_run(tmp_path / "store", str(file)).result
    assert result.totals.requests == REQUESTS
    assert result.steps[0].response_ms["max"] is not None
