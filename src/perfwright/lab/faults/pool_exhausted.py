"""A pool of four connections, each held while another service is asked.

Item pages take a connection, read the item and keep the connection until the supplier has told the
delivery time: 80 ms for half a millisecond of work. Four connections then carry fifty pages a
second (Little's law); the rest wait for the pool while processor and database are idle. Mended, the
pool has the size that the load asks for.
"""

from __future__ import annotations

from dataclasses import replace

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.delivery import HoldingCatalogue
from perfwright.lab.shop.services import Services, healthy_services
from perfwright.lab.shop.supplier import Supplier
from perfwright.lab.shop.variant import Parts, Variant


def _services(parts: Parts) -> Services:
    catalogue = HoldingCatalogue(parts.db, Supplier(parts.partner))
    return replace(healthy_services(parts.db, parts.signer), catalogue=catalogue)


FAULT = Fault(
    sentence="A small pool's connections are held while another service is asked.",
    around=Surroundings(partner_delay_ms=80),
    faulty=Variant(services=_services, pool_size=4),
    fixed=Variant(services=_services, pool_size=40),
)
