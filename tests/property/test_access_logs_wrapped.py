"""Whatever stands in a log: wrapped by a container or syslog, it gives the same requests."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.access_logs import rows_of

from perfwright.model.access import LogFacts
from perfwright.model.errors import DataError

GENUINE = (
    '10.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 23 "-" "Firefox"',
    '::1 - - [10/Oct/2000:13:55:36 +0000] "GET /a\\"b HTTP/1.1" 404 - "-" "a \\"b\\" café" 0.123',
    '[2016-04-15T20:17:00.310Z] "POST /a HTTP/2" 204 - 154 0 226 100 "1.1.1.1" "n" "i" "l" "t"',
    '{"ts":1646861401.5,"request":{"remote_ip":"::1","method":"GET","uri":"/"},"status":200}',
    '10.0.0.1 - - [10/Oct/2000:13:55:37 -0700] "GET /' + "long" * 5_000 + ' HTTP/1.0" 200 23',
)
TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff"),
    max_size=40,
)
LINES = st.lists(st.sampled_from(GENUINE) | TEXT, max_size=10).map(lambda some: [GENUINE[0], *some])
PART = 16_384


def docker(line: str) -> list[str]:
    cut = [line[at : at + PART] for at in range(0, len(line), PART)] or [""]
    cut[-1] += "\n"
    return [json.dumps({"log": part, "stream": "stdout"}, separators=(",", ":")) for part in cut]


def cri(line: str) -> list[str]:
    at = "2000-10-10T20:55:36.5+02:00"
    cut = [line[at : at + PART] for at in range(0, len(line), PART)] or [""]
    return [f"{at} stderr P {part}" for part in cut[:-1]] + [f"{at} stderr F {cut[-1]}"]


def rfc_3164(line: str) -> list[str]:
    return [f"Oct 10 20:55:36 web-1 nginx: {line}"]


def rfc_5424(line: str) -> list[str]:
    return [f"<190>1 - web-1 nginx - - - {line}"]


def requests_of(lines: list[str]) -> tuple[list[dict[str, Any]], LogFacts] | None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return rows_of(Path(folder), *lines)
        except DataError:
            return None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES, st.sampled_from([docker, cri, rfc_3164, rfc_5424]))
def test_wrapping_and_unwrapping_gives_the_same_requests(
    lines: list[str], wrap: Callable[[str], list[str]]
) -> None:
    plain = requests_of(lines)
    wrapped = requests_of([part for line in lines for part in wrap(line)])
    assert plain is not None
    assert wrapped is not None
    assert wrapped[0] == plain[0]
    for name in ("lines", "formats", "bad_lines"):
        assert getattr(wrapped[1], name) == getattr(plain[1], name)
    assert [bad.text for bad in wrapped[1].examples] == [bad.text for bad in plain[1].examples]
