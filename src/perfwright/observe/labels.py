"""How the labels of others' series are written in a Sample: `k=v,k=v`, names in order."""

from __future__ import annotations

from collections.abc import Mapping

_MAX_CHARACTERS = 200


def label_of(labels: Mapping[str, str]) -> str:
    """Cut at 200 characters; "" where there are none."""
    text = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return text[:_MAX_CHARACTERS]
