"""What visitors saw is kept by visit, for ever: some 30 kB for every item page.

Mended: the last 500 visits are kept.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.extras.seen_lately import SeenLately
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="The memory of what visitors saw is never given back.",
    sqlite=True,
    faulty=Variant(services=lambda parts: with_details(parts, SeenLately(visits=None))),
    fixed=Variant(services=lambda parts: with_details(parts, SeenLately())),
    around=Surroundings(postgres=None),
)
