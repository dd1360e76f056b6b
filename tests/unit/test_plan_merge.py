"""Several sources become one test, and none of them loses what its names mean."""

from __future__ import annotations

import dataclasses

from support.plans import shop_draft

from perfwright.model.journey import (
    Body,
    Call,
    Constant,
    DataFile,
    Extraction,
    FromData,
    Journey,
    Made,
    Reuse,
    ScenarioDraft,
    Text,
    Var,
    Variable,
)
from perfwright.workflow.plan_merge import completed_by, merged


def draft(name: str, *, target: str = "", origin: object = None, **more: object) -> ScenarioDraft:
    call = Call(name=f"GET /{name}", method="GET", url=Text((f"/{name}/", Var("id"))))
    return ScenarioDraft(
        title=name,
        sources=(f"{name}.har",),
        target=target,
        journeys=(Journey(name=name, weight=1, items=(call,)),),
        variables=(Variable("id", origin or Made("uuid")),),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def test_journeys_of_all_documents_are_there() -> None:
    whole = merged([draft("a"), draft("b"), draft("c")])
    assert [journey.name for journey in whole.journeys] == ["a", "b", "c"]
    assert whole.variables == (Variable("id", Made("uuid")),)


def test_a_variable_that_means_something_else_gets_another_name() -> None:
    whole = merged([draft("a"), draft("b", origin=Constant("7"))])
    assert {variable.name: variable.origin for variable in whole.variables} == {
        "id": Made("uuid"),
        "id_2": Constant("7"),
    }
    call = whole.journeys[1].items[0]
    assert isinstance(call, Call)
    assert call.url == Text(("/b/", Var("id_2")))


def test_what_a_step_takes_over_keeps_its_meaning() -> None:
    step = Call(
        name="GET /b", method="GET", url=Text(("/b/", Var("id"))),
        reuses=(Reuse((("id", "id"),), 0.5),),
    )  # fmt: skip
    whole = merged([draft("a"), draft("b", origin=Constant("7"), steps=(step,))])
    assert whole.steps[0].reuses == (Reuse((("id_2", "id_2"),), 0.5),)


def test_data_files_of_one_name_stay_apart() -> None:
    def with_rows(name: str, value: str) -> ScenarioDraft:
        file = DataFile(name="items", columns=("id",), rows=((value,),))
        return draft(name, origin=FromData("items", "id"), data=(file,))

    whole = merged([with_rows("a", "1"), with_rows("b", "2")])
    assert [file.name for file in whole.data] == ["items", "items_2"]
    assert whole.variables[1].origin == FromData("items_2", "id")


def test_calls_of_another_origin_stay_there() -> None:
    whole = merged([draft("a", target="http://a.test"), draft("b", target="http://b.test")])
    call = whole.journeys[1].items[0]
    assert isinstance(call, Call)
    assert call.url.parts[0] == "http://b.test"
    assert any("http://b.test" in note for note in whole.notes)


def test_a_document_completes_the_steps_of_a_log() -> None:
    document = ScenarioDraft(
        title="api",
        sources=("api.yaml",),
        target="http://127.0.0.1:8000",
        journeys=(
            Journey(
                name="orders",
                weight=1,
                items=(
                    Call(
                        name="POST /orders",
                        method="POST",
                        url=Text(("/orders",)),
                        headers=(("Accept", "application/json"),),
                        body=Body("json", {"count": Var("n")}),
                        extracts=(Extraction("order", "json", "/id"),),
                    ),
                    Call(name="read", method="GET", url=Text(("/items/", Var("item_id"))),
                         headers=(("X-Id", Var("item_id")),)),
                ),
            ),
        ),
        variables=(Variable("n", Made("integer", 1, 9)),),
    )  # fmt: skip
    log = shop_draft()
    bare = tuple(dataclasses.replace(step, body=None) for step in log.steps)
    whole = completed_by(dataclasses.replace(log, steps=bare), document)
    by_name = {step.name: step for step in whole.steps}
    assert by_name["POST /orders"].body == Body("json", {"count": Var("n")})
    assert by_name["POST /orders"].extracts == (Extraction("order", "json", "/id"),)
    assert by_name["GET /items/{id}"].headers == (("X-Id", Var("item_id")),)
    assert by_name["GET /"].headers == ()
    assert whole.target == "http://127.0.0.1:8000"
    assert whole.walks == log.walks
    assert any("2 of 4 steps" in note for note in whole.notes)


def test_a_document_of_another_system_is_told() -> None:
    whole = completed_by(shop_draft(), draft("elsewhere"))
    assert any("No step of the log" in note for note in whole.notes)
