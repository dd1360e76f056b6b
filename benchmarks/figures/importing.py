"""Reading another tool's results: a JTL of ten million lines, beside JMeter's own report generator.

The file is made by a query, the same for every machine: ten labels, an hour and a half of requests
whose times have a long tail, one in five hundred failed. Both read it from disk to a finished
result (`perfwright import`, `jmeter -g`), alone on the machine, on all of its cores; the wall clock
counts, start-up included.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from clients import PERFWRIGHT, ClientError
from figure import Row, Settings
from peers import install_jmeter
from processes import Finished, run_pinned

LINES = 10_000_000
QUICK_LINES = 200_000
BAR = 0.1
_RATE_PER_S = 2_000
_STARTED_MS = 1_700_000_000_000
_JVM = ("-Xms1g", "-Xmx1g", "-XX:MaxMetaspaceSize=256m")
"""What JMeter's own start script gives it."""
_ROWS = """
    SELECT {started_ms} + i * 1000 // {per_s} AS "timeStamp", elapsed,
        'GET /items/' || label AS label, if(failed, 503, 200) AS "responseCode",
        if(failed, 'Service Unavailable', 'OK') AS "responseMessage",
        'Users 1-' || (i % 200 + 1) AS "threadName", 'text' AS "dataType", NOT failed AS success,
        '' AS "failureMessage", 400 + elapsed AS bytes, 180 AS "sentBytes", 200 AS "grpThreads",
        200 AS "allThreads", 'http://shop.test/items/' || label AS "URL",
        elapsed * 9 // 10 AS "Latency", 0 AS "IdleTime", 0 AS "Connect"
    FROM (
        SELECT i, hash(i) % 10 AS label, hash(i, 1) % 500 = 0 AS failed,
            (5 - 40 * ln((hash(i, 2) % 1000000 + 1) / 1000001))::BIGINT AS elapsed
        FROM range({lines}) AS r(i)
    ) ORDER BY i
"""


def measure(settings: Settings) -> list[Row]:
    lines = QUICK_LINES if settings.quick else LINES
    jmeter = install_jmeter()
    with TemporaryDirectory(prefix="perfwright-importing-") as folder:
        jtl = Path(folder) / "results.jtl"
        write_jtl(jtl, lines)
        ours = _finished([PERFWRIGHT, "import", jtl, "--store", f"{folder}/store", "--json"])
        read = json.loads(ours.stdout)["totals"]["requests"]
        if read != lines:
            raise ClientError(f"import read {read:,} of {lines:,} requests")
        report: list[str | Path] = [
            *_JVM,
            "-jar",
            jmeter / "bin/ApacheJMeter.jar",
            "-g",
            jtl,
            "-o",
            f"{folder}/html",
        ]
        theirs = _finished(["java", *_JVM, *report], folder=Path(folder))
    ratio = ours.wall_s / theirs.wall_s
    return [
        Row(
            figure=f"import of a {lines:,}-line JTL ÷ jmeter -g",
            unit="s wall",
            ours=ours.wall_s,
            peer=theirs.wall_s,
            ratio=ratio,
            bar=f"≤ {BAR}",
            met=ratio <= BAR if not settings.quick else None,
            note=(
                f"{lines / ours.wall_s:,.0f} lines/s; CPU {ours.cpu_s:.1f}, {theirs.cpu_s:.1f} s"
                + ("; the bar is for 10 million lines" if settings.quick else "")
            ),
        )
    ]


def write_jtl(path: Path, lines: int) -> None:
    """The same file for the same number of lines, with all columns that JMeter 5 writes."""
    import duckdb

    query = _ROWS.format(started_ms=_STARTED_MS, per_s=_RATE_PER_S, lines=lines)
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER)")


def _finished(command: list[str | Path], *, folder: Path | None = None) -> Finished:
    finished = run_pinned(command, core=None, cwd=folder)
    if finished.exit_code:
        raise ClientError(f"{command[0]}: {(finished.stderr or finished.stdout)[-500:]}")
    return finished
