"""`perfwright plan` from each kind of source to a test that runs against a real server."""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import plan_sources
from support.command import Finished, perfwright

from perfwright.cli import main

SOURCES: dict[str, Callable[[str], str]] = {
    "api.yaml": plan_sources.openapi,
    "shop.har": plan_sources.har,
    "shop.postman_collection.json": plan_sources.postman,
    "shop.jmx": plan_sources.jmx,
    "calls.sh": plan_sources.curl,
    "access.log": lambda _: plan_sources.access_log(),
}
FILES = ("TEST_PLAN.md", "model.json", "scenario.py", "test_plan.html")


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def plan(*words: str, stdin: bytes = b"") -> Finished:
    done = CliRunner().invoke(main, ["plan", *words], input=stdin)
    return Finished(done.exit_code, done.stdout, done.stderr)


def assert_whole(out: Path) -> None:
    """All files are there, the test parses, and the page asks nothing of a network."""
    assert all((out / name).stat().st_size for name in FILES)
    ast.parse((out / "scenario.py").read_text())
    assert "default-src 'none'" in (out / "test_plan.html").read_text()
    assert not list(out.parent.glob(f".{out.name}*"))


@pytest.mark.parametrize("name", SOURCES)
def test_a_plan_of_each_kind_of_source_runs(name: str, calibration: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(SOURCES[name](calibration))
    done = plan(name, "--out", "made", "--target", calibration, "--json")
    assert done.code == 0, done.err
    assert done.document["out"] == "made"
    assert_whole(tmp_path / "made")
    load = ["--rate", "30", "--for", "2s", "--quiet", "--json"]
    ran = perfwright(tmp_path, "run", "made/scenario.py", *load)
    totals = ran.document["totals"]
    assert totals["requests"] > 0
    assert totals["errors"] == 0, ran.document["steps"]


def test_a_log_is_modelled_simulated_and_told(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(plan_sources.access_log())
    done = plan("access.log")
    assert done.code == 0, done.err
    assert "Fidelity: " in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())
    text = (tmp_path / "plan-access" / "TEST_PLAN.md").read_text()
    assert "## Fidelity" in text
    assert "flowchart LR" in text
    model = json.loads((tmp_path / "plan-access" / "model.json").read_text())
    steps = {step["name"].split()[0] for step in model["steps"]}
    assert steps == {"GET", "POST"}
    assert model["workload"]["sessions"]["sessions"] == 400
    assert model["fidelity"]["verdict"] in ("faithful", "rough")


def test_a_log_comes_packed_and_over_standard_input(tmp_path: Path) -> None:
    packed = gzip.compress(plan_sources.access_log(sessions=60).encode())
    done = plan("-", "--out", "made", "--json", stdin=packed)
    assert done.code == 0, done.err
    assert done.document["sources"] == ["standard input"]
    assert_whole(tmp_path / "made")


def test_a_document_completes_a_log(calibration: str, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(plan_sources.access_log())
    (tmp_path / "api.yaml").write_text(plan_sources.openapi(calibration))
    done = plan("access.log", "api.yaml", "--out", "made", "--json")
    assert done.code == 0, done.err
    assert done.document["target"] == calibration
    assert 'json={"name": "' in (tmp_path / "made" / "scenario.py").read_text()


def test_a_log_of_odd_lines_is_planned_and_what_was_left_out_is_told(tmp_path: Path) -> None:
    """IPv6, a clock that goes backwards, addresses of 100 kB, junk and other formats between."""
    paths = ("/a/{}", "/" + "x" * 100_000, "/%25%2525%00", "/b?q=" + "%u" * 50, "*", "/\u00e9")
    lines = []
    for number in range(240):
        client = f"2001:db8::{number % 30:x}" if number % 2 else f"10.0.0.{number % 40}"
        when = f"24/Nov/2025:{10 - number // 120:02}:{number // 60:02}:{number % 60:02} +0100"
        path = paths[number % len(paths)].format(number)
        lines.append(f'{client} - - [{when}] "GET {path} HTTP/1.1" 200 - "-" "UA {number % 9}"')
    lines += ["\x00\x01 junk", '{"time": "2025-11-24T10:00:00Z", "path": "/j", "status": 200}']
    (tmp_path / "odd.log").write_text("\n".join(lines))
    done = plan("odd.log", "--out", "made", "--json")
    assert done.code == 0, done.err
    assert_whole(tmp_path / "made")
    assert done.document["workload"]["facts"]["bad_lines"] >= 1
    assert (tmp_path / "made" / "scenario.py").stat().st_size < 20_000


def test_an_edited_plan_is_kept(tmp_path: Path) -> None:
    (tmp_path / "calls.sh").write_text(plan_sources.curl("http://127.0.0.1:8000"))
    assert plan("calls.sh").code == 0
    assert plan("calls.sh").code == 0
    script = tmp_path / "plan-calls" / "scenario.py"
    script.write_text(script.read_text() + "# mine\n")
    refused = plan("calls.sh")
    assert refused.code == 2
    assert "scenario.py" in refused.err
    assert "--force" in refused.err
    assert script.read_text().endswith("# mine\n")
    assert plan("calls.sh", "--force").code == 0


def test_a_plan_from_answers_needs_no_source(tmp_path: Path) -> None:
    words = ["--new", "--name", "shop", "--target", "http://127.0.0.1:8000", "--url", "/items/{id}"]
    missing = plan(*words)
    assert missing.code == 2
    assert "--users N or --rate PER_S" in missing.err
    done = plan(*words, "--rate", "5", "--scale", "2x", "--purpose", "peak", "--json")
    assert done.code == 0, done.err
    assert done.document["load"]["parts"][0]["to"] == 10
    assert [test["kind"] for test in done.document["tests"]][-1] == "breakpoint"
    assert_whole(tmp_path / "plan-shop")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (bytes(range(256)) * 20, "it begins with"),
        (b"hello, this is a letter\nto nobody\n", "--log-format"),
        (b'{"log": 3}', "begins with"),
        (b"<html><body>404</body></html>", "begins with"),
    ],
)
def test_junk_is_a_clear_error_and_leaves_nothing(
    content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / "junk").write_bytes(content)
    done = plan("junk")
    assert done.code == 2, done.err
    assert "junk" in done.err
    assert told in done.err
    assert "internal error" not in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["junk"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "SOURCE"),
        (["nowhere.log"], "nowhere.log"),
        (["--new", "some.har"], "--new"),
        (["calls.sh", "--scale", "much"], "--scale"),
        (["calls.sh", "--slo", "p95 < 3"], "SLO"),
        (["calls.sh", "--target", "ftp://x"], "--target"),
        (["calls.sh", "--users", "3", "--rate", "2"], "--users"),
        (["calls.sh", "--map", "who"], "--map"),
        (["calls.sh", "--peak"], "--peak: only an access log"),
        (["calls.sh", "--shape", "day"], "--shape day: only an access log"),
        (["calls.sh", "--rate", "2", "--compress", "24h:10m"], "--compress: it goes with no"),
        (["calls.sh", "--growth", "30%/year"], "give --users or --rate"),
        (["calls.sh", "--out", "calls.sh"], "--out"),
        (["-", "-"], "once only"),
    ],
)
def test_wrong_usage_is_told_with_code_2(words: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "calls.sh").write_text(plan_sources.curl("http://127.0.0.1:8000"))
    done = plan(*words)
    assert done.code == 2, done.out + done.err
    assert told in done.err


