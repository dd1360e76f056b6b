"""JMeter's test plans become journeys; what has no translation is told with its path."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.jmx import (
    calls_of,
    collection,
    defaults,
    element,
    headers,
    inner,
    only_call,
    prop,
    read,
    sampler,
    thread_group,
    user_defined,
)

from perfwright.model.errors import DataError
from perfwright.model.journey import (
    Body,
    Constant,
    FromData,
    FromEnvironment,
    LoadPart,
    Made,
    Text,
    Var,
    Variable,
)
from perfwright.sources.jmx import is_jmx, read_jmx

DATA = Path(__file__).parent.parent / "data" / "collections"


def test_a_whole_plan_becomes_journeys_with_the_weights_of_their_thread_groups() -> None:
    draft = read_jmx(DATA / "shop.jmx")
    assert [(journey.name, journey.weight) for journey in draft.journeys] == [
        ("Visitors", 3.0),
        ("Buyers", 1.0),
    ]
    assert draft.target == "http://127.0.0.1:8000"
    assert draft.load is not None
    assert draft.load.parts[-1] == LoadPart(to=4.0, over_s=1.0, hold_s=2.0)
    (people,) = draft.data
    assert people.columns == ("name", "password")
    assert people.rows[1] == ("alan.acker", "58533ef32f87")


def test_a_host_that_a_property_says_is_the_target_and_told() -> None:
    draft = read_jmx(DATA / "shop.jmx")
    assert any("'host' is '127.0.0.1' in addresses" in note for note in draft.notes)


def test_a_host_that_can_be_none_is_no_target(tmp_path: Path) -> None:
    draft = read(tmp_path, defaults(domain="[=url]"), thread_group(sampler("/")))
    assert draft.target == ""
    assert any("give it with --target" in note for note in draft.notes)


def test_a_plan_is_told_by_its_root() -> None:
    assert is_jmx(b"\xef\xbb\xbf<?xml version='1.0'?>\n<jmeterTestPlan version='1.2'>")
    assert not is_jmx(b"<testResults version='1.2'>")
    assert not is_jmx(b'{"a": "<jmeterTestPlan"}')


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE x [<!ENTITY a 'b'>]><jmeterTestPlan/>",
        "<!DOCTYPE x SYSTEM 'http://127.0.0.1/x.dtd'><jmeterTestPlan/>",
        "<jmeterTestPlan>" + "<hashTree>" * 500,
        "<testPlan/>",
        "<jmeterTestPlan",
        "",
    ],
)
def test_what_is_no_plan_or_a_bomb_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.jmx"
    path.write_text(text)
    with pytest.raises(DataError, match=r"bad\.jmx"):
        read_jmx(path)


def test_headers_and_credentials_come_from_the_scope_and_the_nearest_wins(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        headers(X_Shop="plan", X_Plan="yes"),
        thread_group(sampler("/items", headers(X_Shop="own"))),
    )
    assert only_call(draft).headers == (("X-Shop", "own"), ("X-Plan", "yes"))


def test_a_secret_header_is_read_from_the_environment(tmp_path: Path) -> None:
    draft = read(tmp_path, thread_group(headers(Authorization="Bearer abc.def"), sampler("/a")))
    ((name, value),) = only_call(draft).headers
    assert name == "Authorization"
    assert isinstance(value, Text) and value.parts[0] == "Bearer "
    assert draft.variables[0].origin == FromEnvironment("AUTHORIZATION")
    assert "abc.def" not in repr(draft)


def test_a_json_body_keeps_the_types_of_its_variables(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        user_defined(count="3"),
        headers(Content_Type="application/json"),
        thread_group(
            sampler("/a", element(
                "JSONPostProcessor", "id", prop("JSONPostProcessor.referenceNames", "id"),
                prop("JSONPostProcessor.jsonPathExprs", "$.id"))),
            sampler("/b", method="POST",
                    body='{"id": ${id}, "said": "${id}", "n": ${count}, "r": ${__Random(1,6)}}'),
        ),
    )  # fmt: skip
    body = calls_of(draft)[1].body
    assert body == Body(
        "json", {"id": Var("id"), "said": Text((Var("id"),)), "n": 3, "r": Var("random")}
    )


def test_json_with_a_variable_of_unknown_type_stays_text(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        headers(Content_Type="application/json"),
        thread_group(sampler("/a", method="POST", body='{"n": ${unknown}}')),
    )
    call = only_call(draft)
    assert call.body == Body("text", Text(('{"n": ', Var("unknown"), "}")))
    assert ("Content-Type", "application/json") in call.headers


def test_arguments_are_the_query_of_a_get_and_the_form_of_a_post(tmp_path: Path) -> None:
    from support.jmx import arguments

    given = (arguments(q="blue mug", page="2"),)
    draft = read(
        tmp_path,
        thread_group(
            sampler("/a", properties=given), sampler("/b", method="POST", properties=given)
        ),
    )
    get, post = calls_of(draft)
    pairs = (("q", "blue mug"), ("page", "2"))
    assert (get.params, get.body) == (pairs, None)
    assert (post.params, post.body) == ((), Body("form", pairs))


def test_variables_come_from_constants_properties_files_and_functions(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("id;who\n1;ann\n2;ben\n")
    draft = read(
        tmp_path,
        user_defined(root="/v1", place="${__P(place,here)}"),
        thread_group(
            element("CSVDataSet", "ids", prop("filename", "ids.csv"), prop("delimiter", ";")),
            sampler("${root}/${id}/${place}/${__UUID()}/${__time(/1000)}"),
        ),
    )
    origins = {variable.name: variable.origin for variable in draft.variables}
    assert origins == {
        "root": Constant("/v1"),
        "id": FromData("ids", "id"),
        "place": FromEnvironment("PLACE", "here"),
        "uuid": Made("uuid"),
        "time": Made("now_epoch_s"),
    }
    assert draft.data[0].rows == [("1", "ann"), ("2", "ben")]


def test_a_csv_file_outside_of_the_plans_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("root,x\n")
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    for named in ("../secret.csv", "/etc/passwd", "link.csv"):
        config = element("CSVDataSet", "c", prop("filename", named), prop("variableNames", "a,b"))
        draft = read(folder, thread_group(config, sampler("/${a}")))
        assert draft.data[0].rows == [("a 1", "b 1")]
        assert any("not beside the test plan" in note for note in draft.notes)


def test_counters_and_user_parameters_are_files_of_rows_in_order(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        element("CounterConfig", "c", prop("CounterConfig.name", "n"),
                prop("CounterConfig.start", 5), prop("CounterConfig.end", 9),
                prop("CounterConfig.incr", 2)),
        thread_group(
            sampler("/${n}/${who}", element(
                "UserParameters", "p",
                collection("UserParameters.names", prop("1", "who")),
                collection("UserParameters.thread_values",
                           collection("1", prop("1", "ann")), collection("2", prop("2", "ben"))),
            )),
        ),
    )  # fmt: skip
    assert [(file.name, list(file.rows), file.order) for file in draft.data] == [
        ("n", [("5",), ("7",), ("9",)], "sequential"),
        ("p", [("ann",), ("ben",)], "sequential"),
    ]


def test_a_variable_that_nothing_fills_comes_from_the_environment_and_is_told(
    tmp_path: Path,
) -> None:
    draft = read(tmp_path, thread_group(sampler("/${itemId}")))
    assert draft.variables == (Variable("itemId", FromEnvironment("ITEM_ID")),)
    assert any("ITEM_ID" in note for note in draft.notes)


def test_a_function_without_a_translation_is_told_and_never_run(tmp_path: Path) -> None:
    draft = read(tmp_path, thread_group(sampler("/${__groovy(System.exit(1))}")))
    assert any("__groovy(System.exit(1))" in note for note in draft.notes)
    assert draft.variables[0].origin == FromEnvironment("GROOVY")


def test_variables_that_grow_by_each_other_stay_bounded(tmp_path: Path) -> None:
    chain = {f"v{n}": f"${{v{n + 1}}}" * 10 for n in range(12)}
    draft = read(tmp_path, user_defined(**chain, v12="x"), thread_group(sampler("/${v0}")))
    assert len(only_call(draft).url.parts) < 5000


def test_samplers_of_other_protocols_and_scripts_are_listed_with_their_paths(
    tmp_path: Path,
) -> None:
    draft = read(
        tmp_path,
        thread_group(
            sampler("/a", element("JSR223PreProcessor", "script")),
            element("JDBCSampler", "query"),
            element("com.acme.OddSampler", "odd", children=(sampler("/kept"),)),
        ),
    )
    assert [call.name for call in calls_of(draft)] == ["/a", "/kept"]
    told = "\n".join(draft.notes)
    assert "Plan / Users / /a / script (JSR223PreProcessor) is a script, which is not run" in told
    assert "Plan / Users / query (JDBCSampler) is not translated" in told
    assert "Plan / Users / odd (OddSampler) is not translated" in told


def test_disabled_elements_are_left_out_and_named(tmp_path: Path) -> None:
    draft = read(tmp_path, thread_group(sampler("/a"), sampler("/b", enabled=False)))
    assert only_call(draft).name == "/a"
    assert any("Disabled" in note and "/b" in note for note in draft.notes)


def test_basic_credentials_keep_their_password_out_of_the_draft(tmp_path: Path) -> None:
    row = inner("", prop("Authorization.username", "ann"),
                prop("Authorization.password", "hunter2"))  # fmt: skip
    manager = element("AuthManager", "auth", collection("AuthManager.auth_list", row))
    draft = read(tmp_path, thread_group(manager, sampler("/a")))
    auth = only_call(draft).auth
    assert auth is not None and auth[0] == "ann" and isinstance(auth[1], Var)
    assert "hunter2" not in repr(draft)


def test_a_header_that_a_later_answer_fills_is_left_out_until_then(tmp_path: Path) -> None:
    token = element("BoundaryExtractor", "t", prop("BoundaryExtractor.refname", "token"),
                    prop("BoundaryExtractor.lboundary", "<"))  # fmt: skip
    draft = read(
        tmp_path,
        thread_group(headers(Authorization="Bearer ${token}"), sampler("/a", token), sampler("/b")),
    )
    first, second = calls_of(draft)
    assert first.headers == ()
    assert second.headers == (("Authorization", Text(("Bearer ", Var("token")))),)
    assert any("'/a' is sent without 'Authorization'" in note for note in draft.notes)


def test_a_number_that_only_a_run_knows_is_told(tmp_path: Path) -> None:
    group = thread_group(
        sampler("/a"), properties=(prop("ThreadGroup.num_threads", "${__groovy(1)}"),)
    )
    assert any("is no number that can be read" in note for note in read(tmp_path, group).notes)


def test_credentials_are_for_the_addresses_that_begin_with_theirs(tmp_path: Path) -> None:
    row = inner("", prop("Authorization.url", "http://127.0.0.1:8000/secret/"),
                prop("Authorization.username", "ann"))  # fmt: skip
    manager = element("AuthManager", "auth", collection("AuthManager.auth_list", row))
    draft = read(tmp_path, thread_group(manager, sampler("/secret/a"), sampler("/b")))
    assert [call.auth is not None for call in calls_of(draft)] == [True, False]


def test_files_of_a_sampler_are_parts_of_a_form_without_their_content(tmp_path: Path) -> None:
    file = inner("/x/cat.png", prop("File.path", "/x/cat.png"), prop("File.paramname", "photo"),
                 prop("File.mimetype", "image/png"))  # fmt: skip
    files = inner("HTTPsampler.Files", collection("HTTPFileArgs.files", file))
    old = (prop("HTTPSampler.FILE_NAME", "C:\\dog.png"), prop("HTTPSampler.FILE_FIELD", "photo"))
    draft = read(
        tmp_path,
        thread_group(
            sampler("/a", method="POST", properties=(files,)),
            sampler("/b", method="POST", properties=old),
        ),
    )
    bodies = [call.body for call in calls_of(draft)]
    octets = "application/octet-stream"
    assert bodies == [
        Body("multipart", (("photo", "cat.png", "(content of cat.png)", "image/png"),)),
        Body("multipart", (("photo", "dog.png", "(content of dog.png)", octets),)),
    ]
