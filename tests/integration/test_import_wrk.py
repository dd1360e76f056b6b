"""wrk as it is installed here: what it prints is read to the number."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.nginx import NGINX, nginx
from support.results import read_into

WRK = shutil.which("wrk")
ANSWERS = "listen 127.0.0.1:PORT; location / { return 200 'hello'; } location /no { return 503; }"
pytestmark = pytest.mark.skipif(WRK is None or NGINX is None, reason="needs wrk and nginx")


@pytest.mark.parametrize(("path", "failed"), [("/", False), ("/no", True)])
def test_what_wrk_prints_now_is_read(tmp_path: Path, path: str, failed: bool) -> None:
    printed = tmp_path / "wrk.txt"
    with nginx(tmp_path, {"plain": ANSWERS}) as ports:
        url = f"http://127.0.0.1:{ports['plain']}{path}"
        command = [str(WRK), "-t1", "-c4", "-d1s", "--latency", url]
        printed.write_text(
            subprocess.run(command, capture_output=True, text=True, check=True).stdout
        )
    with read_into(tmp_path, printed) as (imported, _):
        assert imported.summary is not None
        step = imported.summary.tally.steps[path]
    answered = re.search(r"(\d+) requests in", printed.read_text())
    assert answered is not None
    assert step.requests == int(answered[1]) > 0
    assert step.errors == (step.requests if failed else 0)
    assert imported.summary.duration_s == pytest.approx(1.0, abs=0.5)
    assert set(imported.summary.quantiles) == {0.5, 0.75, 0.9, 0.99, 1.0}
    times = step.measures["service"]
    assert 0 < (times.quantile(0.5) or 0) <= (times.quantile(0.99) or 0) <= times.maximum
