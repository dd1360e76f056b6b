"""Twenty-four threads share one client, held under a lock for the 8 ms that its call takes.

However many threads there are, 125 calls a second is all. Mended: a client for each thread.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.extras.stock_levels import ClientPerThread, SharedClient, StockLevels
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="All threads wait for the lock of one shared client.",
    sqlite=True,
    faulty=Variant(services=lambda parts: with_details(parts, StockLevels(SharedClient()))),
    fixed=Variant(services=lambda parts: with_details(parts, StockLevels(ClientPerThread()))),
    around=Surroundings(postgres=None),
)
