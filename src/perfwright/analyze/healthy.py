"""What will limit a system that has no bottleneck yet."""

from __future__ import annotations

from perfwright.analyze.view import View


def next_limit(view: View) -> str:
    """A sentence."""
    return f"no bottleneck below {view.at_knee.throughput_per_s:,.0f} requests/s"
