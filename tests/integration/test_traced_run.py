"""A load, the spans that its requests made in another process, and both joined in the store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import traced_service
from support.command import perfwright

from perfwright.analyze.trace_repeats import repeats
from perfwright.analyze.traces import traces_of
from perfwright.store.reader import Store


@contextmanager
def service(endpoint: str) -> Iterator[str]:
    """The traced service's base URL."""
    command = [sys.executable, traced_service.__file__, endpoint]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def test_the_spans_of_the_very_requests_that_were_sent_are_kept(
    tmp_path: Path, unused_port: int
) -> None:
    with service(f"http://127.0.0.1:{unused_port + 1}") as url:
        run = perfwright(
            tmp_path, "run", f"{url}/orders", "--rate", "30", "--for", "3s",
            "--watch", f"otlp:{unused_port}", "--json",
        )  # fmt: skip
    assert run.document["totals"]["errors"] == 0
    stored = Store(tmp_path / ".perfwright").find("latest")
    traces = traces_of(stored.watched().spans)
    ours = {kept.trace_id: kept for kept in stored.exemplars() if kept.trace_id}
    joined = [trace for trace in traces if trace.trace_id in ours]
    assert joined, "the slowest requests have their spans"
    for trace in joined:
        request = ours[trace.trace_id]
        assert trace.duration_ns <= request.service_ns
        assert request.intended_ns <= trace.root.start_ns
    assert 20 <= len(traces) < 90, "about 20 a second, not all: those not traced say so"
    [repeat] = repeats(traces)
    assert (repeat.service, repeat.operation) == ("orders", "GET /orders")
    assert repeat.statement == "SELECT * FROM items WHERE order_id = ?"
    assert repeat.times == traced_service.ROWS
