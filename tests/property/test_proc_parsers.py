"""What comes from the kernel, or from other people's programs, never breaks a parser."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from perfwright.observe.cgroup import parse_groups
from perfwright.observe.dsn import Dsn, dsns_in, parse_url
from perfwright.observe.process_table import parse_stat
from perfwright.observe.sock_diag import HEADER, attribute, messages
from perfwright.observe.sockets import parse_tcp

FIELDS = " ".join(["S", "1", *["0"] * 49]).encode()
NAMES = st.binary(max_size=15).filter(lambda name: b"\0" not in name)


@given(pid=st.integers(1, 2**22), name=NAMES)
def test_any_process_name_is_read_back(pid: int, name: bytes) -> None:
    stat = parse_stat(b"%d (%s) %s\n" % (pid, name, FIELDS))
    assert stat is not None
    assert (stat.pid, stat.name, stat.parent) == (pid, name.decode(errors="replace"), 1)


@given(bodies=st.lists(st.tuples(st.integers(0, 99), st.binary(max_size=40))), cut=st.integers(0))
def test_messages_of_a_datagram_that_is_cut_are_read_up_to_there(
    bodies: list[tuple[int, bytes]], cut: int
) -> None:
    datagram = b""
    for kind, body in bodies:
        datagram += HEADER.pack(HEADER.size + len(body), kind, 0, 0, 0) + body
        datagram += b"\0" * (-len(datagram) % 4)
    assert list(messages(datagram)) == bodies
    whole = list(messages(datagram[: cut % (len(datagram) + 1)]))
    assert [kind for kind, _ in whole] == [kind for kind, _ in bodies[: len(whole)]]


@given(st.binary(max_size=80))
def test_garbage_over_netlink_is_no_message_or_attribute(garbage: bytes) -> None:
    assert len(list(messages(garbage))) <= len(garbage)
    assert len(attribute(garbage, 2)) <= len(garbage)


@given(values=st.lists(st.binary(max_size=9)), wanted=st.integers(0, 5))
def test_an_attribute_is_found_among_others(values: list[bytes], wanted: int) -> None:
    packed = b"".join(
        struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)
        for kind, value in enumerate(values)
    )
    expected = values[wanted] if wanted < len(values) else b""
    assert attribute(packed, wanted) == expected


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_asked_for_groups_sockets_and_addresses(one: str, other: str) -> None:
    parse_groups(f"0::/{one}", other)
    parse_tcp(one.encode(), other.encode())
    list(
        dsns_in((one, f"postgresql://{other}", f"dbname={one}"), {"DB_HOST": one, "DB_PORT": other})
    )


HOSTS = st.sampled_from(["db", "127.0.0.1", "::1", "/run/pg", "db.example.org"])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@given(
    host=HOSTS, port=st.integers(1, 65535), user=WORDS.filter(bool), password=WORDS, name=WORDS
)  # fmt: skip
def test_an_address_survives_being_written_and_read(
    host: str, port: int, user: str, password: str, name: str
) -> None:
    name = name.lstrip("/")
    dsn = Dsn(kind="postgresql", host=host, port=port, user=user, password=password, name=name)
    assert parse_url(dsn.url()) == dsn
