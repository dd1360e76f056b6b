"""Takes secrets out of command lines, addresses and texts before they are stored or shown.

    --header 'Authorization: Bearer abc'     --header 'Authorization: ***'
    --env API_TOKEN=abc                      --env 'API_TOKEN=***'
    --body '{"password": "abc"}'             --body '{"password": "***"}'
    https://ann:abc@shop/?key=abc            https://***@shop/?key=***
    --db-password abc                        --db-password '***'
    host=db user=ann password=abc            host=db user=ann password=***

A run folder is shared with colleagues and kept by CI, so names that sound secret are enough. What
has no such name is kept: the command must be good for repeating the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "***"
_SECRET = (
    r"[\w-]*(?:token|secret|passw|passphrase|api[-_]?key|access[-_]?key|private[-_]?key"
    r"|authorization|cookie|credential|session|signature)[\w-]*"
)
_USERINFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_QUERY = re.compile(rf"([?&](?:{_SECRET}|key|sig)=)[^&#\s]+", re.IGNORECASE)
_JSON = re.compile(rf'("{_SECRET}"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)', re.IGNORECASE)
_FORM = re.compile(rf"((?:^|&){_SECRET}=)[^&]*", re.IGNORECASE)
_CONNECTION = re.compile(r"((?:^|[\s;])(?:password|pwd)\s*=\s*)(?:'[^']*'|[^\s;&]+)", re.IGNORECASE)
_FLAG = re.compile(
    r"--?[\w-]*(?:token|secret|passwd|password|passphrase|api[-_]?key|(?:access|private)[-_]?key)",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"^((?:--[a-z-]+=)?{_SECRET}\s*[:=]\s*)\S.*$", re.IGNORECASE | re.DOTALL)


def redacted(words: Iterable[str]) -> tuple[str, ...]:
    """The words of a command line without what sounds secret, or follows a flag that does."""
    shown: list[str] = []
    flag = False
    for word in words:
        shown.append(HIDDEN if flag and not word.startswith("-") else redact(word))
        flag = _FLAG.fullmatch(word) is not None
    return tuple(shown)


def redact(text: str) -> str:
    """One word, URL, header or body without what sounds secret."""
    text = _USERINFO.sub(HIDDEN, text)
    text = _QUERY.sub(rf"\g<1>{HIDDEN}", text)
    text = _JSON.sub(rf'\g<1>"{HIDDEN}"', text)
    text = _CONNECTION.sub(rf"\g<1>{HIDDEN}", text)
    form = _FORM.sub(rf"\g<1>{HIDDEN}", text)
    return form if form != text else _NAMED.sub(rf"\g<1>{HIDDEN}", text)
