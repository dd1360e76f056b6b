"""One request and its answer, whole: what `run --once` shows and a load run could never keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Headers keep their order and spelling; `response_body` is decoded (no gzip).

    `status` is 0 and `reason` empty where no answer came; then `outcome` names the kind of failure
    (an ERROR_KINDS member; "ok" otherwise) and `message` says more. `phases_ns` as in MEASURES.
    """

    step: str
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    status: int
    reason: str
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes
    phases_ns: Mapping[str, int]
    response_ns: int
    service_ns: int
    outcome: str
    message: str
