"""One request through the proxy, as it is when it has passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from perfwright.serve.recorder.captured import Captured
from perfwright.serve.recorder.rewriting import Headers


@dataclass(slots=True, kw_only=True)
class Exchange:
    """Filled while it passes. Times by a monotonic clock, `began` by the wall's. `status` 0: no
    answer; `error` says why. `page`: the id of the page it belongs to."""

    method: str
    url: str
    request_headers: Headers
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    began_s: float = 0.0
    first_byte_s: float | None = None
    ended_s: float = 0.0
    request_body: Captured = field(default_factory=Captured)
    status: int = 0
    reason: str = ""
    response_headers: Headers = field(default_factory=list)
    response_body: Captured = field(default_factory=Captured)
    error: str = ""
    page: str = ""
    is_socket: bool = False
    is_recorded: bool = False

    def header(self, name: bytes) -> str:
        return _first(self.request_headers, name)

    def response_header(self, name: bytes) -> str:
        return _first(self.response_headers, name)

    @property
    def is_document(self) -> bool:
        """A person's navigation, told by Fetch Metadata where the browser sends it."""
        if self.header(b"sec-fetch-dest"):
            return self.header(b"sec-fetch-dest") == "document"
        is_script = self.header(b"x-requested-with")
        return "text/html" in self.header(b"accept") and not is_script


def _first(headers: Headers, name: bytes) -> str:
    return next((v.decode("latin-1") for key, v in headers if key.lower() == name), "")
