"""Whatever was not watched, went wrong or stood still: detectors find less, and never fail."""

from __future__ import annotations

import pytest
from support.profiles import HANDLER, IDLE_LOOP, loop_profile
from support.views import loaded, make_view, stage
from support.watched_shop import shop

from perfwright.analyze.detectors import DETECTORS
from perfwright.analyze.layers import layers
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.watched import Reading

NAMES = sorted(
    value for name, value in vars(metrics).items() if name.isupper() and isinstance(value, str)
)
PROFILE = loop_profile({f"{HANDLER};show (./pages.py:2)": 0.5, IDLE_LOOP: 0.5}, {})


def examined(view: View) -> None:
    for detector in DETECTORS:
        detector(view)
    layers(view)


@pytest.mark.parametrize("missing", NAMES)
def test_any_metric_may_be_missing(missing: str) -> None:
    stages = loaded()
    examined(make_view(stages, shop(stages, without=[missing]), PROFILE))


def test_a_profile_may_be_all_there_is() -> None:
    examined(make_view(loaded(), PROFILE))


@pytest.mark.parametrize("seen", [Reading(), PROFILE])
def test_a_load_under_which_nothing_was_completed_says_nothing(seen: Reading) -> None:
    dead = stage(0, 50.0, throughput_per_s=0.0, mean_s=0.0, p95_s=0.0, error_ratio=1.0)
    examined(make_view((dead,), shop((dead,)), seen, search=False))


def test_one_load_that_was_held_is_enough() -> None:
    one = loaded([100.0])
    examined(make_view(one, shop(one), PROFILE, search=False))
