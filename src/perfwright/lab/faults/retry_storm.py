"""A second service refuses what is above its capacity; the shop asks again at once till answered.

Below 100 item pages a second it is asked once per page. Above, ever more calls go round between
the two, and their CPU is all that is worked at. Mended: one call, and a page without the answer.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.extras.supply import EagerSupply, ModestSupply
from perfwright.lab.shop.supplier import Supplier
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="Calls that a busy service refuses are repeated at once.",
    sqlite=True,
    faulty=Variant(
        services=lambda parts: with_details(
            parts, EagerSupply(Supplier(parts.partner, parts.metrics.called))
        )
    ),
    fixed=Variant(
        services=lambda parts: with_details(
            parts, ModestSupply(Supplier(parts.partner, parts.metrics.called))
        )
    ),
    around=Surroundings(postgres=None, partner_delay_ms=20, partner_clerks=2, partner_room=0),
)
