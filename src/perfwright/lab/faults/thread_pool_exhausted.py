"""Blocking calls of 50 ms run in a pool of four threads, so at most 80 of them in a second.

The calls queue in the process while its CPU idles. Mended: a pool as large as the load asks for.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings
from perfwright.lab.shop.extras.carrier import CarrierDays
from perfwright.lab.shop.extras.item_page import with_details
from perfwright.lab.shop.variant import Variant

FAULT = Fault(
    sentence="Blocking calls wait for one of four threads.",
    sqlite=True,
    faulty=Variant(services=lambda parts: with_details(parts, CarrierDays(threads=4))),
    fixed=Variant(services=lambda parts: with_details(parts, CarrierDays(threads=48))),
    around=Surroundings(postgres=None),
)
