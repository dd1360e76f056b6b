"""A load worker: one spawned process, one kernel. `python -m perfwright.load.worker FD`.

Its main thread runs the kernel second by second; one thread listens to the parent and wakes the
kernel, one sends, so that a slow parent never delays the load. When the parent goes away its users
unwind and it ends, whatever scenario code is doing.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection

from perfwright._kernel import Kernel, KernelWaker
from perfwright.load import bridge
from perfwright.load.error_notes import ErrorNotes
from perfwright.load.garbage import GarbageWatch
from perfwright.load.hold_place import locate
from perfwright.load.kernel_config import Given, Place, replay_kernel, scenario_kernel, url_kernel
from perfwright.load.messages import (
    ChangeLoad,
    Command,
    Done,
    Failed,
    Job,
    Locate,
    Located,
    Note,
    Ready,
    Report,
    RunSetup,
    RunTeardown,
    Second,
    SetupDone,
    Start,
    Stop,
    TeardownDone,
)
from perfwright.load.single import SingleRun, run_single
from perfwright.model.errors import PerfwrightError, UsageError
from perfwright.model.units import NS_PER_S
from perfwright.plan.loader import load_test
from perfwright.plan.test_plan import TestPlan

_SLICE_NS = NS_PER_S // 10
_ORPHAN_ENDS_WITHIN_S = 4.0
"""Without a parent. Longer than users may clean up, shorter than the parent waits for us."""


class Worker:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._waker: KernelWaker | None = None
        self._sender = threading.Thread(target=self._send, name="send", daemon=True)
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        self._sender.start()

    def serve(self) -> None:
        """Does what the parent says until it says nothing more."""
        job = self._commands.get()
        if not isinstance(job, Job):
            return
        try:
            self._run(job)
        except PerfwrightError as error:
            self._reports.put(Failed(str(error), isinstance(error, UsageError)))
        except (ValueError, OSError) as error:  # the kernel's word for what it cannot use
            self._reports.put(Failed(str(error), True))
        self._reports.put(None)
        self._sender.join()

    def _run(self, job: Job) -> None:
        plan = _loaded(job)
        self._reports.put(Ready())
        given = Given()
        while (command := self._commands.get()) is not None:
            if isinstance(command, RunSetup):
                self._reports.put(_set_up(plan, job))
            elif isinstance(command, Start):
                given = Given(setup=command.setup)
                self._load(plan, job, command.origin_ns, given)
            elif isinstance(command, RunTeardown):
                given = Given(setup=given.setup, totals=command.totals)
                self._reports.put(_tear_down(plan, job, given))

    def _load(self, plan: TestPlan, job: Job, origin_ns: int, given: Given) -> None:
        notes = ErrorNotes()
        place = Place(worker=job.worker, workers=job.workers, origin_ns=origin_ns)
        if plan.request is not None:
            kernel = url_kernel(plan.test, plan.request, place, traces_per_s=job.traces_per_s)
        elif plan.replay is not None:
            kernel = replay_kernel(plan.test, plan.replay, place, traces_per_s=job.traces_per_s)
        else:
            kernel = scenario_kernel(
                plan.test,
                plan.scenarios,
                plan.user_start,
                place,
                given,
                notes,
                traces_per_s=job.traces_per_s,
            )
        self._waker = kernel.waker()
        garbage = GarbageWatch()
        cpu_before_s = _cpu_s()
        second, over = 0, False
        while not over:
            boundary_ns = origin_ns + (second + 1) * NS_PER_S
            over = kernel.run(min(boundary_ns, time.monotonic_ns() + _SLICE_NS))
            self._obey(kernel)
            garbage.look()
            if over or time.monotonic_ns() >= boundary_ns:
                self._report_second(kernel, notes, second)
                second += 1
        if notes.exhausted:
            self._reports.put(Note(f"the load ended early: {notes.exhausted}"))
        self._waker = None
        kernel.close()
        bridge.shut_down()
        self._reports.put(Done(time.monotonic_ns(), _cpu_s() - cpu_before_s))

    def _report_second(self, kernel: Kernel, notes: ErrorNotes, second: int) -> None:
        document, holds, errors = kernel.take_tally(), kernel.take_holds(), notes.take()
        self._reports.put(Second(second, document, holds, errors))

    def _obey(self, kernel: Kernel) -> None:
        while not self._commands.empty():
            match self._commands.get():
                case None:
                    self._commands.put(None)  # for `_run` to read too
                    kernel.stop_now()
                    return
                case Stop(now=True):
                    kernel.stop_now()
                case Stop():
                    kernel.stop()
                case ChangeLoad(group, at_ns, segments):
                    kernel.set_load(group, at_ns, list(segments))

    def _listen(self) -> None:
        command: Command | None = None
        while True:
            try:
                command = self._connection.recv()
            except (EOFError, OSError):
                command = None  # the parent is gone: unwind and end
            if isinstance(command, Locate):
                self._reports.put(Located(*locate(threading.main_thread().ident or 0)))
                continue
            self._commands.put(command)
            if self._waker:
                self._waker.wake()
            if command is None:
                time.sleep(_ORPHAN_ENDS_WITHIN_S)
                os._exit(1)

    def _send(self) -> None:
        while (report := self._reports.get()) is not None:
            try:
                self._connection.send(report)
            except OSError:
                return


def _loaded(job: Job) -> TestPlan:
    """The test file again, in this process, with the parent's settled test."""
    if job.path is None:
        return TestPlan(test=job.test, request=job.request, replay=job.replay)
    plan = load_test(job.path, settled=job.test)
    for feeder in plan.feeders:
        feeder.attach(job.feeders, worker=job.worker, workers=job.workers)
    return plan


def _set_up(plan: TestPlan, job: Job) -> SetupDone:
    assert plan.setup is not None
    run = run_single(plan.test, plan.setup, place=Place(worker=job.worker, workers=job.workers))
    if run.error is not None:
        return SetupDone(None, run.error)
    try:
        return SetupDone(json.loads(json.dumps(run.value)), None)
    except (TypeError, ValueError) as error:
        return SetupDone(None, f"what @setup returns must be JSON: {error}")


def _tear_down(plan: TestPlan, job: Job, given: Given) -> TeardownDone:
    assert plan.teardown is not None
    place = Place(worker=job.worker, workers=job.workers)
    run: SingleRun = run_single(plan.test, plan.teardown, place=place, given=given)
    failures = [f"check {name!r} failed" for name in run.failed_checks()]
    if run.error is not None:
        failures.append(f"it raised\n{run.error}")
    return TeardownDone(tuple(failures))


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    Worker(Connection(int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
