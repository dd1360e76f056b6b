"""Serves the shop with uvicorn, in this process or in several forked ones, until told to stop.

    workers = 1     this process serves
    workers = n     parent ── fork ─► n workers on one listening socket
                    parent's end of the life pipe closes (asked to, or killed) ─► workers stop

SIGTERM, SIGINT or the end of the control pipe stops it: requests under way may finish for GRACE_S.
Whatever comes through that pipe before its end calls `on_order`, in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

import uvicorn
from starlette.types import ASGIApp

GRACE_S = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A pipe from whoever started us: its end is our end. `on_order` is what it may ask for."""

    fd: int
    on_order: Callable[[], object] = lambda: None


class _Server(uvicorn.Server):
    """Says when it serves, and leaves signals to us: uvicorn would raise them again at its end and
    so kill the process before it can clean up."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()

    def stop(self) -> None:
        self.should_exit = True


def serve(
    listener: socket.socket,
    make_app: Callable[[], ASGIApp],
    on_ready: Callable[[], object],
    control: Control | None = None,
) -> None:
    """Serve until stopped; RuntimeError if the application could not start."""
    config = uvicorn.Config(
        make_app(),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config, on_ready)
    asyncio.run(_serve(server, listener, control))
    if not server.started:
        raise RuntimeError("the shop's worker could not start; its error is above")


async def _serve(server: _Server, listener: socket.socket, control: Control | None) -> None:
    _when_told_to_stop(server.stop, control)
    await server.serve(sockets=[listener])


def _when_told_to_stop(stop: Callable[[], None], control: Control | None) -> None:
    """Call `stop` on a stop signal and when the other end of the control pipe closes."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    if control is None:
        return

    def read_control() -> None:
        if os.read(control.fd, 4096):
            loop.run_in_executor(None, control.on_order)
        else:
            loop.remove_reader(control.fd)
            stop()

    loop.add_reader(control.fd, read_control)


def serve_forked(
    workers: int,
    listener: socket.socket,
    make_app: Callable[[], ASGIApp],
    on_ready: Callable[[], object],
    control: Control | None = None,
) -> None:
    """Serve with `workers` processes until stopped, or until one of them ends by itself."""
    fork = multiprocessing.get_context("fork")
    life_read, life_write = os.pipe()
    ready_read, ready_write = os.pipe()

    def work() -> None:
        os.close(life_write)
        serve(listener, make_app, lambda: os.write(ready_write, b"."), Control(fd=life_read))

    processes = [fork.Process(target=work) for _ in range(workers)]
    for process in processes:
        process.start()
    asyncio.run(_supervise(processes, ready_read, on_ready, control))
    os.close(life_write)
    for process in processes:
        process.join(GRACE_S + 2)
        process.kill()


async def _supervise(
    processes: Sequence[BaseProcess],
    ready_fd: int,
    on_ready: Callable[[], object],
    control: Control | None,
) -> None:
    """Announce the shop when every worker is ready; return when it is to stop."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    _when_told_to_stop(stopped.set, control)
    not_ready = len(processes)

    def one_ready() -> None:
        nonlocal not_ready
        not_ready -= len(os.read(ready_fd, len(processes)))
        if not_ready == 0:
            on_ready()

    loop.add_reader(ready_fd, one_ready)
    for process in processes:
        loop.add_reader(process.sentinel, stopped.set)
    await stopped.wait()
