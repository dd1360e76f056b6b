"""Stacks of a small service at low load and at the knee."""

from __future__ import annotations

from perfwright.model.watched import StackCount

SERVE = (
    "<module> (uvicorn:10);run (uvicorn/main.py:1);run_forever (asyncio/base_events.py:6);"
    "_run_once (asyncio/base_events.py:9)"
)


def seen(stack: str, count: int, *, moment: str = "knee", mode: str = "cpu") -> StackCount:
    """`count` samples in 10 s at 100 a second: 1,000 are one thread."""
    return StackCount(
        moment=moment, subject="port:8000", mode=mode, thread="1/1 main", stack=stack, count=count,
        rate_per_s=100, duration_s=10,
    )  # fmt: skip


def flame_stacks() -> list[StackCount]:
    """Most of the CPU goes to `total` at the knee, hardly any at low load."""
    return [
        seen(f"{SERVE};total (./shop.py:19)", 600),
        seen(f"{SERVE};pay (./shop.py:9)", 400),
        seen(f"{SERVE};total (./shop.py:19)", 10, moment="low"),
        seen(f"{SERVE};pay (./shop.py:9)", 90, moment="low"),
        seen(f"{SERVE};pay (./shop.py:9);acquire (libpython3.11.so)", 900, mode="wall"),
    ]
