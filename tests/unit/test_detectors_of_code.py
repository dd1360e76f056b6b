"""What code and runtimes do wrong, told from what looks like it."""

from __future__ import annotations

import pytest
from support.profiles import (
    HANDLER,
    IDLE_LOOP,
    IDLE_WORKER,
    TASK,
    loop_profile,
    workers_profile,
)
from support.views import APP, loaded, make_view, per_second, stacks
from support.watched_shop import shop

from perfwright.analyze.detectors import (
    code_hot_function,
    event_loop_blocked,
    gc_pressure,
    lock_contention,
    log_sync_io,
    thread_pool_exhausted,
)
from perfwright.analyze.healthy import next_limit
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Finding
from perfwright.model.watched import Reading

DETECTORS = (
    code_hot_function,
    event_loop_blocked,
    gc_pressure,
    lock_contention,
    log_sync_io,
    thread_pool_exhausted,
)
STAGES = loaded(capacity_per_s=200.0)
BLOCKED = f"{HANDLER};show (./pages.py:20);quote (./prices.py:31)"
HANDLING = {f"{HANDLER};step{n} (./pages.py:{n})": 0.02 for n in range(10)}


def view_of(*profile: Reading, cpu_s: float = 0.001, cores: float = 4) -> View:
    """A service that stops at 200 requests/s, with CPU to spare unless told otherwise."""
    others = shop(STAGES, app_s=cpu_s, cores=cores)
    without_stacks = Reading(
        samples=others.samples, components=others.components, statements=others.statements
    )
    return make_view(STAGES, without_stacks, *profile)


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def found_by_all(view: View) -> set[str]:
    return {finding.kind for detector in DETECTORS for finding in detector.detect(view)}


def test_a_sleep_on_the_loop_is_told_by_its_native_frames() -> None:
    view = view_of(
        loop_profile(
            {f"{BLOCKED};clock_nanosleep (libc.so.6)": 0.75, IDLE_LOOP: 0.05, **HANDLING},
            HANDLING,
        )
    )
    finding = only(event_loop_blocked.detect(view))
    assert finding.subject == "quote (prices.py:31)"
    assert finding.confidence > 0.8
    assert finding.impact.throughput_per_s.gain == pytest.approx(4.5, rel=0.3)
    assert "asyncio.to_thread" in finding.recommendation
    assert found_by_all(view) == {"event_loop.blocked"}


def test_a_sleep_on_the_loop_is_told_by_the_difference_of_profiles_without_native_frames() -> None:
    idle = IDLE_LOOP.rpartition(";")[0]
    view = view_of(loop_profile({BLOCKED: 0.75, idle: 0.05, **HANDLING}, HANDLING))
    assert only(event_loop_blocked.detect(view)).subject == "quote (prices.py:31)"


def test_a_loop_that_computes_is_no_blocked_loop() -> None:
    computes = {f"{BLOCKED};loads (json/__init__.py:346)": 0.75, **HANDLING}
    view = view_of(loop_profile({**computes, IDLE_LOOP: 0.05}, computes), cpu_s=0.0047)
    assert found_by_all(view) == {"code.hot_function"}
    finding = only(code_hot_function.detect(view))
    assert finding.subject == "quote (prices.py:31)"
    assert finding.impact.throughput_per_s.gain == pytest.approx(3.2, rel=0.3)


def test_a_healthy_loop_gives_nothing() -> None:
    view = view_of(
        loop_profile({**HANDLING, IDLE_LOOP: 0.8}, HANDLING), stacks_of_main(), cpu_s=0.0045
    )
    assert found_by_all(view) == set()


def stacks_of_main() -> Reading:
    """Server code alone, below the program's main."""
    serving = f"{HANDLER};send (uvicorn/protocols/http/h11_impl.py:503)"
    return loop_profile({serving: 0.3}, {serving: 0.3})


def test_a_loop_that_waits_for_a_core_is_not_blocked() -> None:
    """Its lines are seen standing, without a native call that blocks."""
    stands = {stack: 6 * part for stack, part in HANDLING.items()} | {IDLE_LOOP: 0.1}
    assert event_loop_blocked.detect(view_of(loop_profile(stands, HANDLING))) == []


def test_a_process_stopped_from_outside_blocks_at_no_line() -> None:
    alike = {f"{HANDLER};step{n} (./pages.py:{n})": 0.095 for n in range(10)}
    idle = IDLE_LOOP.rpartition(";")[0]
    view = view_of(loop_profile({**alike, idle: 0.05}, {k: v * 0.4 for k, v in alike.items()}))
    assert event_loop_blocked.detect(view) == []


