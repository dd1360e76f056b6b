"""No fault: the healthy shop on PostgreSQL."""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault

FAULT = Fault(sentence="The healthy shop.", sqlite=True)
