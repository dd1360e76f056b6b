"""What an investigation found, as text: first for everyone, then the detail.

The system holds 310 iterations/s (1,240 requests/s, p95 40 ms), not 360: throughput stopped …
  1. A query reads a whole table for want of an index: orders(customer_id). …

1  A query reads a whole table for want of an index         db.missing_index · 96% sure
   orders(customer_id)
   Do      CREATE INDEX ON orders (customer_id)
   Buys    up to 2,100 requests/s instead of 1,240 (1,700 to 2,400); …
   Seen    …
   Prove   perfwright verify 20261122-…#1
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perfwright.report import wording
from perfwright.report.console import WIDTH_MIN, console_text

_PLAIN = 3
_RANK = 4
_LABEL = 7


def render_findings(document: Mapping[str, Any], *, width: int = 80, color: bool = False) -> str:
    """`document`: of `investigate --json` or `explain --json`."""
    width = max(WIDTH_MIN, width)
    return console_text(_blocks(document), width=width, color=color)


def _blocks(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    findings: Sequence[Mapping[str, Any]] = document.get("findings", ())
    yield Text()
    yield Text(_headline(document.get("knee"), document.get("stages", ())), "bold")
    if not findings:
        yield Text(str(document.get("next_limit", "")))
    plain = Table.grid(padding=(0, 1))
    plain.add_column(width=_RANK, justify="right", no_wrap=True)
    plain.add_column(ratio=1, overflow="fold")
    for finding in findings[:_PLAIN]:
        plain.add_row(f"{finding['rank']}.", _plainly(finding))
    if findings:
        yield plain
    for finding in findings:
        yield Text()
        yield from _detail(finding)
    if notes := document.get("notes"):
        yield Text()
        yield Text("Notes", "bold")
        for note in notes:
            yield Padding(Text(f"· {wording.clean(note)}", "dim"), (0, 0, 0, 2))
    yield Text()
    yield Text(
        f"run {document.get('run_id', '')} · perfwright report {document.get('run_id', '')}", "dim"
    )


def _headline(knee: Mapping[str, Any] | None, stages: Sequence[Mapping[str, Any]]) -> str:
    if knee is None:
        return "The load was not raised, so the limit is not known."
    requests = f"{wording.count(knee['throughput_per_s'])} requests/s"
    p95 = f"p95 {wording.duration(knee['response_ms_p95'])}"
    if stages and stages[0]["model"] == "closed":
        holds = f"The system holds {wording.count(knee['users'])} users ({requests}, {p95})"
    elif knee["rate_per_s"] == knee["throughput_per_s"]:
        holds = f"The system holds {requests} ({p95})"
    else:
        per_s = wording.count(knee["rate_per_s"])
        holds = f"The system holds {per_s} iterations/s ({requests}, {p95})"
    if knee["high"] is None:
        return f"{holds} at least: {knee['limited_by']}."
    return f"{holds}, not {wording.count(knee['high'])}: {knee['limited_by']}."


def _plainly(finding: Mapping[str, Any]) -> str:
    """One finding in a sentence that needs no training."""
    told = f"{finding['title']}: {wording.clean(finding['subject'])}."
    return " ".join(filter(None, (told, _buys(finding["impact"]))))


def _detail(finding: Mapping[str, Any]) -> Iterator[RenderableType]:
    head = Text.assemble(
        (f"{finding['rank']}  {finding['title']}", "bold"),
        (f"  {finding['kind']} · {finding['confidence']:.0%} sure", "dim"),
    )
    yield head
    table = Table.grid(padding=(0, 1))
    table.add_column(width=_LABEL + 3, no_wrap=True, style="cyan")
    table.add_column(ratio=1, overflow="fold")
    where = " in ".join(filter(None, (finding["subject"], finding["component"])))
    table.add_row("   Where", wording.clean(where))
    table.add_row("   Do", wording.clean(finding["recommendation"], keep="\n"))
    impact = finding["impact"]
    bought = " ".join(filter(None, (_buys(impact), impact.get("method"))))
    if bought:
        table.add_row("   Buys", bought)
    for number, one in enumerate(finding["evidence"]):
        seen = Text.assemble(
            f"{wording.clean(one['what'])}: ", (wording.clean(one["value"]), "bold"),
            (f"  {one['source']}", "dim"),
        )  # fmt: skip
        table.add_row("   Seen" if number == 0 else "", seen)
    for symptom in finding.get("folded", ()):
        table.add_row("   So also", f"{symptom['title']} ({symptom['subject']})")
    if finding["verify"]:
        table.add_row("   Prove", finding["verify"])
    yield table


def _buys(impact: Mapping[str, Any]) -> str:
    parts = []
    if more := impact.get("throughput_per_s"):
        parts.append(
            f"Without it about {wording.count(more['predicted'])} requests/s instead of "
            f"{wording.count(more['now'])} ({wording.count(more['low'])} to "
            f"{wording.count(more['high'])})."
        )
    if faster := impact.get("response_ms_p95"):
        parts.append(
            f"p95 about {wording.duration(faster['predicted'])} instead of "
            f"{wording.duration(faster['now'])}."
        )
    return " ".join(parts)
