"""A chart as a picture that stands alone: SVG or PNG, on white, with its title.

For a wiki, a mail, a Markdown file. Drawn by vl-convert, without a browser and without a network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from perfwright.report.document import Chart
from perfwright.report.html import VEGA_LITE
from perfwright.report.markdown import Draw, escape

WIDTH = 860
_SCALE = 2.0


def svg_of(chart: Chart) -> str:
    """The SVG's text."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_still(chart), vl_version=VEGA_LITE)
    return svg


def png_of(chart: Chart) -> bytes:
    """The PNG's bytes, at twice the resolution."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_still(chart), vl_version=VEGA_LITE, scale=_SCALE)
    return png


def beside(markdown: Path, kind: str) -> Draw:
    """Charts are drawn into files beside a Markdown file, which shows them; `kind`: "svg" | "png".
    OSError."""

    def draw(chart: Chart) -> str:
        file = markdown.with_name(f"{markdown.stem}-{chart.key}.{kind}")
        file.write_bytes(png_of(chart) if kind == "png" else svg_of(chart).encode())
        return f"![{escape(chart.title)}]({quote(file.name)})"

    return draw


def _still(chart: Chart) -> dict[str, Any]:
    """The spec with a width, a title and a ground of its own."""
    spec = dict(chart.spec)
    spec["width"] = WIDTH
    spec["title"] = {"text": chart.title, "anchor": "start", "fontSize": 15, "offset": 12}
    spec["autosize"] = {"type": "pad", "contains": "padding"}
    spec["config"] = {**spec.get("config", {}), "background": "white", "padding": 16}
    return spec
