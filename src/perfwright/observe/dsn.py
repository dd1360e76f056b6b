"""Finds how a process reaches its database: addresses with credentials in its environment, its
command line, and the `.env` file of its working folder.

    DATABASE_URL=postgresql+asyncpg://ann:pw@db/shop?ssl=1   any value or word that is such a URL
    host=db dbname=shop user=ann password=pw                 libpq's connection string
    PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE               and with DB_, DATABASE_, POSTGRES_,
    REDIS_HOST REDIS_PORT REDIS_PASSWORD                     REDIS_ before HOST, PORT, …

What is found holds secrets: it goes to the probe and nowhere else. A process of another user keeps
its environment to itself, and what is written in the program's code is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, quote, unquote, urlsplit

from perfwright.observe.procfs import command_line, environment, link, read_text

POSTGRES, REDIS = "postgresql", "redis"
_SCHEMES = {"postgres": POSTGRES, "postgresql": POSTGRES, "redis": REDIS, "valkey": REDIS}
_DEFAULT_PORTS = {POSTGRES: 5432, REDIS: 6379}
_URL = re.compile(r"\b(?:postgres(?:ql)?|redis|valkey)(?:\+\w+)?://[^\s'\"<>]+")
_PAIR = re.compile(r"(\w+)\s*=\s*('[^']*'|[^\s'\"]+)")
_PAIRS = re.compile(rf"(?:--?[\w-]+=)?(?P<pairs>(?:{_PAIR.pattern}(?:\s+|$))+)")
_LINE = re.compile(r"^\s*(?:export\s+)?(\w+)\s*=\s*(['\"]?)(.*?)\2\s*$", re.MULTILINE)
_PREFIXES = {
    "PG": POSTGRES, "POSTGRES_": POSTGRES, "POSTGRESQL_": POSTGRES, "DB_": POSTGRES,
    "DATABASE_": POSTGRES, "REDIS_": REDIS,
}  # fmt: skip
_USERS = ("USER", "USERNAME")
_PASSWORDS = ("PASSWORD", "PASS")
_NAMES = ("DATABASE", "NAME", "DB", "DBNAME")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsn:
    """Where a database is and who one is there. `host` may be a folder (Unix socket)."""

    kind: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    name: str = ""

    @property
    def by_unix_socket(self) -> bool:
        return self.host.startswith("/")

    def url(self) -> str:
        """As `--watch` takes it."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        at = f"{quote(self.user, safe='')}{secret}@" if self.user or secret else ""
        if self.by_unix_socket:
            where = f"?host={quote(self.host, safe='')}&port={self.port}"
            return f"{self.kind}://{at}/{quote(self.name)}{where}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        name = f"/{quote(self.name)}" if self.name else ""
        return f"{self.kind}://{at}{host}:{self.port}{name}"


def dsns_of(pid: int) -> tuple[Dsn, ...]:
    """All that a process was told about databases."""
    folder = link(f"/proc/{pid}/cwd")
    written = {name: value for name, _, value in _LINE.findall(read_text(f"{folder}/.env"))}
    variables = {**(written if folder else {}), **environment(pid)}
    found = dsns_in((*variables.values(), *command_line(pid)), variables)
    return tuple(dict.fromkeys(found))


def dsns_in(texts: Iterable[str], variables: Mapping[str, str]) -> Iterator[Dsn]:
    for text in texts:
        for address in _URL.findall(text):
            if (dsn := parse_url(address)) is not None:
                yield dsn
        if (dsn := _conninfo(text)) is not None:
            yield dsn
    for prefix, kind in _PREFIXES.items():
        if (dsn := _from_variables(prefix, kind, variables)) is not None:
            yield dsn


def parse_url(address: str) -> Dsn | None:
    """A database's URL, without the driver's name and options that only the driver knows."""
    try:
        parts = urlsplit(address)
        kind = _SCHEMES[parts.scheme.partition("+")[0]]
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return Dsn(
            kind=kind,
            host=query.get("host") or unquote(parts.hostname or "") or "localhost",
            port=int(query.get("port") or parts.port or _DEFAULT_PORTS[kind]),
            user=unquote(parts.username or query.get("user", "")),
            password=unquote(parts.password or query.get("password", "")),
            name=unquote(parts.path.lstrip("/")),
        )
    except (KeyError, ValueError):
        return None


def best_match(
    dsns: Iterable[Dsn], kind: str, address: str, port: int, names: Iterable[str] = ()
) -> Dsn | None:
    """The one for this server, pointed at its true address: on the same port if there is one (else
    it goes through a pooler), and preferably to one of the databases `names` that are in use."""
    wanted = set(names)
    of_kind = [dsn for dsn in dsns if dsn.kind == kind]
    chosen = max(
        of_kind,
        key=lambda dsn: (dsn.port == port, dsn.name in wanted, bool(dsn.password)),
        default=None,
    )
    if chosen is None or (chosen.port == port and chosen.by_unix_socket):
        return chosen
    return replace(chosen, host=address, port=port)


def _conninfo(text: str) -> Dsn | None:
    whole = _PAIRS.fullmatch(text) if "dbname" in text else None
    pairs = dict(_PAIR.findall(whole["pairs"])) if whole else {}
    pairs = {name: value.strip("'") for name, value in pairs.items()}
    port = pairs.get("port", "5432")
    if "dbname" not in pairs or not port.isdecimal():
        return None
    return Dsn(
        kind=POSTGRES,
        host=pairs.get("host", "localhost"),
        port=int(port),
        user=pairs.get("user", ""),
        password=pairs.get("password", ""),
        name=pairs.get("dbname", ""),
    )


def _from_variables(prefix: str, kind: str, variables: Mapping[str, str]) -> Dsn | None:
    def first(*names: str) -> str:
        return next((variables[prefix + name] for name in names if prefix + name in variables), "")

    host, port = first("HOST", "HOSTNAME", "SERVER"), first("PORT") or str(_DEFAULT_PORTS[kind])
    if not (host or first(*_PASSWORDS)) or not port.isdecimal():
        return None
    return Dsn(
        kind=kind,
        host=host or "localhost",
        port=int(port),
        user=first(*_USERS),
        password=first(*_PASSWORDS),
        name=first(*_NAMES),
    )
