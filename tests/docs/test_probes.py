"""docs/probes.md names every metric of the machine and of processes."""

from __future__ import annotations

import pytest
from support.docs_pages import ROOT

from perfwright.model import metrics

PAGE = (ROOT / "docs" / "probes.md").read_text()
NAMES = sorted(
    value
    for name, value in vars(metrics).items()
    if name.isupper() and value.startswith(("system.", "process.", "container."))
)


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE
