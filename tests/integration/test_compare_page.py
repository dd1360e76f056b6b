"""The HTML page of a comparison, whole, as the command writes it."""

from __future__ import annotations

from pathlib import Path

from support.command import perfwright
from support.judged_runs import stored, wandering


def test_the_page_is_one_file_with_charts_that_asks_no_network(tmp_path: Path) -> None:
    for run_id, slower in (("base", 1.0), ("slow", 1.3)):
        stored(tmp_path / ".perfwright", run_id, wandering(len(run_id), slower=slower, seconds=10))
    done = perfwright(tmp_path, "compare", "base", "slow", "--format", "html")
    assert done.code == 98, done.err
    path = Path(done.out.strip())
    assert path == Path(".perfwright/reports/base-slow.html")
    page = (tmp_path / path).read_text()
    assert page.count("data-chart") >= 4
    assert "SLOWER" in page
    assert "default-src 'none'" in page
