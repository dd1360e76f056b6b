"""Each item page calls for a full collection, which walks a heap of tens of thousands of objects.

The heap is loaded at first use, after the shop froze what it had made until then. Mended: loaded
(and so frozen) at the start, and the collector left to its own thresholds.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.extras.offers import Offers, ThriftyOffers
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="Every item page collects garbage in a large heap.",
    sqlite=True,
    faulty=Variant(services=lambda parts: with_details(parts, ThriftyOffers())),
    fixed=Variant(services=lambda parts: with_details(parts, Offers())),
    around=Surroundings(postgres=None),
)
