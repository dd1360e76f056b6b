"""What hostile collections, plans and commands are written as: harmless Python, files in place."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from support.jmx import element, headers, plan, prop, sampler, thread_group, user_defined

from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.model.journey import ScenarioDraft
from perfwright.sources.curl import read_curl
from perfwright.sources.jmx import read_jmx
from perfwright.sources.postman import read_postman

HOSTILE = [
    '"); import os; os.abort()', "../../etc/passwd", "a\nb", "\u202egnp.exe", "'''\"\"\"", "{x}",
    "{user.id}", "\\", "class", "$(id)", "a" * 100_000, "%s%n%25", "\u2028", "\r\n", "",
]  # fmt: skip


def hold(draft: ScenarioDraft, folder: Path) -> None:
    tree = ast.parse(write_scenario(draft))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= {"os", "re", "time", "uuid", "json", "string"}
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "abort" not in called
    for path in write_data(draft, folder):
        assert path.resolve().is_relative_to(folder.resolve())


@pytest.mark.parametrize("bad", HOSTILE, ids=lambda bad: repr(bad[:20]))
def test_a_hostile_collection_is_harmless(tmp_path: Path, bad: str) -> None:
    raw = json.dumps({bad: bad, "a": "{{" + bad + "}}", "b": "{{$randomEmail}}"})
    request = {
        "method": "POST",
        "url": f"http://h/{{{{{bad}}}}}/{bad}?{bad}={bad}",
        "header": [{"key": "X-A", "value": bad}, {"key": bad, "value": bad}],
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": bad}]},
        "body": {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}},
    }
    said = json.dumps(bad)
    script = [f"pm.test({said}, () => {{", f"pm.environment.set({said}, pm.response.json());", bad]
    item = {
        "name": bad,
        "request": request,
        "event": [{"listen": "test", "script": {"exec": script}}],
    }
    variable = [{"key": bad, "value": bad}]
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"info": {"name": bad}, "item": [item], "variable": variable}))
    hold(read_postman(path), tmp_path)


@pytest.mark.parametrize("bad", HOSTILE, ids=lambda bad: repr(bad[:20]))
def test_a_hostile_plan_is_harmless(tmp_path: Path, bad: str) -> None:
    config = element("CSVDataSet", bad, prop("filename", bad), prop("variableNames", f"{bad},b"))
    extractor = element("BoundaryExtractor", bad, prop("BoundaryExtractor.refname", bad),
                        prop("BoundaryExtractor.lboundary", bad or "x"))  # fmt: skip
    call = sampler(f"/{bad}/${{b}}/${{{bad}}}", extractor, headers(X=bad), name=bad, method="POST",
                   body=bad, properties=(prop("TestPlan.comments", bad),))  # fmt: skip
    path = tmp_path / "p.jmx"
    text = plan(user_defined(v=bad), thread_group(config, call, name=bad), name=bad)
    path.write_text(text, encoding="utf-8")
    hold(read_jmx(path), tmp_path)


@pytest.mark.parametrize("bad", HOSTILE, ids=lambda bad: repr(bad[:20]))
def test_a_hostile_command_is_harmless(tmp_path: Path, bad: str) -> None:
    hold(read_curl(f"curl http://h/a -H 'A: {bad}' -F '{bad}=@{bad}'\ncurl h/{bad} -d '{bad}'"),
         tmp_path)  # fmt: skip
