"""The HTML report in a real browser: everything is drawn, with no network and no script error."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.flames import flame_stacks
from support.odd_runs import document_of

from perfwright.report.document import Section
from perfwright.report.flame import flame_blocks
from perfwright.report.html import page, render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser: Debian's package chromium"
)

EXPLORE = """
const told = [];
const flame = document.querySelector(".flame");
const tell = () => told.push(document.activeElement.textContent);
const press = (key, on = document.activeElement) =>
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
flame.querySelector('[tabindex="0"]').focus();
const keys = ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowLeft", "Enter"];
for (const key of keys) { press(key); tell(); }
told.push(`${flame.querySelectorAll(".box").length} boxes`);
press("Escape"); tell();
press("/"); told.push(document.activeElement.type);
const search = document.activeElement;
search.value = "TOTAL"; search.dispatchEvent(new Event("input"));
told.push(document.querySelector("output").textContent);
press("Enter"); tell();
document.body.replaceChildren(JSON.stringify(told));
"""


@needs_browser
def test_every_chart_is_drawn_without_a_network(tmp_path: Path) -> None:
    run = browsed(render_html(document_of("demo")), tmp_path)
    assert run.stdout.count('class="marks"') == 7
    assert "CONSOLE" not in run.stderr


@needs_browser
def test_a_flame_graph_is_explored_with_the_keyboard(tmp_path: Path) -> None:
    section = Section(key="profiles", title="Profiles", blocks=flame_blocks(flame_stacks()))
    document = dataclasses.replace(document_of("empty"), sections=(section,))
    html = page(document, bundle="").replace("</body>", f"<script>{EXPLORE}</script></body>")
    run = browsed(html, tmp_path)
    assert "CONSOLE" not in run.stderr
    body = run.stdout[run.stdout.index("<body>") + 6 : run.stdout.index("</body>")]
    assert json.loads(body) == [
        "⋯ 3 library frames",
        "_run_once (asyncio/base_events.py)",
        "total (shop.py:19)",
        "pay (shop.py:9)",
        "total (shop.py:19)",
        "total (shop.py:19)",
        "4 boxes",
        "_run_once (asyncio/base_events.py)",
        "search",
        "60.0% of the time matches",
        "total (shop.py:19)",
    ]


def browsed(html: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a browser without a network makes of the page, and what it complains of."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=5000", "--enable-logging=stderr", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