WAITING = f"{TASK};reserve (./stock.py:12);PyThread_acquire_lock_timed (python3.11)"
HOLDING = f"{TASK};reserve (./stock.py:14);save (./stock.py:40);clock_nanosleep (libc.so.6)"


def test_threads_that_queue_at_a_lock_are_told_with_its_holder() -> None:
    view = view_of(workers_profile({WAITING: 0.875, HOLDING: 0.125}, threads=8))
    finding = only(lock_contention.detect(view))
    assert finding.subject == "reserve (stock.py:12)"
    assert "save (stock.py:40)" in finding.recommendation
    assert found_by_all(view) == {"lock.contention"}


def test_a_lock_without_native_frames_is_told_by_mutual_exclusion() -> None:
    waiting, holding = f"{TASK};reserve (./stock.py:12)", f"{TASK};reserve (./stock.py:14)"
    ran = {f"{TASK};render (./page.py:3)": 0.05}
    view = view_of(workers_profile({waiting: 0.875, holding: 0.125}, threads=8, ran=ran))
    assert only(lock_contention.detect(view)).subject == "reserve (stock.py:12)"


def test_a_lock_is_found_below_its_limit_where_it_is_what_the_system_stops_at() -> None:
    few, inside = {WAITING: 0.08, HOLDING: 0.11, IDLE_WORKER: 0.81}, {WAITING: 0.04, HOLDING: 0.03}
    view = view_of(workers_profile(few, threads=8))
    assert only(lock_contention.detect(view)).subject == "reserve (stock.py:12)"
    assert lock_contention.detect(view_of(workers_profile(inside, threads=8))) == []


def test_threads_that_wait_for_work_contend_for_no_lock() -> None:
    view = view_of(workers_profile({IDLE_WORKER: 0.95, WAITING: 0.02}, threads=8))
    assert found_by_all(view) == set()


ANSWER = f"{TASK};ship (./carrier.py:8);get (requests/api.py:73);recv (libc.so.6)"


def test_workers_that_all_wait_are_an_exhausted_pool() -> None:
    view = view_of(workers_profile({ANSWER: 0.97, IDLE_WORKER: 0.03}, threads=4))
    finding = only(thread_pool_exhausted.detect(view))
    assert finding.subject == "4 workers (worker)"
    assert finding.impact.throughput_per_s.gain > 2
    assert found_by_all(view) == {"thread_pool.exhausted"}


def test_processes_that_serve_one_request_each_are_a_pool_without_their_master() -> None:
    serving = "handle (gunicorn/workers/sync.py:134);ship (./carrier.py:8);nanosleep (libc.so.6)"
    watching = "run (gunicorn/arbiter.py:202);select (selectors.py:468);epoll_wait (libc.so.6)"
    view = view_of(
        *(
            stacks({serving: 1.0}, mode="wall", thread=f"{pid}/{pid} MainThread")
            for pid in (101, 102)
        ),
        stacks({watching: 1.0}, mode="wall", thread="100/100 MainThread"),
    )
    assert only(thread_pool_exhausted.detect(view)).subject == "2 workers (MainThread)"


def test_threads_that_wake_up_now_and_then_are_no_hot_function() -> None:
    wakes = {f"{TASK};ship (./carrier.py:8)": 0.05}
    view = view_of(workers_profile({ANSWER: 0.97}, threads=4, ran=wakes), cpu_s=0.002)
    assert code_hot_function.detect(view) == []


def test_a_pool_of_which_most_is_idle_is_not_exhausted() -> None:
    view = view_of(workers_profile({ANSWER: 0.3, IDLE_WORKER: 0.7}, threads=8))
    assert found_by_all(view) == set()


def test_a_server_that_starts_threads_with_the_load_has_no_pool_to_exhaust() -> None:
    follows = per_second(STAGES, metrics.PROCESS_THREADS, APP, lambda one: one.in_flight + 4)
    view = view_of(workers_profile({ANSWER: 0.97, IDLE_WORKER: 0.03}, threads=4), follows)
    assert thread_pool_exhausted.detect(view) == []


LOGS = (
    f"{HANDLER};order (./orders.py:50);info (logging/__init__.py:1489)"
    ";emit (logging/__init__.py:1113)"
)


@pytest.mark.parametrize("leaf", [";fsync (libc.so.6)", ";write (libc.so.6)", ""])
def test_log_lines_that_the_loop_writes_are_told_by_who_logs(leaf: str) -> None:
    view = view_of(loop_profile({f"{LOGS}{leaf}": 0.8, **HANDLING}, HANDLING))
    finding = only(log_sync_io.detect(view))
    assert finding.subject == "order (orders.py:50)"
    assert "QueueHandler" in finding.recommendation
    assert found_by_all(view) == {"log.sync_io"}


