"""Wrong usage: exit code 2, nothing on stdout, and a message with field, value and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import perfwright.cli
from perfwright.cli import main

SCENARIO = """\
from perfwright import Test, csv, scenario

@scenario
async def visit(user):
    await user.get("/")
"""
URL = "http://127.0.0.1:9/"
Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.chdir(tmp_path)
    Path("visit.py").write_text(SCENARIO)

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    return invoke


@pytest.mark.parametrize(
    "words",
    [
        ["run", URL, "--for", "1s", "--watch", "portt:1"],
        ["investigate", URL, "--watch", "pid:abc"],
        ["investigate", URL, "--profile", "gprof"],
        ["investigate", URL, "--budget", "3s"],
    ],
)
def test_what_cannot_be_watched_or_searched_is_refused_before_there_is_a_run(
    invoke: Invoke, words: list[str]
) -> None:
    done = invoke(*words)
    assert done.exit_code == 2, done.output
    assert words[-2] in done.stderr
    assert words[-1] in done.stderr
    assert not Path(".perfwright").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run"], "Missing argument 'TEST.py|URL'"),
        (["run", "http://"], "URL: 'http://' is no URL; write http://127.0.0.1:8000"),
        (["run", "ftp://127.0.0.1/"], "URL: 'ftp://127.0.0.1/': only http:// and https:// are"),
        (["run", "missing.py"], "there is no test file 'missing.py'"),
        (["run", "visit.py"], "visit.py: no target; write Test(target='http://…') or give"),
        (["run", "visit.py", "--target", "shop"], "--target: 'shop' is no URL; write http://127"),
        (["run", "visit.py", "--method", "PUT"], "--method: a test file has no use for it"),
        (["run", "visit.py", "--body", "x"], "--body: a test file has no use for it, a URL has"),
        (["run", URL, "--target", URL], "--target: a URL has no use for it, a test file has"),
        (["run", URL, "--users", "0"], "Invalid value for '--users': 0 is not in the range x>=1"),
        (["run", URL, "--users", "ten"], "'--users': 'ten' is not a valid integer"),
        (["run", URL, "--rate", "0"], "Invalid value for '--rate': 0.0 is not in the range x>0"),
        (["run", URL, "--rate", "nan"], "arrivals(nan): it must be a finite number"),
        (["run", URL, "--users", "5", "--rate", "5"], "choose the closed model (--users) or the"),
        (["run", URL, "--for", "soon"], "--for: 'soon' is no duration; write 30s, 250ms, 5m or"),
        (["run", URL, "--for", "0s"], "--for: '0s' must be longer than zero, like 10s"),
        (["run", URL, "--ramp", "1m"], "--ramp: 1m must be shorter than the whole load, 30 s"),
        (["run", URL, "--grace", "-1s"], "--grace: '-1s' is no duration"),
        (["run", URL, "--timeout", "0"], "--timeout: '0' must be longer than zero, like 10s"),
        (["run", URL, "--warmup", "1h"], "warmup: 1h leaves nothing to judge of a load of 30 s"),
        (["run", URL, "--kind", "smok"], "--kind: there is no kind 'smok'; did you mean 'smoke'?"),
        (["run", URL, "--process", "poisson"], "--process: only the open model has arrivals"),
        (["run", URL, "--seed", "-1"], "Invalid value for '--seed': -1 is not in the range"),
        (["run", URL, "--slo", "p99 < fast"], "SLO: "),
        (["run", URL, "--stop-if", "errors >"], "SLO: "),
        (["run", URL, "--header", "x"], "--header: 'x' is no header; write 'Accept: text/html'"),
        (["run", URL, "--method", "G T"], "--method: 'G T' is no HTTP method, like GET or POST"),
        (["run", URL, "--body", "@no.json"], "--body: cannot read 'no.json': no such file"),
        (["run", URL, "--env", "A=1"], "--env: a URL has no use for it, a test file has"),
        (["run", "visit.py", "--env", "A"], "--env: 'A' must be KEY=VALUE"),
        (["run", URL, "--ca", "no.pem"], "--ca: there is no file 'no.pem'"),
        (["run", URL, "--cert", "c.pem"], "--cert: it needs --key beside it, both PEM files"),
        (["run", URL, "--resolve", "a:b"], "resolve: 'a:b' must be host:port:address, like"),
        (["run", URL, "--proxy", "proxy"], "--proxy: 'proxy' is no URL"),
        (["run", URL, "--connections", "few"], "'few' is not one of 'per_user', 'shared', 'new'"),
        (["run", "http://8.8.8.8/"], "8.8.8.8 is a public address; if it is yours to load, add "
         "--allow-target 8.8.8.8"),
        (["run", "http://no-such-host.invalid/"], "host 'no-such-host.invalid' does not resolve"),
        (["report"], "run: no run 'latest' in .perfwright; .perfwright holds no runs yet"),
        (["report", "--format", "pdf"], "'pdf' is not one of 'html', 'md', 'junit'"),
        (["report", "--json", "--out", "-"], "--json and --out -: both want stdout"),
        (["walk"], "No such command 'walk'"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_named_with_its_remedy(
    invoke: Invoke, words: list[str], message: str
) -> None:
    result = invoke(*words)
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("async def visit(user:\n", "visit.py:1: syntax error"),
        ("x = 1\n", "visit.py: there is no scenario in it"),
        ("import nowhere_at_all\n", "visit.py:1: the file fails when it is run"),
        (SCENARIO + "test = Test(load=3)\n", "visit.py:6: load: 3 is no shape"),
        (SCENARIO + "rows = csv('no.csv')\n", "visit.py:6: "),
        (SCENARIO + "test = Test(slos=['p99 < '])\n", "^"),
    ],
)
def test_a_broken_test_file_is_explained_in_the_users_words(
    invoke: Invoke, source: str, message: str
) -> None:
    Path("visit.py").write_text(source)
    result = invoke("run", "visit.py", "--target", URL)
    assert message in result.stderr
    assert (result.exit_code, result.stdout) == (2, "")
    assert "perfwright/plan" not in result.stderr


def test_an_empty_store_lists_nothing(invoke: Invoke) -> None:
    assert invoke("runs", "--json").stdout == "[]\n"
    result = invoke("runs")
    assert (result.exit_code, result.stdout) == (0, "")
    assert ".perfwright holds no runs: `perfwright run` makes one" in result.stderr


def test_an_internal_error_is_short_and_its_traceback_is_kept(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perfwright.cli.Commands, "get_command", _broken)
    result = invoke("runs")
    assert result.exit_code == 1
    assert "perfwright: internal error: ZeroDivisionError: division by zero" in result.stderr
    kept = Path(result.stderr.rpartition(" is in ")[2].strip())
    assert "ZeroDivisionError" in kept.read_text()
    kept.unlink()


def test_debug_shows_the_traceback_instead(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfwright.cli.Commands, "get_command", _broken)
    assert isinstance(invoke("--debug", "runs").exception, ZeroDivisionError)


def test_the_version_is_printed(invoke: Invoke) -> None:
    assert invoke("--version").stdout.startswith("perfwright ")


def _broken(*_: object) -> None:
    1 / 0  # noqa: B018
