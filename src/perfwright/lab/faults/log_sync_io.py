"""Every request writes four lines to a log and waits, on the event loop, until the disk has them.

Where writing to the disk costs nothing (memory, a drive that lies) nothing is to be seen. Mended:
lines go to a thread that writes them without fsync.
"""

from __future__ import annotations

from functools import partial

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.journal import BackgroundFile, Journal, SafeFile
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="Each request waits for the disk to take its lines of the log.",
    sqlite=True,
    faulty=Variant(wrap=partial(Journal, handler=SafeFile)),
    fixed=Variant(wrap=partial(Journal, handler=BackgroundFile)),
    around=Surroundings(postgres=None),
)
