"""A run's judgement as JUnit XML, which any CI shows: a test case per SLO, one for the verdict.

    testsuites > testsuite "name" > testcase "verdict", testcase "p99 < 300ms", …
                    failure: broken SLO, failed run        skipped: not judged, inconclusive

Follows the schema of Jenkins' xUnit plugin (junit-10.xsd), as Surefire and pytest do and GitLab
reads it: times in seconds, counts that add up, a case's output within it. (Ant's older schema
allows output of a whole suite only.) Characters that XML 1.0 forbids are replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from perfwright.model.manifest import RunManifest
from perfwright.model.result import RunResult
from perfwright.model.verdict import SloResult, Status
from perfwright.report import wording
from perfwright.report.load_words import load_of
from perfwright.report.run_document import verdict_box


def render_junit(manifest: RunManifest, result: RunResult) -> str:
    """The whole XML document, with its declaration."""
    name = wording.clean(manifest.name or manifest.run_id)
    cases = [_verdict_case(name, result), *(slo_case(name, slo) for slo in result.slos)]
    return suites(manifest, result, name=name, cases=cases)


def suites(
    manifest: RunManifest, result: RunResult, *, name: str, cases: Sequence[ET.Element]
) -> str:
    """One suite of these cases, as a whole document."""
    failures = sum(case.find("failure") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    time_s = f"{result.totals.duration_s:.3f}"
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    root = ET.Element("testsuites", {"name": "perfwright", **counts, "time": time_s})
    suite = ET.SubElement(
        root,
        "testsuite",
        {
            "name": name,
            **counts,
            "skipped": str(skipped),
            "time": time_s,
            "timestamp": manifest.started_at.split(".")[0].removesuffix("Z"),
            "hostname": wording.clean(str(manifest.host.get("name", "localhost"))),
        },
    )
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(manifest, result):
        ET.SubElement(properties, "property", {"name": key, "value": wording.clean(value)})
    suite.extend(cases)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _verdict_case(suite: str, result: RunResult) -> ET.Element:
    case = ET.Element(
        "testcase",
        {"classname": suite, "name": "verdict", "time": f"{result.totals.duration_s:.3f}"},
    )
    message = wording.clean(verdict_box(result).headline)
    reasons = wording.clean("\n".join(result.verdict.reasons), keep="\n")
    if result.verdict.status is Status.FAIL:
        failure = ET.SubElement(case, "failure", {"message": message, "type": "verdict"})
        failure.text = reasons
    elif result.verdict.status is Status.INCONCLUSIVE:
        first = wording.clean(result.verdict.reasons[0]) if result.verdict.reasons else message
        ET.SubElement(case, "skipped", {"message": f"inconclusive: {first}"})
    if reasons:
        ET.SubElement(case, "system-out").text = reasons
    return case


def slo_case(suite: str, slo: SloResult) -> ET.Element:
    """What became of one SLO."""
    attributes = {"classname": f"{suite}.slo", "name": wording.clean(slo.expr), "time": "0"}
    case = ET.Element("testcase", attributes)
    value = wording.measured(slo.value, slo.unit)
    limit = wording.measured(slo.limit, slo.unit)
    detail = wording.clean(slo.detail)
    if slo.ok is None:
        ET.SubElement(case, "skipped", {"message": detail or "could not be judged"})
        return case
    text = " ".join(part for part in (f"measured {value}, limit {limit}", detail) if part)
    if slo.ok is False:
        failure = ET.SubElement(case, "failure", {"message": text, "type": "slo"})
        failure.text = f"{wording.clean(slo.expr)}: {text}"
    else:
        ET.SubElement(case, "system-out").text = text
    return case


def _properties(manifest: RunManifest, result: RunResult) -> tuple[tuple[str, str], ...]:
    facts = (
        ("run_id", manifest.run_id),
        ("target", manifest.target),
        ("load", load_of(manifest)),
        ("status", result.verdict.status.value),
        ("requests", str(result.totals.requests)),
        ("errors", str(result.totals.errors)),
        ("git_commit", manifest.git_commit or ""),
    )
    return tuple((key, value) for key, value in facts if value)
