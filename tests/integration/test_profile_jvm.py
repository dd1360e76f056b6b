"""A profile of a real JVM: what runs, and which lock its threads wait for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from perfwright.analyze import stacks
from perfwright.analyze.frames import frames_of
from perfwright.analyze.thread_waits import wait_of
from perfwright.analyze.wait_kinds import Wait
from perfwright.model.watched import Component
from perfwright.observe.profile_jvm import JvmProfiler

PROGRAM = """
import java.util.concurrent.*;
public class Shop {
    static synchronized void pay() throws InterruptedException {
        Thread.sleep(5);
    }
    static long total(long n) {
        long sum = 0;
        for (long i = 0; i < n; i++) sum += i * i % 7;
        return sum;
    }
    public static void main(String[] given) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 3; i++) pool.submit(() -> { while (true) pay(); });
        pool.submit(() -> { while (total(100_000) > 0); });
        System.out.println("ready");
        System.in.read();
    }
}
"""


@pytest.mark.skipif(shutil.which("jcmd") is None, reason="needs a JDK (openjdk-17-jdk-headless)")
def test_a_jvms_profile_names_what_runs_and_what_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "Shop.java").write_text(PROGRAM)
    with subprocess.Popen(
        ["java", "Shop.java"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as java:  # fmt: skip
        try:
            assert java.stdout is not None and java.stdout.readline() == "ready\n"
            component = Component(subject="port:8080", runtime="jvm 17", pids=(java.pid,))
            taken = JvmProfiler(component).profile("knee", 2.0)
        finally:
            java.kill()
    assert taken.notes == ()
    hot = stacks.functions(stacks.select(taken.stacks, mode="cpu"))
    assert hot[0].name.startswith("Shop.total (Shop.java:")
    waiting = {
        wait: sum(
            stacks.load_of(one)
            for one in stacks.select(taken.stacks, mode="wall")
            if "Shop.pay" in one.stack and wait_of(frames_of(one.stack)) is wait
        )
        for wait in (Wait.LOCK, Wait.SLEEP)
    }
    assert waiting[Wait.LOCK] == pytest.approx(2, abs=0.7)
    assert waiting[Wait.SLEEP] == pytest.approx(1, abs=0.5)