HOSTILE = (
    '"); import os; os.system("touch owned") #',
    "'''\"\"\"{__import__('os').system('touch owned')}",
    "../../../../tmp/owned",
    "%0a%0dimport os",
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "{{7*7}}${7*7}",
    "a" * 20_000,
)


def test_what_a_log_says_is_never_run(calibration: str, tmp_path: Path) -> None:
    from urllib.parse import quote

    lines = []
    for number in range(300):
        path = "/echo/" + quote(HOSTILE[number % len(HOSTILE)], safe="/(){}'\"<>;,*$%#!")
        when = f"24/Nov/2025:00:{number // 60:02}:{number % 60:02} +0000"
        raw = path.replace(" ", "%20").replace('"', "%22")
        agent = HOSTILE[number % 3].replace('"', "'")
        lines.append(
            f'10.0.0.{number % 40} - - [{when}] "GET {raw} HTTP/1.1" 200 9 "-" "{agent}"\n'
        )
    (tmp_path / "access.log").write_text("".join(lines))
    done = plan("access.log", "--out", "made", "--target", calibration)
    assert done.code == 0, done.err
    assert_harmless(tmp_path)
    perfwright(tmp_path, "run", "made/scenario.py", "--rate", "20", "--for", "1s", "--quiet")
    assert_harmless(tmp_path)


@pytest.mark.parametrize("kind", ["shop.har", "shop.postman_collection.json", "api.yaml"])
def test_what_a_document_says_is_never_run(kind: str, tmp_path: Path) -> None:
    target = "http://127.0.0.1:8000"
    for number, hostile in enumerate(HOSTILE[:6]):
        text = SOURCES[kind](target)
        quoted = json.dumps(hostile)[1:-1]
        text = text.replace("ada", quoted).replace("Calibration", quoted).replace("say", quoted)
        (tmp_path / kind).write_text(text)
        done = plan(kind, "--out", f"made{number}")
        assert done.code in (0, 2), done.err
        assert "internal error" not in done.err, done.err
        assert_harmless(tmp_path)


def assert_harmless(folder: Path) -> None:
    """Nothing was started, nothing lies where it should not, and the texts hold no markup."""
    assert not list(folder.rglob("owned*"))
    for script in folder.glob("made*/scenario.py"):
        assert "os" not in {
            alias.name
            for node in ast.walk(ast.parse(script.read_text()))
            if isinstance(node, ast.Import)
            for alias in node.names
        }
    for page in folder.glob("made*/test_plan.html"):
        assert "<script>alert" not in page.read_text()
    for text in folder.glob("made*/TEST_PLAN.md"):
        assert "<script>alert" not in text.read_text()


def test_a_source_without_a_request_that_can_be_sent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "db.jmx").write_text(
        '<jmeterTestPlan version="1.2"><hashTree><TestPlan testname="db"/><hashTree>'
        '<ThreadGroup testname="users"/><hashTree><JDBCSampler testname="query"/><hashTree/>'
        "</hashTree></hashTree></hashTree></jmeterTestPlan>"
    )
    done = plan("db.jmx")
    assert done.code == 2
    assert "'db.jmx' holds no request that can become a test" in done.err
    assert not (tmp_path / "plan-db").exists()
