"""A run in which no request succeeded: by what, and what to do about that.

    Every request failed (560 of them, all by tls: invalid peer certificate: UnknownIssuer): trust …

Requests that this machine could not send say nothing of the target and are left out.
"""

from __future__ import annotations

from perfwright.analyze.generator import never_sent
from perfwright.analyze.summary import all_requests
from perfwright.model.frame import Tally
from perfwright.model.units import format_count

_MESSAGE_MAX = 160
_UP = "see whether the target is up and its address right"
_REMEDIES = {
    "dns": "check the host's name, or give its address with --resolve",
    "connect_refused": _UP,
    "connect_timeout": "see whether it can be reached from this machine",
    "connect_failed": "see whether it can be reached from this machine",
    "tls": "see whether it speaks TLS at this address",
    "reset": "see the target's own log",
    "closed_early": "see the target's own log",
    "timeout": "see why it does not answer, or give it more time with --timeout",
    "malformed": "see whether it speaks HTTP/1.1 at this address",
    "too_many_redirects": "see where it redirects to",
    "not_allowed": "allow the host by name, or leave it out",
    "http_4xx": "see whether path, method and credentials are right (--once shows them)",
    "http_5xx": "see the target's own log",
    "check": "see whether the checks are right (--once shows the answers)",
    "exception": "see the scenario's error above",
}


def total_failure(whole: Tally) -> str | None:
    """The sentence, where every request that was sent failed."""
    every = all_requests(whole)
    unsent = never_sent(every.error_kinds)
    requests, errors = every.requests - unsent, every.errors - unsent
    if requests == 0 or errors < requests:
        return None
    kinds = {kind: n for kind, n in every.error_kinds.items() if not never_sent({kind: n})}
    kind = max(kinds, key=lambda kind: kinds[kind], default="")
    message = _message(whole, kind)
    told = f": {message}" if message else ""
    by = f", {'all' if kinds.get(kind) == errors else 'mostly'} by {kind}" if kind else ""
    return (
        f"Every request failed ({format_count(requests)} of them{by}{told}): "
        f"{_remedy(kind, message)}."
    )


def _remedy(kind: str, message: str) -> str:
    if kind == "tls" and "certificate" in message:
        return "trust its issuer with --ca FILE, or verify nothing with --insecure"
    return _REMEDIES.get(kind, _UP)


def _message(whole: Tally, kind: str) -> str:
    """Of one of them."""
    messages = (one.message for one in whole.exemplars if one.outcome == kind and one.message)
    message = next(messages, "")
    return message if len(message) <= _MESSAGE_MAX else message[: _MESSAGE_MAX - 1] + "…"
