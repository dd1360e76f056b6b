"""The item page ranks what was sold lately anew each time, by counting the list once per title.

`sorted(set(sold), key=sold.count)` takes time in proportion to the square of the list: nothing with
the ten pieces of a unit test, milliseconds of CPU with some hundred. Mended: a counter.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.bestsellers import (
    CountedBestsellers,
    SortedBestsellers,
    sold_lately,
)
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="Each item page sorts what was sold lately in quadratic time.",
    sqlite=True,
    faulty=Variant(services=lambda parts: with_details(parts, SortedBestsellers(sold_lately()))),
    fixed=Variant(services=lambda parts: with_details(parts, CountedBestsellers(sold_lately()))),
    around=Surroundings(postgres=None),
)
