"""`perfwright plan SOURCE…`: from production evidence to a test that runs, and its plan."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from perfwright.cli.plan_options import PlanArguments, plan_options
from perfwright.cli.shared import print_json, show_progress

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from perfwright.workflow.plan import Planned


@click.command("plan")
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@plan_options
def command(sources: tuple[str, ...], **given: Any) -> None:
    """Write a test, its data and its plan from what is there: an access log (any format, - for
    stdin), a HAR, an OpenAPI document, a Postman collection, a JMeter plan, cURL commands. Several
    together: a log says what is done, a document what is sent.

    \b
    perfwright plan access.log
    perfwright plan 'logs/access.log*' openapi.yaml --target http://127.0.0.1:8000
    perfwright plan shop.har --rate 5
    perfwright plan --new

    Writes scenario.py, data/*.csv, model.json, TEST_PLAN.md and test_plan.html into the folder
    plan-NAME. What was edited there is not overwritten without --force.
    """
    from perfwright.model.errors import UsageError
    from perfwright.workflow.plan_folder import HTML, MARKDOWN

    arguments = PlanArguments(**given)
    if arguments.is_new and sources:
        raise UsageError(f"--new: it plans without a source; leave out {sources[0]!r}, or --new")
    if not arguments.is_new and not sources:
        raise UsageError(
            "SOURCE: name what to plan from (an access log, a HAR, an OpenAPI document, …), or "
            "give --new to plan from answers"
        )
    with _planned(sources, arguments) as planned:
        from perfwright.report.html import render_html
        from perfwright.report.markdown import render_markdown
        from perfwright.report.mermaid import diagram
        from perfwright.report.plan_document import plan_document

        document = plan_document(planned.page)
        rendered = {
            MARKDOWN: render_markdown(document, diagram, limit_bytes=_FILE_LIMIT_BYTES),
            HTML: render_html(document),
        }
        paths = planned.publish(rendered)
    if arguments.as_json:
        written = {"out": str(planned.out), "paths": [str(path) for path in paths]}
        print_json({**planned.document, **written})
        return
    from perfwright.report.console import wants_color
    from perfwright.report.plan_text import render_plan

    width = shutil.get_terminal_size().columns
    color = wants_color(sys.stdout)
    click.echo(render_plan(planned.page, planned.out, width=width, color=color), nl=False)


def _planned(sources: tuple[str, ...], arguments: PlanArguments) -> AbstractContextManager[Planned]:
    from perfwright.workflow.plan import plan_of_answers, plan_of_sources

    if not arguments.is_new:
        return plan_of_sources(sources, arguments.options(), on_progress=show_progress)
    from perfwright.cli.plan_new import answers_of

    answers, options = answers_of(arguments)
    return plan_of_answers(answers, options)


_FILE_LIMIT_BYTES = 1_000_000
"""A file may be longer than a comment; forges draw a megabyte still."""
