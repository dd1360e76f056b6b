"""What a process runs on: `python 3.11`, `jvm 17.0.9`, `go 1.22.1`, `nginx`, `postgresql 15`.

Looked for in this order: servers known by their program's name; an interpreter's library among the
mapped files (an embedded one counts: uWSGI is Python); the program's own name; Go's build
information in the program's file (golang.org/src/debug/buildinfo: the toolchain's version in the
section .go.buildinfo). Nothing is executed to find a version. A process that we may not inspect is
known by its name only.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from pathlib import Path, PurePath
from typing import BinaryIO

from perfwright.observe.process_table import stat_of
from perfwright.observe.procfs import command_line, link, read_text

DATABASES = ("postgresql", "mysql", "mariadb", "mongodb", "clickhouse")
CACHES = ("redis", "valkey", "memcached")
PROXIES = ("nginx", "haproxy", "envoy", "apache", "varnish", "pgbouncer", "docker-proxy")
_SERVERS = {
    "postgres": "postgresql", "postmaster": "postgresql", "mysqld": "mysql", "mariadbd": "mariadb",
    "mongod": "mongodb", "clickhouse-server": "clickhouse", "redis-server": "redis",
    "valkey-server": "valkey", "memcached": "memcached", "nginx": "nginx", "haproxy": "haproxy",
    "envoy": "envoy", "apache2": "apache", "httpd": "apache", "varnishd": "varnish",
    "pgbouncer": "pgbouncer", "docker-proxy": "docker-proxy", "beam.smp": "erlang",
}  # fmt: skip
_PROGRAMS = {
    "node": "node", "nodejs": "node", "bun": "bun", "deno": "deno", "java": "jvm", "ruby": "ruby",
    "php": "php", "php-fpm": "php", "perl": "perl", "dotnet": "dotnet",
}  # fmt: skip
_PYTHON = re.compile(r"(?:python|pypy)(\d?)(?:\.(\d+))?$")
_PYTHON_LIBRARY = re.compile(r"(?:libpython|cpython-)(\d)\.?(\d+)")
_LIBRARIES = {"libjvm.so": "jvm", "libcoreclr.so": "dotnet", "libruby": "ruby", "libphp": "php"}
_VERSIONED_FOLDER = re.compile(r"/postgresql/(\d+)/")
_JAVA_FOLDER = re.compile(r"/[^/\d]*(?:java|jdk|jre)[^/\d]*(\d+(?:\.\d+)*)")
_GO_MAGIC = b"\xff Go buildinf:"
_GO_VERSION = re.compile(rb"go(\d+\.\d+(?:\.\d+)?)")
_GO_INLINE = 2
_GO_VERSION_AT = 32


def is_known_server(name: str) -> bool:
    """Whether a program of this name is a server that we know."""
    return name in _SERVERS


def runtime_of(pid: int) -> str:
    """Its runtime, with the version where it shows; `native` for other programs, "" if it ended."""
    stat = stat_of(pid)
    if stat is None:
        return ""
    program = link(f"/proc/{pid}/exe").removesuffix(" (deleted)")
    if not program:
        words = command_line(pid)
        titled = words[0].split()[0].rstrip(":") if words else stat.name  # `nginx: worker process`
        return runtime_of_files(titled, ())
    if stat.name in _SERVERS:  # Debian's redis-server is a link to redis-check-rdb
        program = str(PurePath(program).with_name(stat.name))
    return runtime_of_files(program, _mapped_files(pid), root=f"/proc/{pid}/root")


def runtime_of_files(program: str, mapped: tuple[str, ...], *, root: str = "") -> str:
    """From a program's path and the files that its process has mapped, all below `root`."""
    name = PurePath(program).name
    base = re.sub(r"[\d.]+$", "", name)
    if name in _SERVERS:
        version = _VERSIONED_FOLDER.search(program)
        return " ".join((_SERVERS[name], *(version.groups() if version else ())))
    if python := _python_version(program, mapped):
        return f"python {python}"
    libraries = (_LIBRARIES[key] for key in _LIBRARIES if any(key in path for path in mapped))
    found = next(libraries, _PROGRAMS.get(base, ""))
    if found == "jvm" and (java := _java_version(program, root)):
        return f"jvm {java}"
    if not found and root and (go := go_version(f"{root}{program}")):
        return f"go {go}"
    return found or "native"


def _python_version(program: str, mapped: tuple[str, ...]) -> str:
    named = _PYTHON.match(PurePath(program).name)
    if named and named[2]:
        return f"{named[1]}.{named[2]}"
    libraries = (_PYTHON_LIBRARY.search(path) for path in mapped)
    library = next((found for found in libraries if found), None)
    if library:
        return f"{library[1]}.{library[2]}"
    return (named[1] or "3") if named else ""


def _mapped_files(pid: int) -> tuple[str, ...]:
    """Paths of the shared libraries and other files in the process's memory."""
    lines = read_text(f"/proc/{pid}/maps").splitlines()
    paths = (line[line.index("/") :] for line in lines if "/" in line)
    return tuple(dict.fromkeys(paths))


def _java_version(program: str, root: str) -> str:
    release = read_text(f"{root}{Path(program).parent.parent}/release")
    stated = re.search(r'^JAVA_VERSION="([^"]+)"', release, re.MULTILINE)
    folder = _JAVA_FOLDER.search(program)
    return stated[1] if stated else folder[1] if folder else ""


@lru_cache(maxsize=64)
def go_version(path: str) -> str:
    """The Go toolchain that built this program; "" if none did, or it cannot be read."""
    try:
        with Path(path).open("rb") as program:
            information = _elf_section(program, b".go.buildinfo")
    except (OSError, struct.error):
        return ""
    if not information.startswith(_GO_MAGIC):
        return ""
    if len(information) > _GO_VERSION_AT and information[15] & _GO_INLINE:
        end = _GO_VERSION_AT + 1 + information[_GO_VERSION_AT]
        inline = _GO_VERSION.search(information[:end], _GO_VERSION_AT)
        return inline[1].decode() if inline else "1"
    return "1"  # before Go 1.18 the version is behind a pointer: not worth following


def _elf_section(program: BinaryIO, name: bytes) -> bytes:
    """The first kilobyte of a section of a 64-bit little-endian ELF file; empty if it has none."""
    header = program.read(64)
    if header[:6] != b"\x7fELF\x02\x01":
        return b""
    (table,) = struct.unpack_from("<Q", header, 40)
    size, count, names_index = struct.unpack_from("<HHH", header, 58)
    program.seek(table)
    sections = program.read(size * count)
    fields = [struct.unpack_from("<II2Q2Q", sections, at * size) for at in range(count)]
    program.seek(fields[names_index][4])
    names = program.read(fields[names_index][5])
    for offset, _, _, _, place, length in fields:
        if names[offset : offset + len(name) + 1] == name + b"\0":
            program.seek(place)
            return program.read(min(length, 1024))
    return b""
