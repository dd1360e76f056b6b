"""Nobody loads what they don't own by a typing error: public targets must be allowed by name.

    http://127.0.0.1, 10.x, fe80::…, localhost, *.localhost, *.internal, *.local     fine
    a public address, or a name that resolves to one                               needs permission

Permission is `--allow-target HOST`, or in `perfwright.toml` of the working directory

    allow-targets = ["staging.example.com"]

Public means globally reachable by IANA's special-purpose registries (RFC 6890), or multicast. A
name counts as public if any of its addresses is. The target is asked about before a run; what its
scenarios and redirects lead to, the kernel holds to the same rule (`guard.rs`; of a local name it
does not ask whether it was pinned).
"""

from __future__ import annotations

import ipaddress
import socket
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from perfwright._kernel import is_public_address as _is_public
from perfwright.model.errors import TargetRefused, UsageError, os_reason
from perfwright.plan.fields import Resolve

SETTINGS_FILE = "perfwright.toml"
_LOCAL_SUFFIXES = (".localhost", ".internal", ".local")


def allowed_targets(
    url: str, allowed: Collection[str] = (), pinned: Iterable[Resolve] = ()
) -> tuple[str, ...]:
    """The public hosts that a run on this target may ask: those `allowed`, those of
    `perfwright.toml`, and the target's. TargetRefused: the target is public and none of them;
    UsageError: it is a name without an address. `pinned`: `--resolve` entries."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    pins = [entry.address for entry in pinned if entry.host == host]
    addresses = pins or _addresses(host)
    permitted = {name.lower().rstrip(".") for name in (*allowed, *_allowed_in_settings())}
    needs_none = host in permitted or (_is_local_name(host) and not pins)
    public = [address for address in addresses if is_public_address(address)]
    if public and not needs_none:
        shown = host if host == public[0] else f"{host} ({public[0]})"
        raise TargetRefused(
            f"target: {shown} is a public address; if it is yours to load, add "
            f'--allow-target {host}, or allow-targets = ["{host}"] in {SETTINGS_FILE}'
        )
    return (*permitted, host)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine by a loopback address; UsageError for a name without
    an address."""
    host = urlsplit(url).hostname or ""
    return all(ipaddress.ip_address(a.partition("%")[0]).is_loopback for a in _addresses(host))


def is_public(host: str) -> bool:
    """Whether a host leads out of here; UsageError for a name without an address."""
    return not _is_local_name(host) and any(map(is_public_address, _addresses(host)))


def _is_local_name(host: str) -> bool:
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(_LOCAL_SUFFIXES)


def is_public_address(address: str) -> bool:
    return _is_public(address.partition("%")[0])


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = os_reason(error) if isinstance(error, OSError) else str(error).lower()
        raise UsageError(
            f"target: host {host!r} does not resolve ({reason}); check its spelling, or give its "
            f"address with --resolve {host}:PORT:ADDRESS"
        ) from None
    return [str(entry[4][0]) for entry in found]


def _allowed_in_settings() -> list[str]:
    file = Path.cwd() / SETTINGS_FILE
    if not file.is_file():
        return []
    try:
        allowed = tomllib.loads(file.read_text(encoding="utf-8")).get("allow-targets", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{SETTINGS_FILE}: {error}") from None
    if not isinstance(allowed, list) or not all(isinstance(name, str) for name in allowed):
        raise UsageError(
            f'{SETTINGS_FILE}: allow-targets: {allowed!r} must be a list, like ["example.com"]'
        )
    return allowed
