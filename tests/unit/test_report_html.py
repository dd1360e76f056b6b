"""The HTML report is well-formed, offline, accessible, and unmoved by hostile names."""

from __future__ import annotations

import functools
import itertools
import json
import re
from html.parser import HTMLParser

import pytest
from support.odd_runs import EVERY, document_of

from perfwright.report.document import Chart
from perfwright.report.html import page, render_html, vega_bundle

VOID = {"meta", "img", "br", "hr", "input", "link"}
LOADING = {"src", "srcset", "href", "action", "data", "poster", "background", "formaction"}


class Page(HTMLParser):
    """Checks nesting as it parses and gathers what tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@functools.cache
def parsed(name: str) -> Page:
    return Page(page(document_of(name), bundle="1;"))


@pytest.mark.parametrize("name", EVERY)
def test_every_tag_is_closed_where_it_should_be(name: str) -> None:
    assert parsed(name).all("main")


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_loaded_from_anywhere(name: str) -> None:
    html = parsed(name)
    for tag, attrs in html.tags:
        for attribute in LOADING & attrs.keys():
            assert (attrs[attribute] or "").startswith("#"), (tag, attrs)
    text = page(document_of("demo"), bundle="")
    assert "@import" not in text
    assert not re.search(r"url\(", text)
    policy = html.all("meta")[1]["content"]
    assert policy is not None
    assert "default-src 'none'" in policy


def test_hostile_names_become_text_and_nothing_else() -> None:
    html, plain = parsed("hostile"), parsed("demo")
    assert {tag for tag, _ in html.tags} <= {tag for tag, _ in plain.tags} | {"code", "details"}
    assert len(html.all("script")) == len(html.all("figure")) + 2
    assert not any(key.startswith("on") for _, attrs in html.tags for key in attrs)
    shown = "".join(html.text)
    assert "<script>alert(1)</script>" in shown
    assert not set(shown) & {"\x1b", "\x07", "\x00", "\u202e", "\ufffe"}


def test_ids_are_unique_and_every_link_and_label_leads_somewhere() -> None:
    html = parsed("demo")
    ids = [attrs["id"] for _, attrs in html.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [(attrs["href"] or "")[1:] for attrs in html.all("a")]
    labels = [attrs["aria-labelledby"] for _, attrs in html.tags if "aria-labelledby" in attrs]
    assert {*targets, *labels} <= set(ids)


def test_headings_do_not_skip_a_level_and_tables_have_captions() -> None:
    html = parsed("demo")
    levels = [int(tag[1]) for tag, _ in html.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(html.all("caption")) == len(html.all("table"))


def test_each_chart_says_in_words_what_it_shows() -> None:
    labels = [
        attrs["aria-label"] for attrs in parsed("demo").all("div") if attrs.get("role") == "img"
    ]
    assert len(labels) == 7
    assert all(labels)


def test_each_chart_keeps_its_spec_whole() -> None:
    document = document_of("hostile")
    specs = re.findall(r'<script type="application/json">(.*?)</script>', page(document, bundle=""))
    charts = [b for section in document.sections for b in section.blocks if isinstance(b, Chart)]
    assert [json.loads(spec) for spec in specs] == [chart.spec for chart in charts]


def test_the_bundle_is_embedded_once_and_cannot_end_its_own_element() -> None:
    text = page(document_of("demo"), bundle=f"{vega_bundle()}; x = '</script>'")
    html = Page(text)
    assert text.count("window.vegaEmbed") == 1
    assert len([s for s in html.all("script") if "type" not in s]) == 2


def test_a_page_without_charts_carries_no_script() -> None:
    assert Page(render_html(document_of("nothing"))).all("script") == []
