"""`user.rng`: random.Random's methods over another generator; the same laws, seeded by user."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfwright._kernel import CounterRng
from perfwright.load.rng import Rng

CONTINUOUS = {
    "uniform": (1.0, 3.0),
    "triangular": (0.0, 1.0, 0.3),
    "betavariate": (2.0, 3.0),
    "expovariate": (0.5,),
    "gammavariate": (2.0, 1.5),
    "gauss": (4.0, 2.0),
    "normalvariate": (4.0, 2.0),
    "lognormvariate": (0.0, 0.5),
    "vonmisesvariate": (0.5, 4.0),
    "paretovariate": (5.0,),
    "weibullvariate": (1.0, 1.5),
}
N = 5000


@pytest.mark.parametrize("method", CONTINUOUS)
def test_each_distribution_is_the_one_of_the_standard_library(method: str) -> None:
    """Two-sample Kolmogorov-Smirnov at a fixed seed; the 0.1% critical value is 1.95 √(2/n)."""
    arguments = CONTINUOUS[method]
    ours, theirs = Rng(11, 3), random.Random(5)
    a = sorted(getattr(ours, method)(*arguments) for _ in range(N))
    b = sorted(getattr(theirs, method)(*arguments) for _ in range(N))
    assert _ks_distance(a, b) < 1.95 * math.sqrt(2 / N)


def _ks_distance(a: list[float], b: list[float]) -> float:
    i = j = 0
    worst = 0.0
    while i < len(a) and j < len(b):
        if a[i] <= b[j]:
            i += 1
        else:
            j += 1
        worst = max(worst, abs(i / len(a) - j / len(b)))
    return worst


def test_whole_numbers_and_choices_cover_their_range_evenly() -> None:
    rng = Rng(2, 0)
    for draw in (
        lambda: rng.randint(0, 9),
        lambda: rng.randrange(10),
        lambda: rng.randrange(0, 100, 10) // 10,
        lambda: rng.choice(range(10)),
        lambda: rng.choices(range(10))[0],
        lambda: rng.sample(range(10), 3)[1],
        lambda: rng.getrandbits(20) % 10,
    ):
        counts = [0] * 10
        for _ in range(N):
            counts[draw()] += 1
        chi_squared = sum((count - N / 10) ** 2 / (N / 10) for count in counts)
        assert chi_squared < 27.9, "0.1% of nine degrees of freedom"


def test_choices_follow_their_weights_and_shuffles_keep_their_items() -> None:
    rng = Rng(3, 1)
    drawn = rng.choices("ab", weights=[3, 1], k=N)
    assert abs(drawn.count("a") / N - 0.75) < 5 * math.sqrt(0.75 * 0.25 / N)
    items = list(range(50))
    rng.shuffle(items)
    assert items != sorted(items) == list(range(50))
    assert len(set(rng.sample(range(1000), 100))) == 100
    assert len(rng.randbytes(13)) == 13


def test_a_bad_argument_gets_the_standard_librarys_own_error() -> None:
    rng = Rng(1, 1)
    with pytest.raises(IndexError):
        rng.choice([])
    with pytest.raises(ValueError, match="empty range"):
        rng.randrange(5, 5)
    with pytest.raises(ValueError, match="Sample larger"):
        rng.sample([1], 2)


def test_a_seed_and_a_stream_fix_every_draw() -> None:
    def draws(seed: int, stream: int) -> list[float]:
        rng = Rng(seed, stream)
        return [rng.random() for _ in range(5)]

    assert draws(1, 0) == draws(1, 0)
    alone = {tuple(draws(seed, stream)) for seed in range(30) for stream in range(30)}
    assert len(alone) == 900


def test_neighbouring_users_are_independent() -> None:
    """Correlation between the streams of users k and k + 1: zero within five standard errors."""
    first = [Rng(1, user).random() for user in range(N)]
    assert abs(statistics.correlation(first[:-1], first[1:])) < 5 / math.sqrt(N)
    a, b = Rng(1, 7), Rng(1, 8)
    left, right = [a.random() for _ in range(N)], [b.random() for _ in range(N)]
    assert abs(statistics.correlation(left, right)) < 5 / math.sqrt(N)
    assert abs(statistics.mean(left) - 0.5) < 5 * math.sqrt(1 / 12 / N)


@given(st.integers(0, 2**64 - 1), st.integers(0, 300))
def test_random_bits_fit_their_number(seed: int, k: int) -> None:
    assert 0 <= Rng(seed, 0).getrandbits(k) < 1 << k if k else True


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_random_is_at_least_zero_and_below_one(seed: int, stream: int) -> None:
    assert 0 <= Rng(seed, stream).random() < 1


class Standard(CounterRng):
    """random.Random's own methods over the same bits."""

    choice = random.Random.choice
    randint = random.Random.randint
    randrange = random.Random.randrange
    uniform = random.Random.uniform


WHOLE = st.one_of(
    st.integers(-20, 20),
    st.integers(),
    st.sampled_from([-(2**63), 2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**53 + 1]),
)
ARGUMENTS = st.one_of(WHOLE, st.floats(), st.booleans(), st.none(), st.fractions(), st.just("1"))
CALLS = st.one_of(
    st.tuples(st.just("randrange"), st.lists(WHOLE, min_size=1, max_size=3)),
    st.tuples(st.just("randrange"), st.lists(ARGUMENTS, max_size=4)),
    st.tuples(st.just("randint"), st.lists(WHOLE, min_size=2, max_size=2)),
    st.tuples(st.just("uniform"), st.lists(WHOLE | st.floats(), min_size=2, max_size=2)),
    st.tuples(st.sampled_from(["randint", "uniform"]), st.lists(ARGUMENTS, min_size=2, max_size=2)),
    st.tuples(
        st.just("choice"),
        st.lists(st.lists(WHOLE) | st.text() | st.binary() | ARGUMENTS, min_size=1, max_size=1),
    ),
)


@given(st.integers(0, 2**64 - 1), CALLS)
def test_a_draw_is_the_standard_librarys_for_the_same_bits(
    seed: int, call: tuple[str, list[object]]
) -> None:
    """Its value and its type, or its error; and as many bits are used up."""

    def outcome(rng: Rng | Standard) -> tuple[str, float]:
        method, arguments = call
        try:
            drawn = repr(getattr(rng, method)(*arguments))
        except Exception as error:
            drawn = f"{type(error).__name__}: {error}"
        return drawn, rng.random()

    assert outcome(Rng(seed, 1)) == outcome(Standard(seed, 1))
