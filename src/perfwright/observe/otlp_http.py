"""OTLP over HTTP: POST /v1/traces, /v1/metrics, /v1/logs; protobuf or JSON, gzip or not.

    200  taken (a partial success says what was not)      404  another path      405  no POST
    400  no protobuf, no JSON, no gzip                    413  more than 16 MiB, unpacked
    415  another content type or encoding

One thread serves all senders, so a flood waits in the sockets instead of in our memory.
"""

from __future__ import annotations

import json
import socket
import threading
import zlib
from typing import Any

import uvicorn
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from perfwright.observe.otlp_json import parse_json
from perfwright.observe.otlp_signals import MAX_REQUEST_BYTES, SIGNALS, Accept, Signal
from perfwright.observe.thread_cpu import threads_cpu_s

_PROTOBUF = "application/x-protobuf"
_JSON = "application/json"
_BY_PATH = {signal.path: signal for signal in SIGNALS}
_CONNECTIONS = 256
_STOP_WITHIN_S = 2.0


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class HttpReceiver:
    """Serves on these listening sockets, which it closes in the end."""

    def __init__(self, listeners: list[socket.socket], accept: Accept) -> None:
        self._accept = accept
        config = uvicorn.Config(
            self._serve,
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._listeners = listeners
        self._thread = threading.Thread(
            target=self._server.run, args=(listeners,), name="otlp-http", daemon=True
        )
        self._thread.start()

    def cpu_s(self) -> float:
        """CPU time so far."""
        return threads_cpu_s([self._thread])

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(_STOP_WITHIN_S)
        for listener in self._listeners:
            listener.close()

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            status, kind, body = 200, *await self._export(scope, receive)
        except _Refused as refused:
            status, kind, body = refused.status, "text/plain", str(refused).encode()
        headers = [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(body))]
        if status == 413:  # the rest of the body is still on its way
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _export(self, scope: Any, receive: Any) -> tuple[str, bytes]:
        signal = _BY_PATH.get(scope["path"])
        if signal is None:
            raise _Refused(404, f"no such path; there are {', '.join(_BY_PATH)}")
        if scope["method"] != "POST":
            raise _Refused(405, "POST only")
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (_PROTOBUF, _JSON):
            raise _Refused(415, f"content type {_PROTOBUF} or {_JSON}")
        body = _unpacked(await _body(receive), headers.get("content-encoding", "identity").lower())
        answer = signal.answer(self._accept(signal.name, _parsed(signal, body, kind)))
        if kind == _JSON:
            return kind, json.dumps(json_format.MessageToDict(answer)).encode()
        return kind, answer.SerializeToString()


async def _body(receive: Any) -> bytes:
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise _Refused(400, "the sender left")
        body += event.get("body", b"")
        if len(body) > MAX_REQUEST_BYTES:
            raise _Refused(413, f"more than {MAX_REQUEST_BYTES} bytes")
        if not event.get("more_body"):
            return bytes(body)


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "identity":
        return body
    if encoding not in ("gzip", "deflate"):
        raise _Refused(415, "content encoding gzip, deflate or none")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # takes either's header
    try:
        plain = unpacker.decompress(body, MAX_REQUEST_BYTES)
    except zlib.error as error:
        raise _Refused(400, f"no {encoding}: {error}") from error
    if unpacker.unconsumed_tail:
        raise _Refused(413, f"more than {MAX_REQUEST_BYTES} bytes, unpacked")
    if not unpacker.eof:
        raise _Refused(400, f"the {encoding} is cut off")
    return plain


def _parsed(signal: Signal, body: bytes, kind: str) -> Message:
    try:
        if kind == _JSON:
            return parse_json(signal, body)
        return signal.request.FromString(body)
    except (DecodeError, ValueError, RecursionError) as error:
        raise _Refused(400, f"no {signal.name} in {kind}: {str(error)[:200]}") from error
