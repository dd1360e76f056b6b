"""Other work on the machine, as a shared one has it: bursts of CPU at random moments, from a seed.

    ▁▁█▁▁▁▁▁██▁▁▁█▁▁▁▁▁    burst Exp(0.15 s), rest Exp(1 s): an eighth of a core on average, each

Run as a program it works until its standard input ends.
"""

from __future__ import annotations

import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

BURST_S, REST_S = 0.15, 1.0
PROCESSES = 2


@contextmanager
def background(seed: int) -> Iterator[None]:
    """The work goes on for the length of the block."""
    with ExitStack() as stack:
        for number in range(PROCESSES):
            command = [sys.executable, __file__, str(seed * PROCESSES + number)]
            child = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE))
            stack.callback(child.terminate)
        yield


def main(seed: int) -> None:
    chance = random.Random(seed)
    while not select.select([sys.stdin], [], [], chance.expovariate(1 / REST_S))[0]:
        until_s = time.perf_counter() + chance.expovariate(1 / BURST_S)
        while time.perf_counter() < until_s:
            pass


if __name__ == "__main__":
    main(int(sys.argv[1]))
