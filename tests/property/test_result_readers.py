"""However a result file is damaged, it is read in part or refused with a clear error."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import DATA, read

from perfwright.model.errors import DataError

FILES = (
    "jmeter-transactions.csv", "jmeter.xml", "k6.csv", "k6.ndjson", "gatling-2.2.log",
    "gatling-3.9.log", "vegeta.ndjson", "hey.csv", "loadrunner.csv",
)  # fmt: skip
JUNK = (
    b"", b"NaN", b"-1", b"1e999", b'"', b"\n", b"\r", b"\t", b",", b"\x00", b"\xff\xfe", b"9" * 30,
    b"{}", b"<a>", b"&x;",
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 20), st.sampled_from(JUNK)), min_size=1, max_size=5
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(FILES), EDITS)
def test_damage_is_told_and_never_a_crash(name: str, edits: list[tuple[float, int, bytes]]) -> None:
    data = (DATA / name).read_bytes()
    for where, length, junk in edits:
        place = int(where * len(data))
        data = data[:place] + junk + data[place + length :]
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(data)
        with suppress(DataError):
            read(file, tidied=True)
