"""Four calls to a second service may be under way; a page that gets none within 10 ms is refused.

The service takes 20 ms, so beyond some 200 item pages a second visitors see 503. Mended: 64 calls.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.extras.supply import BoundedSupply
from perfwright.lab.shop.services import Services
from perfwright.lab.shop.supplier import Supplier
from perfwright.lab.shop.variant import Parts, Variant


def _services(parts: Parts, lines: int) -> Services:
    supplier = Supplier(parts.partner, parts.metrics.called)
    return with_details(parts, BoundedSupply(supplier, lines=lines))


FAULT = Fault(
    sentence="Item pages are refused when four calls to a second service are under way.",
    sqlite=True,
    faulty=Variant(services=lambda parts: _services(parts, 4)),
    fixed=Variant(services=lambda parts: _services(parts, 64)),
    around=Surroundings(postgres=None, partner_delay_ms=20),
)
