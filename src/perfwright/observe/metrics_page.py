"""Whether a server shows metrics: asks once for `/metrics` and looks for Prometheus' text format.

Reference: prometheus.io/docs/instrumenting/exposition_formats. Anything else, or no answer within
half a second, is no; nothing raises.
"""

from __future__ import annotations

import http.client
import re
import ssl
from urllib.parse import urlsplit

_TIMEOUT_S = 0.5
_ENOUGH_BYTES = 8192
_TYPED = re.compile(rb"^# (?:TYPE|HELP) \w+|^\w+(?:\{[^}]*\})? [-+]?[\d.]+(?:[eE][-+]?\d+)?$", re.M)


def metrics_page(origin: str) -> str | None:
    """The page's URL, or None. `origin`: `http://127.0.0.1:8000`."""
    parts = urlsplit(origin)
    host, port = parts.hostname or "127.0.0.1", parts.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=_unverified())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
    )
    try:
        connection.request("GET", "/metrics", headers={"Accept": "text/plain"})
        answer = connection.getresponse()
        plain = "text/plain" in answer.headers.get("Content-Type", "")
        found = answer.status == 200 and plain and _TYPED.search(answer.read(_ENOUGH_BYTES))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return f"{parts.scheme}://{parts.netloc}/metrics" if found else None


def _unverified() -> ssl.SSLContext:
    """Test servers sign for themselves; nothing secret is sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
