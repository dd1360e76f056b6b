"""Which kind of error (`model.frame.ERROR_KINDS`) another tool's message tells of."""

from __future__ import annotations

import re

_STATUS = re.compile(
    r"(?:^|['\"(]|\bstatus(?: ?code)?[ =:]+|\bcode[ =:]+|\bHTTP(?:/[\d.]+)?[ :]+)([45])\d\d\b",
    re.IGNORECASE,
)
_KINDS = (
    ("connect_refused", r"refused"),
    ("connect_timeout", r"connect\w*[ _-]?time?d?[ _-]?out"),
    ("timeout", r"time?d?[ _-]?out|deadline"),
    ("reset", r"reset|broken pipe|aborted"),
    ("closed_early", r"closed|disconnect|incomplete|\beof\b"),
    ("dns", r"\bdns|lookup|resolve|unknown ?host|name or service|getaddrinfo|no such host"),
    ("tls", r"\bssl|\btls|certificate|handshake"),
    ("too_many_files", r"too many open files"),
    ("no_ports", r"assign requested address"),
    ("connect_failed", r"connect|unreachable"),
)


def kind_of_status(status: int) -> str | None:
    """None for a status that is no error."""
    return {4: "http_4xx", 5: "http_5xx"}.get(status // 100)


def kind_of_message(message: str, *, otherwise: str = "exception") -> str:
    """Of the first pattern that the message has; `otherwise` where it has none."""
    if status := _STATUS.search(message):
        return f"http_{status[1]}xx"
    for kind, pattern in _KINDS:
        if re.search(pattern, message, re.IGNORECASE):
            return kind
    return otherwise
