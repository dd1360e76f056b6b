"""A document as one self-contained HTML file: no network, light and dark, from phone to print.

The page carries its style, its few lines of script and the Vega bundle (from the vl-convert wheel,
0.9 MB). Its content security policy forbids every request, so that "offline" is enforced by the
reader's browser and not only promised. Without JavaScript all but the charts is there.
"""

from __future__ import annotations

import functools
from importlib import resources

from perfwright.report.document import Block, Card, Chart, Document, Flame, VerdictBox
from perfwright.report.html_blocks import escape, section_html

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; "
    "script-src 'unsafe-inline' 'unsafe-eval'"
)
"""Vega compiles expressions, hence eval; saving a chart as a picture needs data: and blob:."""


def render_html(document: Document) -> str:
    """The whole file."""
    return page(document, bundle=vega_bundle() if _has_chart(document) else "")


def page(document: Document, *, bundle: str) -> str:
    """The file around a given JavaScript bundle; with an empty one, no chart is drawn."""
    scripts = [bundle, _asset("page.js")] if bundle else []
    if _has(document, Flame):
        scripts.append(_asset("flame.js"))
    scripted = "".join(f"<script>{_inert(script)}</script>\n" for script in scripts)
    links = "\n".join(
        f'<li><a href="#{section.key}">{escape(section.title)}</a></li>'
        for section in document.sections
    )
    sections = "\n".join(section_html(section) for section in document.sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(_title(document))}</title>
<style>
{_asset("page.css")}</style>
</head>
<body>
<header>
<h1>{escape(document.title)}</h1>
<p class="subtitle">{escape(document.subtitle)}</p>
{_verdict(document.verdict)}{_facts(document)}
<nav aria-label="Sections"><ul>
{links}
</ul></nav>
</header>
<main>
{_NOSCRIPT if _has_chart(document) else ""}{sections}
</main>
<footer><p>{escape(document.footer)}</p></footer>
{scripted}</body>
</html>
"""


@functools.cache
def vega_bundle() -> str:
    """Vega, Vega-Lite and vega-embed as one script (takes a second or two to build)."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE)
    return bundle


VEGA_LITE = "6.4"
"""The Vega-Lite that Altair 6.3 writes."""


def _title(document: Document) -> str:
    """Of the browser's tab: the answer first, where there is one."""
    verdict = document.verdict
    return document.title if verdict is None else f"{verdict.shown} · {document.title}"


def _verdict(verdict: VerdictBox | None) -> str:
    if verdict is None:
        return ""
    reasons = "\n".join(f"<li>{escape(reason)}</li>" for reason in verdict.reasons)
    listed = f"<ul>\n{reasons}\n</ul>\n" if reasons else ""
    return (
        f'<div class="verdict {verdict.status}" role="region" aria-label="Verdict">\n'
        f'<p><strong class="word">{verdict.shown}</strong> '
        f'<span class="headline">{escape(verdict.headline)}</span></p>\n{listed}</div>\n'
    )


def _facts(document: Document) -> str:
    pairs = "\n".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in document.facts
    )
    return f'<dl class="facts">\n{pairs}\n</dl>'


def _has(document: Document, kind: type[Block]) -> bool:
    return any(isinstance(b, kind) for section in document.sections for b in section.blocks)


def _has_chart(document: Document) -> bool:
    blocks = [block for section in document.sections for block in section.blocks]
    return any(isinstance(b, Chart) or (isinstance(b, Card) and b.figure) for b in blocks)


def _asset(name: str) -> str:
    return resources.files("perfwright.report").joinpath("assets", name).read_text("utf-8")


def _inert(script: str) -> str:
    """A script that cannot end its own element early."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


_NOSCRIPT = (
    "<noscript><p>The charts need JavaScript; every table is complete without it.</p></noscript>\n"
)
