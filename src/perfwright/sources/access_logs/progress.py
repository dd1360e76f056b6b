"""How far a statement of DuckDB is, told while it runs by a thread beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_EVERY_S = 0.2


@contextmanager
def progress_told(
    connection: duckdb.DuckDBPyConnection, tell: Callable[[float], None]
) -> Iterator[None]:
    """`tell` hears the share (0..1) of what the connection executes within the context."""
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute("SET enable_progress_bar = true")
    ended = Event()

    def watch() -> None:
        while not ended.wait(_EVERY_S):
            percent = connection.query_progress()
            if percent >= 0:
                tell(percent / 100)

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
