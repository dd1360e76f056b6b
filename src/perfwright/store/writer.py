"""Writes a run into its folder while it goes on.

    start ──► run.json "running", lock held ──► a frame a second, appended ──► stop
                                                                                 │
              run.json in its last form, lock let go ◄── lines become Parquet ◄──┘

Each second is appended to JSON lines and flushed (not fsynced: a killed process loses nothing, a
power cut the last seconds). A run folder is written once: an id that exists is refused. Failures
are StoreErrors; what was written before one stays readable.
"""

from __future__ import annotations

import heapq
import json
import os
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, BinaryIO

from perfwright.model.errors import StoreError
from perfwright.model.frame import Frame
from perfwright.model.manifest import RunManifest
from perfwright.model.watched import Reading
from perfwright.store import layout
from perfwright.store.compact import compact
from perfwright.store.files import hold_lock, store_error
from perfwright.store.manifest_json import write_manifest
from perfwright.store.rows import event_row, rows_of
from perfwright.store.watched_rows import Row, Rows, add_watched

_EXEMPLARS_PER_STEP_AND_OUTCOME = 5


class RunWriter:
    """The sink that keeps a run in `runs/<id>/` below `store_dir`, which is made if need be.

    `event` and `keep` may be called from any thread, the rest from one.
    """

    def __init__(self, store_dir: Path | str) -> None:
        self._store = Path(store_dir)
        self._run: Path | None = None
        self._lock: int | None = None
        self._files: dict[str, BinaryIO] = {}
        self._guard = threading.Lock()
        self._second = 0
        self._slowest: dict[tuple[str, str], list[int]] = {}

    @property
    def path(self) -> Path:
        """The run's folder; only once the run has started."""
        assert self._run is not None, "the run has not started"
        return self._run

    def start(self, manifest: RunManifest) -> None:
        """Make the folder. StoreError: it exists, or the store cannot be written."""
        run = self._new_folder(manifest.run_id)
        with ExitStack() as undo:
            try:
                lock = hold_lock(run / layout.LOCK)
                undo.callback(os.close, lock)
                for table in layout.LINE_TABLES:
                    file = layout.lines_path(run, table).open("ab")
                    self._files[table.name] = undo.enter_context(file)
            except OSError as error:
                raise store_error("write", run, error) from error
            write_manifest(run / layout.MANIFEST, manifest)
            undo.pop_all()
        self._run, self._lock = run, lock

    def frame(self, frame: Frame) -> None:
        """Append one second. StoreError when the disk is full or gone."""
        rows = rows_of(frame)
        rows["exemplars"] = [row for row in rows["exemplars"] if self._is_among_slowest(row)]
        with self._guard:
            self._second = frame.second
            # In the order of LINE_TABLES: `load`, which declares the second whole, is the last.
            for table in layout.LINE_TABLES:
                self._append(table, rows[table.name])

    def keep(self, reading: Reading) -> None:
        """Append what probes told after the last frame."""
        rows: Rows = {table.name: [] for table in layout.LINE_TABLES}
        add_watched(rows, self._second, reading)
        with self._guard:
            for table in (*layout.WATCHED_TABLES, layout.EVENTS):
                self._append(table, rows[table.name])

    def event(
        self, kind: str, message: str, *, worker: int | None = None, **data: str | float | None
    ) -> None:
        """Note that something happened now; `data` is kept as JSON."""
        with self._guard:
            self._append(layout.EVENTS, [event_row(self._second, worker, kind, message, data)])

    def stop(self, manifest: RunManifest) -> None:
        """Close the tables and write the last manifest, whatever happens; then raise what did."""
        if self._run is None:
            return
        for file in self._files.values():
            with suppress(OSError):
                file.close()
        with ExitStack() as afterwards:
            afterwards.callback(self._release)
            afterwards.callback(write_manifest, self._run / layout.MANIFEST, manifest)
            compact(self._run)

    def _new_folder(self, run_id: str) -> Path:
        runs = self._store / layout.RUNS
        run = runs / run_id
        try:
            runs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise store_error("make", runs, error) from error
        try:
            run.mkdir()
        except FileExistsError:
            raise StoreError(
                f"store: {run} exists already and a run is written only once; start with a new id"
            ) from None
        except OSError as error:
            raise store_error("make", run, error) from error
        return run

    def _append(self, table: layout.LineTable, rows: list[Row]) -> None:
        if not rows:
            return
        file = self._files[table.name]
        try:
            file.write("".join(map(_line, rows)).encode())
            file.flush()
        except OSError as error:
            raise store_error("write", layout.lines_path(self.path, table), error) from error

    def _is_among_slowest(self, exemplar: Row) -> bool:
        """Whether it is one of the slowest few of its step and outcome so far.

        So the slowest of the whole run are kept, and the table grows with the logarithm of time.
        """
        slowest = self._slowest.setdefault((exemplar["step"], exemplar["outcome"]), [])
        if len(slowest) < _EXEMPLARS_PER_STEP_AND_OUTCOME:
            heapq.heappush(slowest, exemplar["response_ns"])
            return True
        response_ns: int = exemplar["response_ns"]
        return heapq.heappushpop(slowest, response_ns) < response_ns

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"
