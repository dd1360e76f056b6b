"""An `async` handler calls another service with a blocking client: for 8 ms nobody else is served.

Mended: the same call awaited.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.extras.supply import PlainSupply, Supply
from perfwright.lab.shop.supplier import Supplier
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="A blocking HTTP call holds the event loop.",
    sqlite=True,
    faulty=Variant(services=lambda parts: with_details(parts, PlainSupply(parts.partner))),
    fixed=Variant(
        services=lambda parts: with_details(
            parts, Supply(Supplier(parts.partner, parts.metrics.called))
        )
    ),
    around=Surroundings(postgres=None, partner_delay_ms=8),
)
