"""Every four seconds a list of all prices is made at once, on the event loop: some 300 ms.

Mended: made a country at a time, others being served in between.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.price_list import PriceList
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="A chore holds the event loop every few seconds.",
    sqlite=True,
    faulty=Variant(on_start=lambda: PriceList().keep_fresh(gently=False)),
    fixed=Variant(on_start=lambda: PriceList().keep_fresh(gently=True)),
    around=Surroundings(postgres=None),
)
