"""What is checked of an answer: that it comes as it came when it was recorded.

    200, 201, 204 …             the same status
    and a body that is JSON     some JSON

Only what the recording is sure of. A 206 and a 304 answered what a browser asks by itself (a range,
its cache), which the test does not ask; a status of 400 and above is one that is expected, and no
error.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfwright.model.journey import Expectation
from perfwright.sources.correlation.extracting import parsed
from perfwright.sources.har.folding import Visit

_PARTIAL = 206


def checks_of(visit: Visit, name: str) -> Iterator[Expectation]:
    """`name`: of the step."""
    answer = visit.last
    if not 200 <= answer.status < 300 or answer.status == _PARTIAL:
        return
    yield Expectation(f"{name} answers {answer.status}", "status", (answer.status,))
    if "json" in answer.mime and parsed(answer.text or "") is not None:
        yield Expectation(f"{name} answers JSON", "json_has", ("",))
