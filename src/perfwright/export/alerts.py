"""Tells somebody outside of something, once, now: a webhook, a Slack channel, a command.

    webhook:URL   POST the JSON document
    slack:URL     POST {"text": …} to an incoming webhook
    cmd:WORDS     run the command (no shell), the JSON document on its standard input

An address is a secret (a Slack webhook is a password in a URL), so nothing here shows more than
scheme and host, or a command's first word. AlertFailed says what went wrong; nothing else is
raised.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from perfwright.model.errors import AlertFailed, UsageError, os_reason

TIMEOUT_S = 10.0
_KINDS = ("webhook", "slack", "cmd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """`kind`: webhook | slack | cmd; `where`: the address or the command line, secret."""

    kind: str
    where: str

    @property
    def shown(self) -> str:
        """What may be shown and stored."""
        if self.kind == "cmd":
            return f"cmd:{shlex.split(self.where)[0]}"
        parts = urlsplit(self.where)
        port = f":{parts.port}" if parts.port else ""
        return f"{self.kind}:{parts.scheme}://{parts.hostname}{port}/…"

    @property
    def key(self) -> str:
        """Tells channels apart that are shown alike, such as two of one Slack, without naming the
        secret: what may be stored to know whom was told."""
        digest = hashlib.sha256(f"{self.kind}:{self.where}".encode()).hexdigest()
        return f"{self.shown} #{digest[:12]}"

    def send(self, text: str, document: Mapping[str, Any]) -> None:
        """`text`: for people; `document`: for programs. AlertFailed."""
        if self.kind == "cmd":
            _run(self, document)
        elif self.kind == "slack":
            _post(self, {"text": text})
        else:
            _post(self, {"text": text, **document})


def parse_channel(text: str) -> Channel:
    """UsageError where it is none of the three."""
    kind, _, where = text.partition(":")
    if kind not in _KINDS or not where:
        raise UsageError(
            f"--alert: {kind!r} is no channel; write webhook:URL, slack:URL or cmd:COMMAND"
        )
    if kind == "cmd":
        _words(where)
    elif not _is_address(where):
        raise UsageError(f"--alert: {kind}: what follows is no URL; write {kind}:https://…")
    return Channel(kind=kind, where=where)


def _is_address(where: str) -> bool:
    try:
        parts = urlsplit(where)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _words(where: str) -> list[str]:
    try:
        words = shlex.split(where)
    except ValueError as error:
        raise UsageError(
            f"--alert: cmd: {str(error).lower()}; quote it as a shell would"
        ) from error
    if not words:
        raise UsageError("--alert: cmd: there is no command; write cmd:COMMAND")
    return words


def _post(channel: Channel, body: Mapping[str, Any]) -> None:
    import httpx

    try:
        answer = httpx.post(channel.where, json=body, timeout=TIMEOUT_S, follow_redirects=False)
    except httpx.HTTPError as error:
        # The error's own text may hold the address.
        raise AlertFailed(f"{channel.shown}: not sent: {type(error).__name__}") from None
    if not answer.is_success:
        raise AlertFailed(f"{channel.shown}: not accepted: HTTP {answer.status_code}")


def _run(channel: Channel, document: Mapping[str, Any]) -> None:
    try:
        finished = subprocess.run(
            _words(channel.where),
            input=json.dumps(document),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise AlertFailed(f"{channel.shown}: did not end within {TIMEOUT_S:.0f} s") from None
    except OSError as error:
        raise AlertFailed(f"{channel.shown}: {os_reason(error)}") from None
    if finished.returncode != 0:
        raise AlertFailed(f"{channel.shown}: exit code {finished.returncode}")
