"""Every item page waits for a second service, which takes 40 ms and four questions at a time.

So 100 pages a second is all. Mended: the service answers in 5 ms, as many as are asked.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.extras.supply import Supply
from perfwright.lab.shop.services import Services
from perfwright.lab.shop.supplier import Supplier
from perfwright.lab.shop.variant import Parts, Variant


def _services(parts: Parts) -> Services:
    return with_details(parts, Supply(Supplier(parts.partner, parts.metrics.called)))


FAULT = Fault(
    sentence="A second service that every item page asks is slow and takes four at a time.",
    sqlite=True,
    faulty=Variant(services=_services),
    fixed=Variant(services=_services),
    around=Surroundings(postgres=None, partner_delay_ms=40, partner_clerks=4),
    around_fixed=Surroundings(postgres=None, partner_delay_ms=5),
)
