"""URL templates are told by how paths branch."""

from __future__ import annotations

import pytest

from perfwright.analyze.workload.segments import clean_path, look_of, segments_of
from perfwright.analyze.workload.template_names import identifier, named, spelled
from perfwright.analyze.workload.templates import learn


def names(paths: dict[str, float]) -> set[str]:
    """All templates of the paths, spelled."""
    templates = learn(paths.items())
    found = set()
    for path in paths:
        match = templates.match(clean_path(path) or "")
        assert match is not None, path
        found.add(spelled(named(match[0])))
    return found


def many(form: str, values: object, weight: float = 2.0) -> dict[str, float]:
    return {form.format(value): weight for value in values}  # type: ignore[attr-defined]


SLUGS = [f"{a}-{b}" for a in ("red", "old", "tall") for b in ("mug", "desk", "lamp", "vase")]


def test_numbers_that_vary_are_ids():
    assert names(many("/items/{}", range(40))) == {"/items/{item_id}"}


def test_a_constant_beside_ids_stays_one():
    assert names(many("/items/{}", range(40)) | {"/items/search": 50.0, "/items": 90.0}) == {
        "/items/{item_id}",
        "/items/search",
        "/items",
    }


def test_what_follows_an_id_is_learnt_from_all_of_them():
    paths = many("/users/{}/orders/7", range(10)) | many("/users/1/orders/{}", range(20, 40))
    assert names(paths) == {"/users/{user_id}/orders/{order_id}"}


def test_a_uuid_and_a_long_hash_need_no_company():
    assert names(
        {"/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301": 1.0, "/o/5f3e9c1a0b7d4e2f8a6b1c3d": 1.0}
    ) == {"/u/{u_id}", "/o/{o_id}"}


def test_slugs_are_told_by_their_number_and_a_word_that_stands_out_is_none():
    paths = many("/shop/{}", SLUGS) | {"/shop/sale": 40.0}
    assert names(paths) == {"/shop/{shop_slug}", "/shop/sale"}


def test_a_few_frequent_words_are_constants():
    pages = {f"/{page}": 500.0 for page in ("about", "contact", "jobs", "press", "terms-of-use")}
    assert names(pages) == set(pages)


def test_words_with_unlike_things_below_them_are_constants():
    areas = {
        f"/{area}-{number}/{area}{leaf}x": 5.0
        for number, area in enumerate(
            ("blog", "shop", "docs", "team", "news", "jobs", "faq", "map")
        )
        for leaf in "abc"
    }
    assert len(names(areas)) == len(areas)


def test_versions_are_constants():
    paths = {
        "/api/v1/items": 9.0,
        "/api/v2/items": 9.0,
        "/api/v3/items": 9.0,
        "/2010-04-01/x": 90.0,
    }
    assert names(paths) == set(paths)


def test_a_number_inside_a_word_keeps_the_word():
    assert names(many("/f/item-{}.html", range(9))) == {"/f/item-{item_id}.html"}


def test_an_ending_is_no_part_of_the_value():
    templates = learn(many("/blog/{}.html", SLUGS).items())
    match = templates.match("/blog/old-desk.html")
    assert match is not None
    assert match[1] == ("old-desk",)
    assert templates.match("/blog/.html") is None


def test_a_value_that_was_never_seen_has_the_template_of_those_that_were():
    templates = learn(many("/items/{}", range(40)).items())
    match = templates.match("/items/987654")
    assert match is not None
    assert match[1] == ("987654",)
    assert templates.match("/items/nonsense/else") is None


def test_ids_that_happen_to_be_digits_only_are_no_parameter_of_their_own():
    ids = [f"k{number}x{number * 7}" for number in range(40)] + ["48151", "62342", "99123"]
    assert names(many("/p/{}", ids)) == {"/p/{p_slug}"}


def test_dates_are_year_month_and_day():
    paths = {f"/blog/{2020 + n % 5}/{n % 12 + 1:02d}/{n % 28 + 1:02d}/post": 1.0 for n in range(90)}
    assert names(paths) == {"/blog/{year}/{month}/{day}/post"}


def test_what_nobody_was_ever_answered_is_not_learnt():
    templates = learn([("/about", 5.0), *((f"/wp-{n}x.php", 0.0) for n in range(200))])
    assert templates.match("/wp-3x.php") is None
    assert templates.match("/about") is not None


def test_a_path_of_many_segments_is_cut():
    path = "/a" * 5_000
    assert len(segments_of(path)) == 24
    assert learn([(path, 1.0)]).match(path) is not None


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("/%7Eann/%41", "/~ann/A"),
        ("/a%2Fb", "/a%2Fb"),
        ("/%252e", "/%252e"),
        ("/caf\u00e9", "/caf%C3%A9"),
        ("/a b\n", "/a%20b%0A"),
        ("/x\u202ey\x00", "/x%E2%80%AEy%00"),
        ("/x;jsessionid=1A2B/y", "/x/y"),
        ("*", None),
        ("http://other/", None),
        ("", None),
    ],
)
def test_paths_are_cleaned_once(raw, clean):
    assert clean_path(raw) == clean


@pytest.mark.parametrize(
    ("segment", "kind"),
    [
        ("42", "integer"),
        ("20261123", "date"),
        ("2026-11-23", "date"),
        ("report-2026-11.pdf", "date"),
        ("item-42", "integer"),
        ("oauth2", "integer"),  # of one such word: a constant, for templates.py to say
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "hash"),
        ("deadbeef", "word"),
        ("about", "word"),
        ("x" * 81, "text"),
    ],
)
def test_segments_have_looks(segment, kind):
    assert look_of(segment).kind == kind


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("itemId", "item_id"),
        ("utm-source", "utm_source"),
        ("a[]", "a"),
        ("42", ""),
        ("\u202e", ""),
        ("x" * 99, "x" * 32),
    ],
)
def test_names_are_identifiers(text, name):
    assert identifier(text) == name
