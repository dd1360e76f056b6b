"""The shop may use three tenths of a core: the limit that was set when there were few visitors.

Of each 100 ms it runs 30 and stands still 70. Mended: no limit.
"""

from __future__ import annotations

from functools import partial

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.cpu_share import keep_to
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="A CPU quota of 0.3 cores holds the shop back.",
    sqlite=True,
    faulty=Variant(on_start=partial(keep_to, 0.3)),
    around=Surroundings(postgres=None),
)
