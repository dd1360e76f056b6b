"""The colours of series, the same in every chart.

Mid-tones: a contrast of at least 3:1 both on white and on near-black (WCAG 2.2, 1.4.11).
"""

from __future__ import annotations

BLUE = "#3f7fd1"
TEAL = "#1f9a8a"
ORANGE = "#c98213"
RED = "#d64562"
VIOLET = "#8e6bd0"
GREY = "#808894"
BROWN = "#a1785a"

KINDS = (RED, ORANGE, VIOLET, BLUE, BROWN, TEAL, GREY)
"""Errors by kind, the most frequent first."""

PHASE_COLOURS = {
    "dns": VIOLET,
    "connect": BROWN,
    "tls": ORANGE,
    "send": GREY,
    "wait": BLUE,
    "receive": TEAL,
}
