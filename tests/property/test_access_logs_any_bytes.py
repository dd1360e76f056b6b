"""Whatever bytes a log holds, each line is a row or a bad line, and nothing else happens."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from perfwright.model.errors import DataError
from perfwright.sources.access_logs import read_access_logs

GENUINE = (
    b'10.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 23 "-" "Firefox"',
    b'::1 - - [10/Oct/2000:13:55:36 +0000] "GET /a\\"b HTTP/1.1" 404 - "-" "a \\"b\\" c" 0.123 "x"',
    b'h2 2018-07-02T22:23:00.186641Z a 1.1.1.1:1 1.1.1.2:2 0.1 0.2 0.3 200 200 0 5 "GET / -" "c" -',
    b'[2016-04-15T20:17:00.310Z] "POST /a HTTP/2" 204 - 154 0 226 100 "1.1.1.1" "n" "i" "l" "t"',
    b'{"ts":1646861401.5,"request":{"remote_ip":"::1","method":"GET","uri":"/"},"status":200}',
    b'{"time":"2000-10-10T20:55:36Z","path":"/a","status":200,"latency":"1.5ms","user":{"id":7}}',
)
PIECES = st.sampled_from(
    [b'"', b"\\", b"\\x", b"[", b"]", b" ", b"-", b"{", b"}", b":", b"\xff", b"\x00", b"\t", b"%"]
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A genuine line with something put in its place."""
    line = draw(st.sampled_from(GENUINE))
    begin = draw(st.integers(0, len(line)))
    end = draw(st.integers(begin, min(len(line), begin + 20)))
    return line[:begin] + draw(PIECES | st.binary(max_size=8)) + line[end:]


LINES = st.lists(
    st.sampled_from(GENUINE) | spoilt() | st.binary(max_size=60), min_size=1, max_size=60
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES)
@example([b'"' * 7])
@example([b'{"ts": 1e999, "request": {"remote_ip": 1, "uri": "/"}, "duration": 1e300}'])
@example(
    [GENUINE[0].replace(b"2000", b"9999"), GENUINE[0].replace(b" 23 ", b" 99999999999999999999 ")]
)
def test_each_line_is_a_row_or_a_bad_line(lines: list[bytes]) -> None:
    whole = [line.replace(b"\n", b" ").replace(b"\r", b" ") for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "access.log"
        log.write_bytes(b"\n".join(whole))
        try:
            with read_access_logs([log], scratch=Path(folder)) as read:
                facts = read.facts
                counted = read.connection.execute("SELECT count(*) FROM requests").fetchone()
                read.visitors()
                read.targets()
        except DataError:
            return
    assert counted is not None
    assert counted[0] + facts.bad_lines == facts.lines <= len(whole)
    assert sum(lines for _, lines in facts.formats) == counted[0]
    assert len(facts.examples) == min(facts.bad_lines, 5)
