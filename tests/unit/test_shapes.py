"""Load shapes: levels, lengths, integrals, judged windows, and what cannot mean anything."""

from __future__ import annotations

import json
import math

import pytest

from perfwright.model.errors import PlanError, UsageError
from perfwright.plan.presets import PRESETS, preset
from perfwright.plan.shapes import Segment, Shape, arrivals, stretched_loads, users
from perfwright.plan.windows import judged_windows


def test_a_ramp_and_a_hold_give_the_level_at_any_moment() -> None:
    shape = arrivals(0).ramp(to=200, over="30s").hold("1m")
    assert shape.duration_s == 90
    assert [shape.target(t) for t in (-1, 0, 15, 30, 89.9, 90, 90.1)] == [
        0,
        0,
        100,
        200,
        200,
        200,
        0,
    ]
    assert shape.segments == (Segment(0, 30, 0, 200), Segment(30, 90, 200, 200))


def test_a_ramp_over_no_time_is_a_jump() -> None:
    shape = users(10).hold("1s").ramp(50, over=0).hold("1s")
    assert [shape.target(t) for t in (0.5, 1.0, 1.5)] == [10, 50, 50]


def test_then_appends_a_shape_at_the_end() -> None:
    shape = users(10).hold("1m").then(users(50).hold("30s"))
    assert shape.segments == (Segment(0, 60, 10, 10), Segment(60, 90, 50, 50))
    assert shape.ramp(0, over="10s").target(95) == 25


def test_a_bare_level_has_no_length_until_it_is_stretched() -> None:
    assert users(10).duration_s is None
    assert users(10).target(1e6) == 10
    assert users(10).stretched(30) == users(10).hold(30)


def test_stretching_scales_every_part() -> None:
    shape = arrivals(0).ramp(to=100, over="10s").hold("20s").stretched(15)
    assert shape.segments == (Segment(0, 5, 0, 100), Segment(5, 15, 100, 100))


def test_shapes_side_by_side_stretch_by_one_factor() -> None:
    loads = stretched_loads({"a": users(1).hold(10), "b": users(1).hold(20), "c": users(1)}, 40)
    assert {name: shape.duration_s for name, shape in loads.items()} == {"a": 20, "b": 40, "c": 40}


def test_arrivals_are_the_integral_of_the_rate() -> None:
    shape = arrivals(0).ramp(to=200, over=30).hold(10)
    assert shape.expected_arrivals(0, 40) == 3000 + 2000
    assert shape.expected_arrivals(10, 20) == pytest.approx(1000)
    assert shape.expected_arrivals(-5, 1e9) == 5000
    assert arrivals(5).expected_arrivals(-1, 4) == 20


def test_a_shape_survives_json() -> None:
    shape = arrivals(1, "poisson").ramp(7, over=0.1).hold("1h")
    assert Shape.from_json(json.loads(json.dumps(shape.to_json()))) == shape
    assert shape.to_json()["segments"][0] == [0, 0.1, 1, 7]


@pytest.mark.parametrize(
    ("shape", "warmup_s", "windows"),
    [
        (users(1).hold(10), 0, ((0, 10),)),
        (users(1).hold(10), 4, ((4, 10),)),
        (users(1).hold(10), 10, ()),
        (users(1).ramp(5, over=5).hold(10), 0, ((5, 15),)),
        (users(1).ramp(5, over=5).hold(10), 7, ((7, 15),)),
        (users(1).ramp(5, over=5), 1, ((1, 5),)),
        (users(1).hold(5).then(users(9).hold(5)), 0, ((0, 10),)),
        (users(1).hold(5).ramp(9, over=5).hold(5), 0, ((0, 5), (10, 15))),
        (arrivals(0).hold(5).ramp(9, over=0).hold(5), 0, ((5, 10),)),
    ],
)
def test_only_steady_load_after_the_warm_up_is_judged(
    shape: Shape, warmup_s: float, windows: tuple[tuple[float, float], ...]
) -> None:
    assert shape.steady_windows(warmup_s) == windows


def test_shapes_side_by_side_are_judged_while_none_of_them_ramps() -> None:
    slow, quick = users(1).ramp(5, over=10).hold(20), users(1).hold(10).ramp(9, over=5)
    assert judged_windows([slow.segments, quick.segments], 0) == ((15, 30),)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: users(-1), r"users\(-1\): it must be a finite number of zero or more"),
        (lambda: users(2.5), r"users\(2\.5\): users are whole"),
        (lambda: users(True), r"users\(True\): give a number, like users\(50\)"),
        (lambda: arrivals(math.nan), r"arrivals\(nan\): it must be a finite number"),
        (lambda: arrivals(math.inf), r"arrivals\(inf\): it must be a finite number"),
        (lambda: arrivals("5"), r"arrivals\('5'\): give a number, like arrivals\(50\)"),
        (lambda: arrivals(5, "normal"), r"process='normal'\): it is 'uniform' or 'poisson'"),
        (lambda: users(5).hold(0), r"hold\(0\): a hold must last"),
        (lambda: users(5).ramp(-2, over=1), r"ramp\(to=-2\): it must be a finite number"),
        (
            lambda: users(5).hold(1).then(users(6)),
            r"users\(6\) has no length; write users\(6\)\.hold",
        ),
        (lambda: users(5).then(users(6).hold(1)), r"users\(5\) has no length"),
        (lambda: users(5).hold(1).then(arrivals(6).hold(1)), r"all users or all arrivals"),
        (lambda: users(5).hold(1).then(6), r"then\(6\): give a shape"),
        (
            lambda: arrivals(5).hold(1).then(arrivals(6, "poisson").hold(1)),
            r"process 'uniform' cannot become 'poisson'",
        ),
    ],
)
def test_what_cannot_mean_anything_is_refused_by_name(build, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PlanError, match=message):
        build()


def test_an_unreadable_duration_names_its_place() -> None:
    with pytest.raises(UsageError, match=r"hold\(…\): '5 parsecs' is no duration"):
        users(5).hold("5 parsecs")


@pytest.mark.parametrize("kind", PRESETS)
@pytest.mark.parametrize("model", ["open", "closed"])
def test_every_preset_lasts_as_long_as_asked(kind: str, model: str) -> None:
    shape = preset(kind, 40, 100, model)  # type: ignore[arg-type]
    assert shape.duration_s == pytest.approx(100)
    assert shape.model == model
    assert shape.peak == {"smoke": 1, "stress": 80}.get(kind, 40)
    assert preset(kind, 40, None, model).duration_s == pytest.approx(PRESETS[kind][1])  # type: ignore[arg-type]


def test_closed_presets_use_whole_users() -> None:
    assert preset("spike", 3, 10, "closed").target(0) == 1
    assert preset("stress", 3, 8, "closed").target(1) == 2


def test_an_unknown_kind_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="no kind 'stres'; did you mean 'stress'"):
        preset("stres", 1, 1, "open")
