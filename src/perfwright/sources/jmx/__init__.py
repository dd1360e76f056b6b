"""Reads JMeter's test plans (JMX): thread groups become journeys and a load, samplers their calls.

`read_jmx` accounts for each element of the plan: it is translated, or a note names it with its
path in the tree and says what became of it. Nothing in a plan is ever run.
"""

from __future__ import annotations

from pathlib import Path

from perfwright.model.journey import ScenarioDraft
from perfwright.sources.jmx.plan import Plan
from perfwright.sources.jmx.tree import read_tree


def is_jmx(head: bytes) -> bool:
    """XML whose root is `jmeterTestPlan`."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"<jmeterTestPlan" in head


def read_jmx(path: Path) -> ScenarioDraft:
    """DataError: the file cannot be read, is no test plan, or declares a document type."""
    return Plan(path, read_tree(path)).draft()
