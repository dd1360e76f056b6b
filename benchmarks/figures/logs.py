"""Reading an access log of five million lines, beside goaccess.

The log is `shop_log.py`'s: a day of a shop, in the combined format. goaccess reads it to its JSON
report; ours reads it into the table of requests and makes what a plan is made of: targets, agents,
visitors, endpoints, sessions and their arrivals. Each runs alone, on all cores; CPU (user + system)
and wall clock count, start-up included. Memory is the highest resident set of ours.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from clients import ClientError
from figure import Row, Settings
from processes import Finished, run_pinned
from shop_log import write_shop_log

LINES = 5_000_000
QUICK_LINES = 100_000
BAR = 1.0
MEMORY_BAR_MB = 2_000
_GOACCESS = ("--log-format=COMBINED", "--no-global-config", "--no-progress")
_OURS = """
import json, resource, sys
from pathlib import Path
from perfwright.sources.access_logs import read_access_logs
log, scratch = sys.argv[1:]
endpoints = {}
def endpoint_of(methods, paths):
    names = (f"{method} /{path.split('/')[1]}" for method, path in zip(methods, paths))
    return [endpoints.setdefault(name, len(endpoints)) for name in names]
with read_access_logs([log], scratch=Path(scratch)) as read:
    totals = read.totals()
    read.targets(), read.agents(), read.visitors()
    read.assign(endpoint_of)
    read.leave_out(-6, agents=["Mozilla/5.0 (compatible; examplebot/2.1; +https://bot.test/about)"])
    use = read.endpoints()
    for endpoint in use.endpoint:
        read.paths_of(int(endpoint)), read.parameters(int(endpoint))
    read.gaps(), read.visits(1800.0), read.per_bin(60.0, 1800.0)
memory_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"requests": totals.requests, "memory_mb": memory_kb / 1024}))
"""


def measure(settings: Settings) -> list[Row]:
    lines = QUICK_LINES if settings.quick else LINES
    with TemporaryDirectory(prefix="perfwright-logs-") as folder:
        log = Path(folder) / "access.log"
        write_shop_log(log, lines)
        ours = _finished([sys.executable, "-c", _OURS, log, folder])
        told = json.loads(ours.stdout)
        if told["requests"] != lines:
            raise ClientError(f"{told['requests']:,} of {lines:,} requests were read")
        theirs = _finished(["goaccess", log, *_GOACCESS, "-o", f"{folder}/report.json"])
    log_of = f"access log of {lines:,} lines"
    note = f"{lines / ours.wall_s:,.0f} lines/s" + ("; the bar is for 5 million" * settings.quick)
    memory_mb = told["memory_mb"]
    return [
        _row(f"{log_of} ÷ goaccess, wall", ours.wall_s, theirs.wall_s, note, settings),
        _row(f"{log_of} ÷ goaccess, CPU", ours.cpu_s, theirs.cpu_s, "user + system", settings),
        Row(
            figure=f"{log_of}: memory",
            unit="MB",
            ours=memory_mb,
            bar=f"≤ {MEMORY_BAR_MB:,}",
            met=memory_mb <= MEMORY_BAR_MB,
            note="highest resident set",
        ),
    ]


def _row(figure: str, ours_s: float, theirs_s: float, note: str, settings: Settings) -> Row:
    ratio = ours_s / theirs_s
    return Row(
        figure=figure,
        unit="s",
        ours=ours_s,
        peer=theirs_s,
        ratio=ratio,
        bar=f"≤ {BAR:g}",
        met=ratio <= BAR if not settings.quick else None,
        note=note,
    )


def _finished(command: list[str | Path]) -> Finished:
    finished = run_pinned(command, core=None)
    if finished.exit_code:
        raise ClientError(f"{command[0]}: {(finished.stderr or finished.stdout)[-500:]}")
    return finished
