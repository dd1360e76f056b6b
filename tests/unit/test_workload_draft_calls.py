"""Endpoints become calls, and what was asked for becomes data files."""

from __future__ import annotations

import numpy as np

from perfwright.analyze.workload.draft_calls import MAX_ROWS, Calls, draft_calls
from perfwright.analyze.workload.draft_queries import read_queries
from perfwright.analyze.workload.sorting import Sorter, sorter_of
from perfwright.model.journey import FromData, FromEnvironment, Text, Var
from perfwright.model.traffic import PathUse, Targets
from perfwright.model.workload import Endpoint


def sorter(method: str, paths: dict[str, int]) -> Sorter:
    counts = np.array(list(paths.values()))
    return sorter_of(
        Targets(
            method=(method,) * len(paths),
            path=tuple(path.partition("?")[0] for path in paths),
            requests=counts,
            failed=counts * 0,
            weight=np.ones(len(paths)),
            distinct=len(paths),
        )
    )


def drafted(
    targets: dict[str, int],
    method: str = "GET",
    statuses: tuple[tuple[int, int], ...] = ((200, 1),),
    others: int = 0,
) -> Calls:
    """The calls of a log with one endpoint."""
    sorted_ = sorter(method, targets)
    (form,) = sorted_.endpoints
    ranked = sorted(targets.items(), key=lambda pair: -pair[1])
    use = PathUse(
        path=tuple(path for path, _ in ranked),
        requests=np.array([count for _, count in ranked]),
        distinct=len(ranked),
        others=others,
    )
    total = sum(targets.values()) + others
    endpoint = Endpoint(
        name=form.name,
        method=method,
        template=form.template,
        requests=total,
        share=1.0,
        statuses=tuple((status, count * total) for status, count in statuses),
    )
    return draft_calls([endpoint], sorted_, {form.name: use})


ITEMS = {f"/items/{number}": 100 - number for number in range(1, 41)}


def test_values_of_a_path_come_from_a_file_with_their_weights():
    calls = drafted(ITEMS)
    (call,), (file,) = calls.steps, calls.data
    assert call.url == Text(("/items/", Var("item_id")))
    assert calls.variables[0].origin == FromData("item_ids", "item_id")
    assert file.columns == ("item_id", "weight")
    assert file.order == "weighted"
    assert file.rows[:2] == (("1", "99"), ("2", "98"))


def test_what_never_changes_needs_no_file():
    calls = drafted({"/about?lang=en": 50})
    assert calls.data == []
    assert calls.steps[0].url == Text(("/about",))
    assert calls.steps[0].params == (("lang", "en"),)


def test_regular_queries_are_parameters_and_decoded():
    calls = drafted({"/search?q=blue+mug&v=1": 5, "/search?q=caf%C3%A9&v=1": 3})
    assert calls.steps[0].params == (("q", Var("q")), ("v", "1"))
    assert calls.data[0].rows == (("blue mug", "5"), ("café", "3"))


def test_queries_that_come_in_many_forms_are_kept_as_sent():
    targets = {"/search?q=a": 5, "/search?tag[]=x&tag[]=y": 4, "/search?q=": 3, "/search": 2}
    calls = drafted(targets)
    assert calls.steps[0].url == Text(("/search", Var("query")))
    assert calls.data[0].rows == (
        ("?q=a", "5"),
        ("?tag[]=x&tag[]=y", "4"),
        ("?q=", "3"),
        ("", "2"),
    )


def test_path_and_query_of_a_row_belong_together():
    calls = drafted({f"/items/{n}?size={n % 3}": n for n in range(1, 30)})
    assert calls.data[0].columns == ("item_id", "size", "weight")
    assert calls.data[0].rows[0] == ("29", "2", "29")


def test_secrets_do_not_reach_a_file():
    calls = drafted({f"/items?page={n}&api_key=s3cr3t{n}": 5 for n in range(9)})
    assert "s3cr3t" not in repr(calls.data)
    assert calls.variables[-1].origin == FromEnvironment("API_KEY")
    assert calls.steps[0].params[-1] == ("api_key", Var("api_key"))
    odd = drafted({"/items?token=s3cr3t&page=2": 5, "/items?token=s3cr3t": 5, "/items": 3})
    assert "s3cr3t" not in repr(odd)


def test_hostile_values_are_harmless():
    nasty = {
        '/search?q="%29%3B+import+os%0A%00&a=1': 5,
        "/search?q=%ff%fe&a=2": 4,
        "/search?q=\u202e\x07&a=3": 3,
        "/search?" + "&".join(["a=b"] * 5_000): 2,
    }
    calls = drafted(nasty)
    for row in calls.data[0].rows:
        assert all("!" <= char <= "~" for char in row[0])
    assert calls.data[0].name == "search"


def test_a_file_has_a_bound_and_what_is_beyond_is_told():
    calls = drafted({f"/items/{n}": 2 for n in range(MAX_ROWS + 500)}, others=3_000)
    assert len(calls.data[0].rows) == MAX_ROWS
    assert any("10,000 most requested rows" in note for note in calls.notes)
    assert any("17%" in note for note in calls.notes)


def test_bodies_and_writes_are_told():
    calls = drafted({"/cart": 9}, method="POST")
    assert calls.steps[0].comment.startswith("the log holds no body")
    assert any("may change data" in note for note in calls.notes)
    assert any("no bodies" in note for note in calls.notes)


def test_what_mostly_fails_is_expected_to():
    assert drafted({"/me": 9}, statuses=((401, 9), (200, 1))).steps[0].statuses == (401,)
    some = drafted({"/me": 9}, statuses=((200, 9), (500, 1))).steps[0]
    assert some.statuses == ()
    assert "mostly with 500" in some.comment


def test_no_column_is_called_as_the_weights_are():
    calls = drafted({f"/items?weight={n}&Weight={n}": 3 for n in range(4)})
    assert calls.data[0].columns == ("weight_2", "weight_3", "weight")


def test_no_queries_at_all_are_no_columns():
    assert read_queries([None, None], [1, 1]).texts == ()


def test_values_of_a_path_are_carried_together_and_those_of_a_query_alone():
    targets = {f"/users/{n}/orders/{n * n}?page={n % 3}&sort=up": 5 for n in range(1, 30)}
    calls = drafted(targets)
    assert [(one.parameters, one.is_whole) for one in calls.slots] == [
        (("user_id", "order_id"), True),
        (("user_id",), False),
        (("order_id",), False),
        (("page",), True),
    ]
    assert [one.variables for one in calls.slots] == [one.parameters for one in calls.slots]
    assert calls.slots[0].place.segments == ((1, "", ""), (3, "", ""))
    assert calls.slots[3].place.parameter == "page"


def test_of_longer_paths_the_first_values_are_handed_on_too():
    calls = drafted({f"/a/{n}/b/{n + 7}/c/{n + 9}": 5 for n in range(1, 30)})
    assert [len(one.parameters) for one in calls.slots] == [3, 1, 1, 1, 2]


def test_a_query_kept_as_text_is_not_carried():
    targets = {"/search?q=a": 5, "/search?tag[]=x&tag[]=y": 4, "/search?q=": 3, "/search": 2}
    assert drafted(targets).slots == []
