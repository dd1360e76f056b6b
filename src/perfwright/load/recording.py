"""Writes what a replay's kernels read: the files of `plan/replay.py`'s `Recording`.

The layout is drawn in `crates/kernel/src/recording.rs`. Rows are taken in batches and never held
together, so memory does not grow with the log (8 bytes for each second that it lasts, but no more).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from perfwright.model.units import NS_PER_S
from perfwright.plan.replay import Recording
from perfwright.plan.replay_rows import Due

_ENTRY = np.dtype(
    [
        ("due_ns", "<u8"),
        ("text_at", "<u8"),
        ("method_len", "<u2"),
        ("status", "<u2"),
        ("target_len", "<u4"),
        ("step", "<u4"),
        ("", "<u4"),
    ]
)


def write_recording(batches: Iterable[Sequence[Due]], folder: Path) -> Recording:
    """Rows in the order in which they are due → the files, in `folder`."""
    entries_path, text_path, steps_path = folder / "entries", folder / "text", folder / "steps"
    steps = {"": 0}
    requests, written = 0, 0
    per_s = np.zeros(0, dtype=np.int64)
    with entries_path.open("wb") as entries_file, text_path.open("wb") as text_file:
        for batch in batches:
            if not batch:
                continue
            due_ns = np.array([row[0] for row in batch], dtype=np.uint64)
            words = [(row[1].encode(), row[2].encode()) for row in batch]
            entries = np.zeros(len(batch), dtype=_ENTRY)
            entries["due_ns"] = due_ns
            entries["method_len"] = [len(method) for method, _ in words]
            entries["target_len"] = [len(target) for _, target in words]
            entries["status"] = [row[3] for row in batch]
            entries["step"] = [steps.setdefault(row[4], len(steps)) for row in batch]
            lengths = entries["method_len"].astype(np.uint64) + entries["target_len"]
            entries["text_at"] = written + np.cumsum(lengths) - lengths
            entries_file.write(entries.tobytes())
            text_file.write(b"".join(method + target for method, target in words))
            requests += len(batch)
            written += int(lengths.sum())
            per_s = _added(per_s, np.bincount(due_ns.astype(np.int64) // NS_PER_S))
    steps_path.write_text("".join(f"{step}\n" for step in list(steps)[1:]), encoding="utf-8")
    return Recording(
        entries=entries_path,
        text=text_path,
        steps=steps_path,
        requests=requests,
        per_s=per_s.tolist(),
    )


def _added(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    total = longer.copy()
    total[: len(shorter)] += shorter
    return total
