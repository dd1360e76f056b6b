"""A TCP server for behaviours that no installable server shows: the test moves each byte itself."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Handler = Callable[[socket.socket, int], None]


class RawServer:
    def __init__(self, listener: socket.socket) -> None:
        self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.connections = 0


@contextmanager
def raw_server(handler: Handler, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[RawServer]:
    """Calls `handler(socket, nth)` in a thread for each connection, the first being 0, and closes
    what it leaves open."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        server = RawServer(listener)
        thread = threading.Thread(target=_accept, args=(listener, server, handler), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(listener: socket.socket, server: RawServer, handler: Handler) -> None:
    threads = []
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            nth, server.connections = server.connections, server.connections + 1
            thread = threading.Thread(target=_serve, args=(connection, nth, handler), daemon=True)
            thread.start()
            threads.append(thread)
    for thread in threads:
        thread.join(timeout=5)


def _serve(connection: socket.socket, nth: int, handler: Handler) -> None:
    with connection, suppress(ConnectionError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        handler(connection, nth)


def read_head(connection: socket.socket) -> bytes:
    """One request's head; b"" when the client has closed."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return b""
        head += piece
    return head


def answering(*answers: bytes) -> Handler:
    """Each connection answers its requests with these, in turn, and then closes."""

    def handler(connection: socket.socket, _: int) -> None:
        for answer in answers:
            if not read_head(connection):
                return
            connection.sendall(answer)

    return handler


def wait_for_close(connection: socket.socket) -> None:
    """Reads until the client has closed."""
    with suppress(ConnectionError):
        while connection.recv(65536):
            pass


def reset(connection: socket.socket) -> None:
    """Closes with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def acknowledged(connection: socket.socket) -> None:
    """Returns once the client's system has taken all that was sent."""
    while struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0\0\0\0"))[0]:
        pass
