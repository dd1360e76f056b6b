"""The HTML report in a real browser: every chart is drawn, with no network and no script error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from support.odd_runs import document_of

from perfwright.report.html import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: Debian's package chromium")
def test_every_chart_is_drawn_without_a_network(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render_html(document_of("demo")), encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=5000", "--enable-logging=stderr", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert run.stdout.count('class="marks"') == 7
    assert "CONSOLE" not in run.stderr
