"""A written test plan, whole, in every form; UPDATE_GOLDEN=1 accepts a change."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.plans import shop_draft, shop_page

from perfwright.model.plan_page import PlanPage
from perfwright.report.html import page as html_page
from perfwright.report.markdown import render_markdown
from perfwright.report.mermaid import diagram
from perfwright.report.plan_document import plan_document
from perfwright.report.plan_text import render_plan
from perfwright.workflow.plan_json import plan_json

DATA = Path(__file__).parent / "data"


def markdown(page: PlanPage) -> str:
    return render_markdown(plan_document(page), diagram)


def alone() -> PlanPage:
    """Of a draft that no log stands behind."""
    return shop_page(shop_draft(target="http://127.0.0.1:8000"), purpose="release")


RENDERED = {
    "plan.md": lambda: markdown(shop_page()),
    "plan-alone.md": lambda: markdown(alone()),
    "plan.html": lambda: html_page(plan_document(shop_page()), bundle=""),
    "plan.txt": lambda: render_plan(shop_page(), Path("plan-shop")),
    "plan-color.txt": lambda: render_plan(shop_page(), Path("plan-shop"), color=True),
    "plan-alone.txt": lambda: render_plan(alone(), Path("plan-shop")),
    "plan.json": lambda: json.dumps(plan_json(shop_page()), indent=1, allow_nan=False) + "\n",
}


@pytest.mark.parametrize("name", RENDERED)
def test_what_a_plan_says_is_as_it_was(name: str) -> None:
    text = RENDERED[name]()
    golden = DATA / name
    if "UPDATE_GOLDEN" in os.environ:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_a_plan_in_a_terminal_is_not_wider_than_80_columns() -> None:
    assert all(len(line) <= 80 for line in render_plan(shop_page(), Path("plan")).splitlines())
