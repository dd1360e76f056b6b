"""Parameters: their kinds and values, and what must not be kept."""

from __future__ import annotations

import pytest

from perfwright.analyze.workload.parameters import query_parameters
from perfwright.model.traffic import ParameterUse


def used(name: str, *values: str, requests: int = 10) -> ParameterUse:
    return ParameterUse(
        name=name,
        requests=requests,
        distinct=len(values),
        values=tuple((value, 1) for value in values),
        others=requests - len(values),
    )


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("1", "2", "30"), "integer"),
        (("2026-11-23", "2026-01-01"), "date"),
        (("3f2504e0-4f89-11d3-9a0c-0305e82c3301",), "uuid"),
        (("blue-mug", "old-desk"), "slug"),
        (("blue+mug", "caf%C3%A9"), "text"),
        ((), "text"),
    ],
)
def test_a_querys_parameters_have_kinds(values, kind):
    (parameter,) = query_parameters([used("q", *values)], 20)
    assert parameter.kind == kind
    assert parameter.share == 0.5


def test_the_most_used_come_first_and_names_can_be_shown():
    found = query_parameters([used("a\u202e%0Ab"), used("page", requests=15)], 20)
    assert [one.name for one in found] == ["page", "a??b"]


def test_values_of_secrets_are_not_kept():
    (parameter,) = query_parameters([used("access_token", "s3cr3t")], 20)
    assert parameter.popularity.values == ()
    assert parameter.popularity.distinct == 1
