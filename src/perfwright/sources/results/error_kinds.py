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
    ("closed_early", r"closed|disconnect|incomplete|premature|nohttpresponse|\beof\b"),
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


def kind_in_sql(status: str, told: str) -> str:
    """SQL: the kind of a failure, of an integer `status` and what its tool told of it (either may
    be NULL); a failed check where neither says."""
    texts = "".join(
        f" WHEN regexp_matches({told}, '{pattern}', 'i') THEN '{kind}'" for kind, pattern in _KINDS
    )
    return (
        f"CASE WHEN {status} BETWEEN 400 AND 499 THEN 'http_4xx'"
        f" WHEN {status} BETWEEN 500 AND 599 THEN 'http_5xx'"
        f" WHEN {status} BETWEEN 100 AND 399 THEN 'check'{texts} ELSE 'check' END"
    )
