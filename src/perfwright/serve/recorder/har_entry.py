"""An exchange as an entry of HAR 1.2, and the pages that entries belong to.

Bodies that are no text (images, fonts) are counted, not kept. The recording holds what was typed,
passwords and cookies included: without them nobody could tell what must be sent again.
"""

from __future__ import annotations

import base64
import re
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from perfwright.serve.recorder.captured import Captured, unpacked
from perfwright.serve.recorder.exchange import Exchange
from perfwright.serve.recorder.rewriting import Headers

_TEXTUAL = re.compile(r"text/|json|xml|javascript|urlencoded|graphql|multipart/form-data|^$")
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_KINDS = {"document": "document", "empty": "fetch", "style": "stylesheet", "iframe": "document"}


def entry_of(exchange: Exchange) -> dict[str, Any]:
    waited_s = (exchange.first_byte_s or exchange.ended_s) - exchange.began_s
    total_s = exchange.ended_s - exchange.began_s
    entry: dict[str, Any] = {
        "startedDateTime": _iso(exchange.began),
        "time": _ms(total_s),
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": _ms(waited_s), "receive": _ms(total_s - waited_s)},
    }
    if exchange.page:
        entry["pageref"] = exchange.page
    destination = exchange.header(b"sec-fetch-dest")
    if exchange.is_socket:
        entry["_resourceType"] = "websocket"
    elif destination:
        entry["_resourceType"] = _KINDS.get(destination, destination)
    return entry


def _request(exchange: Exchange) -> dict[str, Any]:
    query = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(exchange.request_headers),
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": -1,
        "bodySize": exchange.request_body.size,
    }
    if exchange.request_body.size:
        mime = exchange.header(b"content-type")
        request["postData"] = {"mimeType": mime, "params": [], **_posted(exchange.request_body)}
    return request


def _posted(body: Captured) -> dict[str, str]:
    try:
        return {"text": body.content.decode()}
    except UnicodeDecodeError:
        coded = base64.b64encode(body.content).decode()
        return {"text": coded, "encoding": "base64", "comment": "not UTF-8"}


def _response(exchange: Exchange) -> dict[str, Any]:
    response: dict[str, Any] = {
        "status": exchange.status,
        "statusText": exchange.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(exchange.response_headers),
        "content": _content(exchange),
        "redirectURL": exchange.response_header(b"location"),
        "headersSize": -1,
        "bodySize": exchange.response_body.size if exchange.status else -1,
    }
    if exchange.error:
        response["_error"] = exchange.error
    return response


def _content(exchange: Exchange) -> dict[str, Any]:
    mime = exchange.response_header(b"content-type")
    content: dict[str, Any] = {"size": exchange.response_body.size, "mimeType": mime}
    text = text_of(exchange)
    if text is not None:
        content["text"] = text
    if not exchange.response_body.is_whole:
        content["comment"] = "cut: only the beginning was kept"
    return content


def text_of(exchange: Exchange) -> str | None:
    """The answer's body where it is text, unpacked."""
    mime = exchange.response_header(b"content-type").lower()
    encoding = exchange.response_header(b"content-encoding").lower().strip()
    if not _TEXTUAL.search(mime) or not exchange.response_body.size:
        return None
    content = unpacked(exchange.response_body.content, encoding)
    charset = re.search(r"charset=\"?([\w-]+)", mime)
    try:
        return content.decode(charset[1] if charset else "utf-8", "replace") if content else None
    except LookupError:
        return content.decode("utf-8", "replace") if content else None


class Pages:
    """A page begins with a navigation, unless that is where an earlier one was redirected to."""

    def __init__(self) -> None:
        self.known: list[dict[str, Any]] = []
        self._expected: set[str] = set()

    def place(self, exchange: Exchange) -> None:
        """Called when a request comes: gives it its page."""
        if exchange.is_document and exchange.url not in self._expected:
            page = {
                "startedDateTime": _iso(exchange.began),
                "id": f"page_{len(self.known) + 1}",
                "title": urlsplit(exchange.url).path or "/",
                "pageTimings": {},
            }
            self.known.append(page)
        self._expected.discard(exchange.url)
        exchange.page = self.known[-1]["id"] if self.known else ""

    def passed(self, exchange: Exchange) -> None:
        """Called when its answer is there: learns the page's title, or where it goes on."""
        place = exchange.response_header(b"location")
        if not exchange.is_document:
            return
        if 300 <= exchange.status < 400 and place:
            self._expected.add(urljoin(exchange.url, place).partition("#")[0])
            return
        title = _TITLE.search(text_of(exchange) or "")
        for page in self.known:
            if title and page["id"] == exchange.page:
                page["title"] = " ".join(unescape(title[1]).split()) or page["title"]


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [
        {"name": name.decode("latin-1"), "value": value.decode("latin-1")}
        for name, value in headers
    ]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ms(seconds: float) -> float:
    return round(max(0.0, seconds) * 1e3, 3)