def test_a_wait_for_the_disk_is_one_though_the_cpu_profile_has_it() -> None:
    writes = {f"{LOGS};fsync (libc.so.6)": 0.7, **HANDLING}
    view = view_of(loop_profile(writes, {LOGS: 0.7, **HANDLING}))
    assert only(log_sync_io.detect(view)).subject == "order (orders.py:50)"


def test_a_log_written_by_a_thread_of_its_own_makes_nobody_wait() -> None:
    writer = (
        "_bootstrap (threading.py:1002);_monitor (logging/handlers.py:1560)"
        ";emit (logging/__init__.py:1113);write (libc.so.6)"
    )
    view = view_of(
        loop_profile({**HANDLING, IDLE_LOOP: 0.8}, HANDLING),
        workers_profile({writer: 0.9}, threads=1),
    )
    assert log_sync_io.detect(view) == []


def test_a_database_that_makes_its_commit_durable_writes_no_log() -> None:
    commit = f"{HANDLER};save (./db.py:9);commit (sqlite3);fdatasync (libc.so.6)"
    view = view_of(loop_profile({commit: 0.8, **HANDLING}, HANDLING))
    assert log_sync_io.detect(view) == []


COLLECTS = f"{BLOCKED};gc_collect_main (python3.11);visit_reachable (python3.11)"


def test_the_collector_is_told_with_the_line_that_makes_it_run() -> None:
    ran = {COLLECTS: 0.6, **HANDLING}
    view = view_of(loop_profile({**ran, IDLE_LOOP: 0.1}, ran), cpu_s=0.0045)
    finding = only(gc_pressure.detect(view))
    assert finding.subject == "quote (prices.py:31)"
    assert found_by_all(view) == {"gc.pressure"}


def test_the_collector_is_told_by_a_runtimes_own_seconds() -> None:
    view = view_of(
        per_second(STAGES, "jvm_gc_collection_seconds_sum", "http://x/metrics", 0.4, "gc=G1"),
        cpu_s=0.004,
    )
    assert only(gc_pressure.detect(view)).component == APP


def test_a_collector_that_takes_little_is_no_finding() -> None:
    ran = {COLLECTS: 0.01, **HANDLING}
    assert gc_pressure.detect(view_of(loop_profile(ran, ran), cpu_s=0.0045)) == []


GO_SERVER = "net/http.(*conn).serve (net/http/server.go:1868)"
GO_LOCKED = (
    f"{GO_SERVER};main.post (./main.go:18)"
    ";internal/sync.runtime_SemacquireMutex (runtime/sema.go:95);runtime.gopark (runtime/proc.go:4)"
)
GO_INSIDE = (
    f"{GO_SERVER};main.post (./main.go:21);main.write (./main.go:25)"
    ";time.Sleep (runtime/time.go:195);runtime.gopark (runtime/proc.go:4)"
)


def test_a_mutex_that_is_held_all_the_time_is_told_though_hardly_anyone_waits_yet() -> None:
    view = view_of(stacks({GO_LOCKED: 0.04, GO_INSIDE: 1.0}, mode="wall"))
    finding = only(lock_contention.detect(view))
    assert finding.subject == "main.post (main.go:18)"
    assert "main.write (main.go:25)" in finding.recommendation
    assert found_by_all(view) == {"lock.contention"}


def test_a_mutex_that_is_taken_for_a_moment_is_no_contention() -> None:
    computing = f"{GO_SERVER};main.post (./main.go:21);main.total (./main.go:30)"
    view = view_of(stacks({GO_LOCKED: 0.04, computing: 1.0}, mode="wall"))
    assert lock_contention.detect(view) == []
    view = view_of(stacks({GO_LOCKED: 0.04, GO_INSIDE: 6.0}, mode="wall"))
    assert lock_contention.detect(view) == []


def test_threads_that_wake_at_a_lock_are_no_hot_function() -> None:
    """On a crowded machine they wait for a core there, and look as if they ran."""
    asks = f"{TASK};pay (./shop.py:9)"
    view = view_of(
        stacks({f"{asks};PyThread_acquire_lock_timed (python3.11)": 9.0}, mode="wall"),
        stacks({asks: 0.5, f"{TASK};show (./shop.py:30)": 0.1}, mode="cpu"),
        cpu_s=0.004,
    )
    assert code_hot_function.detect(view) == []


def test_a_limit_that_is_no_hardwares_and_was_not_seen_is_told_with_where_threads_stand() -> None:
    told = next_limit(view_of(stacks({GO_INSIDE: 0.92}, mode="wall")))
    assert "requests queue while the hardware has room" in told
    assert "look first at main.write (main.go:25) in port:8000" in told
