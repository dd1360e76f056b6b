"""Correlation never changes what is sent: its variables, filled from the recorded answers, give
back every request as it was."""

from __future__ import annotations

import json
import string

from hypothesis import given
from hypothesis import strategies as st

from perfwright.model.journey import Text, Var
from perfwright.sources.correlation.exchanges import Answer, Exchange, Slot
from perfwright.sources.correlation.extracting import value_of
from perfwright.sources.correlation.matching import correlate

VALUES = st.one_of(
    st.text(string.ascii_letters + string.digits + "-_.=+/", min_size=1, max_size=24),
    st.from_regex(r"[0-9]{1,9}", fullmatch=True),
    st.text(max_size=12),
)
NAMES = st.sampled_from(["id", "token", "csrf", "orders", "next", "~a/b", "", "0", 'q"'])


@st.composite
def exchanges(draw: st.DrawFn) -> list[Exchange]:
    """Requests that hold values of earlier answers, bare and amid text, and others."""
    pool = draw(st.lists(VALUES, min_size=1, max_size=6))
    made = []
    for _ in range(draw(st.integers(1, 6))):
        slots = []
        for key in range(draw(st.integers(0, 3))):
            value = draw(st.sampled_from(pool))
            around = draw(st.sampled_from(["{}", "Bearer {}", "/a/{}/b", "{}{}", "x={}&y={}"]))
            plain = around == "{}"
            slots.append(
                Slot(
                    key=key,
                    name=draw(NAMES),
                    value=around.format(value, draw(st.sampled_from(pool))),
                    kind="number" if plain and value.isascii() and value.isdigit() else "text",
                    in_path=draw(st.booleans()),
                )
            )
        made.append(
            Exchange(
                method=draw(st.sampled_from(["GET", "POST"])),
                path=draw(st.sampled_from(["/orders", "/", "/orders/1/items"])),
                slots=tuple(slots),
                answer=draw(answers(pool)),
            )
        )
    return made


@st.composite
def answers(draw: st.DrawFn, pool: list[str]) -> Answer:
    value = draw(st.sampled_from(pool))
    other = draw(st.sampled_from(pool))
    leaf: object = int(value) if value.isascii() and value.isdigit() else value
    name = draw(NAMES)
    text = draw(
        st.sampled_from(
            [
                json.dumps({name: leaf, "more": [{"x": other}]}),
                f'<input name="{name}" value="{value}">\n<p data-id="{other}">',
                f"var {name} = '{value}'; other('{other}')",
                "{",
                value,
            ]
        )
    )
    return Answer(
        text=text,
        headers=(("Location", f"/orders/{other}?t={value}"), ("X-Token", value)),
        cookies=((name, other),),
        url=draw(st.sampled_from(["", f"http://shop.example/orders/{value}"])),
    )


@given(exchanges())
def test_filled_from_the_recording_every_request_is_as_it_was(recorded: list[Exchange]) -> None:
    found = correlate(recorded)
    values = {
        one.name: (index, value_of(one, recorded[index].answer))
        for index, several in found.extracts.items()
        for one in several
    }
    for (index, key), use in found.uses.items():
        (slot,) = (one for one in recorded[index].slots if one.key == key)
        parts = use.parts if isinstance(use, Text) else (use,)
        told = [values[one.name][1] if isinstance(one, Var) else one for one in parts]
        assert "".join(map(str, told)) == slot.value
        assert all(values[one.name][0] < index for one in parts if isinstance(one, Var))
        if slot.kind == "number":
            assert isinstance(told[0], int)


@given(exchanges())
def test_every_extraction_is_used_and_has_a_name_of_its_own(recorded: list[Exchange]) -> None:
    found = correlate(recorded)
    names = [one.name for several in found.extracts.values() for one in several]
    parts = (use.parts if isinstance(use, Text) else (use,) for use in found.uses.values())
    used = {one.name for several in parts for one in several if isinstance(one, Var)}
    assert sorted(names) == sorted(used)
