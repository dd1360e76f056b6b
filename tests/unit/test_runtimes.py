"""A runtime is told from files alone."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from perfwright.observe.runtimes import go_version, runtime_of_files


@pytest.mark.parametrize(
    ("program", "mapped", "runtime"),
    [
        ("/usr/bin/python3.11", (), "python 3.11"),
        ("/usr/bin/python3", ("/usr/lib/libpython3.12.so.1.0",), "python 3.12"),
        ("/opt/venv/bin/python3", (), "python 3"),
        ("/usr/sbin/uwsgi-core", ("/usr/lib/libpython3.11.so.1.0",), "python 3.11"),
        ("/opt/pypy3.10/bin/pypy3.10", (), "python 3.10"),
        ("/usr/bin/node", (), "node"),
        ("/opt/java-17-openjdk-amd64/bin/java", ("/x/libjvm.so",), "jvm 17"),
        ("/usr/bin/ruby3.1", (), "ruby"),
        ("/usr/sbin/php-fpm8.2", (), "php"),
        ("/usr/sbin/nginx", (), "nginx"),
        ("/usr/lib/postgresql/15/bin/postgres", (), "postgresql 15"),
        ("/usr/bin/redis-server", (), "redis"),
        ("/srv/shop", (), "native"),
    ],
)
def test_a_program_is_known_by_its_files(
    program: str, mapped: tuple[str, ...], runtime: str
) -> None:
    assert runtime_of_files(program, mapped) == runtime


def test_a_java_program_says_its_version_beside_it(tmp_path: Path) -> None:
    home = tmp_path / "opt" / "runtime"
    home.mkdir(parents=True)
    (home / "release").write_text('IMPLEMENTOR="x"\nJAVA_VERSION="21.0.2"\n')
    found = runtime_of_files("/opt/runtime/bin/java", ("libjvm.so",), root=str(tmp_path))
    assert found == "jvm 21.0.2"


def elf(section: str, content: bytes) -> bytes:
    """A 64-bit ELF file of three sections: none, the given one, and the names."""
    names = f"\0{section}\0.shstrtab\0".encode()
    content_at, names_at = 64, 64 + len(content)
    table_at = names_at + len(names)
    header = b"\x7fELF\x02\x01".ljust(40, b"\0") + struct.pack(
        "<QIHHHHHH", table_at, 0, 64, 0, 0, 64, 3, 2
    )
    sections = b"".join(
        struct.pack("<II2Q2Q", name, 1, 0, 0, at, size).ljust(64, b"\0")
        for name, at, size in [
            (0, 0, 0),
            (1, content_at, len(content)),
            (2 + len(section), names_at, len(names)),
        ]
    )  # fmt: skip
    return header + content + names + sections


def test_a_go_program_holds_its_toolchains_version(tmp_path: Path) -> None:
    program = tmp_path / "shop"
    information = b"\xff Go buildinf:\x08\x02".ljust(32, b"\0") + b"\x08go1.22.1\x30path"
    program.write_bytes(elf(".go.buildinfo", information))
    assert go_version(str(program)) == "1.22.1"
    assert runtime_of_files("/shop", (), root=str(tmp_path)) == "go 1.22.1"


def test_an_old_go_program_is_one_all_the_same(tmp_path: Path) -> None:
    program = tmp_path / "old"
    program.write_bytes(elf(".go.buildinfo", b"\xff Go buildinf:\x08\x00".ljust(32, b"\0")))
    assert go_version(str(program)) == "1"


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF\x02\x01", elf(".text", b"x")])
def test_other_files_are_no_go_programs(tmp_path: Path, content: bytes) -> None:
    program = tmp_path / "other"
    program.write_bytes(content)
    assert go_version(str(program)) == ""
