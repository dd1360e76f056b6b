"""Any SLO that can be written is read back, and any text at all is either read or pointed into."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perfwright.model.errors import SloSyntaxError
from perfwright.plan.slo import parse_slo, parse_stop_rule

spaces = st.text(" \t", max_size=2)
numbers = st.decimals(0, 99, places=2).map(str)
steps = st.text(
    st.characters(codec="utf-8", exclude_characters="()'\"", exclude_categories=("Z", "C")),
    min_size=1,
    max_size=12,
)
nested_steps = st.recursive(
    steps, lambda inner: st.tuples(steps, inner).map("{0[0]}({0[1]})".format)
)
UNITS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@given(
    name=st.sampled_from(["p50", "p99", "p99.9", "mean", "max", "service.p99", "service.mean"]),
    step=st.none() | nested_steps,
    comparison=st.sampled_from(["<", "<=", ">", ">="]),
    number=numbers,
    unit=st.sampled_from(sorted(UNITS_S)),
    every=st.none() | st.integers(1, 99),
    gap=spaces,
)
def test_what_is_rendered_is_parsed_back(  # type: ignore[no-untyped-def]
    name, step, comparison, number, unit, every, gap
) -> None:
    argument = "" if step is None else f"({gap}{step}{gap})"
    ending = "" if every is None else f" every {gap}{every}s"
    text = f"{gap}{name}{gap}{argument}{gap}{comparison}{gap}{number}{gap}{unit}{ending}{gap}"
    slo = parse_slo(text)
    assert (slo.subject, slo.comparison, slo.unit) == (step, comparison, unit)
    assert slo.window_s == every
    assert abs(slo.limit - float(number) * UNITS_S[unit]) <= 1e-9 * slo.limit
    assert (slo.metric == "service") == name.startswith("service.")


@given(
    st.text("p9.5mean(login)<>= 300ms%/serrorscheckapdexevryfo'\"", max_size=40)
    | st.text(max_size=20)
)
def test_any_other_text_is_pointed_into(text: str) -> None:
    for parse in (parse_slo, parse_stop_rule):
        try:
            slo = parse(text)
        except SloSyntaxError as error:
            assert 0 <= error.position <= len(text)
            assert len(str(error).splitlines()) >= 3
        else:
            assert slo.limit >= 0
