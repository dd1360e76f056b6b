"""`perfwright record`: what a client does through the proxy works, and is in the file."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.certificates import Authority
from support.command import finished, perfwright, started
from support.hars import calls_of
from support.recordings import address_of
from support.sample_site import sample_site, token_in
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from perfwright.model.journey import Body, Var
from perfwright.sources.har import read_har

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with sample_site() as url:
        yield url


def test_a_login_through_the_proxy_is_recorded_as_the_site_saw_it(
    site: str, tmp_path: Path
) -> None:
    with recording(site, tmp_path) as (front, done), browser(front) as client:
        page = client.get("/", headers={"Accept": "text/html"})
        assert f"{front}/login" in page.text
        assert "domain" not in page.headers["set-cookie"].lower()
        home = client.post(
            "/login",
            content=f"csrf={token_in(page.text)}&user=ann&password=pw-12345",
            headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": front},
        )
        assert str(home.url) == f"{front}/home"
        assert home.json()["host"] == site.removeprefix("http://")
        told = done()
    assert told == {"path": str(tmp_path / "a.har"), "target": site, "entries": 3, "pages": 1}
    draft = read_har(tmp_path / "a.har")
    form, login = calls_of(draft)
    assert (form.name, login.name) == ("GET /", "POST /login")
    assert login.body == Body(
        "form", (("csrf", Var("csrf")), ("user", Var("user")), ("password", Var("password")))
    )
    assert draft.target == site
    assert "pw-12345" not in repr(draft)


def test_bytes_pass_as_they_are(site: str, tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b"\xff" * 1000

    with recording(site, tmp_path) as (front, done), browser(front) as client:
        told = client.put("/up/%2e%2e/a%2Fb?q=%zz&q=ä+b", content=chunks()).json()
        assert told["body"] == "ÿ" * 3000
        assert told["query"] in ("q=%25zz&q=%C3%A4+b", "q=%zz&q=%C3%A4+b")  # the client's choice
        assert client.head("/thing").headers["content-type"] == "application/json"
        done()
    first = entries(tmp_path)[0]
    assert first["request"]["postData"]["encoding"] == "base64"
    assert first["request"]["bodySize"] == 3000


def test_a_stream_passes_piece_by_piece_and_ends_with_its_reader(site: str, tmp_path: Path) -> None:
    with recording(site, tmp_path) as (front, done), browser(front) as client:
        with client.stream("GET", "/events") as events:
            assert next(events.iter_lines()) == "data: tick"
        assert client.get("/after").status_code == 200
        done()
    errors = [one["response"].get("_error") for one in entries(tmp_path)]
    assert "the browser went away" in errors


def test_sockets_pass_both_ways(site: str, tmp_path: Path) -> None:
    with recording(site, tmp_path) as (front, done):
        with connect(f"{front.replace('http', 'ws')}/socket", proxy=None) as socket:
            socket.send("hello")
            assert socket.recv() == "you said hello"
            socket.send(b"\x00")
            assert socket.recv() == b"\x00"
            with pytest.raises(ConnectionClosed):
                socket.recv()
            assert socket.close_code == 4001
        done()
    (one,) = entries(tmp_path)
    assert (one["_resourceType"], one["response"]["status"]) == ("websocket", 101)


def test_a_target_over_tls_has_a_front_without(tmp_path: Path) -> None:
    pair = Authority(tmp_path).self_signed("site", "site", alternative="IP:127.0.0.1")
    with (
        sample_site(tls=pair) as secure,
        recording(secure, tmp_path, "--insecure") as (front, done),
    ):
        with browser(front) as client:
            page = client.get("/")
            assert f"{front}/login" in page.text
            assert page.headers["set-cookie"] == f"sid={token_in(page.text)}; Path=/"
            assert "strict-transport-security" not in page.headers
            body = f"csrf={token_in(page.text)}&password=x"
            assert client.post("/login", content=body).url.path == "/home"
        with connect(f"{front.replace('http', 'ws')}/socket", proxy=None) as socket:
            socket.send("hello")
            assert socket.recv() == "you said hello"
        assert done()["entries"] == 4
    assert entries(tmp_path)[0]["request"]["url"] == f"{secure}/"


def test_a_certificate_that_cannot_be_verified_is_told(tmp_path: Path) -> None:
    pair = Authority(tmp_path).self_signed("site", "site", alternative="IP:127.0.0.1")
    with sample_site(tls=pair) as secure, recording(secure, tmp_path) as (front, done):
        with browser(front) as client:
            answer = client.get("/")
        assert answer.status_code == 502
        assert "--insecure accepts it" in answer.text
        done()


def test_what_is_under_way_when_it_ends_is_in_the_file(site: str, tmp_path: Path) -> None:
    with (
        recording(site, tmp_path) as (front, done),
        browser(front) as client,
        client.stream("GET", "/events") as events,
    ):
        next(events.iter_lines())
        assert done()["entries"] == 1
    assert entries(tmp_path)[0]["request"]["url"] == f"{site}/events"


def test_killed_outright_it_leaves_a_whole_file(site: str, tmp_path: Path) -> None:
    words = ("record", "--target", site, "--listen", "127.0.0.1:0", "--out", "a.har")
    with started(tmp_path, *words) as process:
        with browser(address_of(process)) as client:
            for number in range(5):
                client.get(f"/{number}")
        process.kill()
        process.wait()
    assert len(entries(tmp_path)) == 5


def test_a_target_that_is_not_there_is_told_to_the_browser(
    unused_port: int, tmp_path: Path
) -> None:
    with recording(f"127.0.0.1:{unused_port}", tmp_path) as (front, done), browser(front) as client:
        answer = client.get("/")
        assert answer.status_code == 502
        assert "no answer from the target" in answer.text
        done()
    assert entries(tmp_path)[0]["response"]["status"] == 0


def test_it_ends_by_itself_when_the_time_is_up(site: str, tmp_path: Path) -> None:
    words = ("--target", site, "--listen", "127.0.0.1:0", "--for", "200ms")
    done = perfwright(tmp_path, "record", *words)
    assert done.code == 0
    assert "recording.har: 0 requests" in done.out
    again = perfwright(tmp_path, "record", *words)
    assert "recording-2.har" in again.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--target", "ftp://x"), "--target: 'ftp://x' is no address"),
        (("--target", "http://x", "--listen", "8888x"), "--listen: '8888x' is no HOST:PORT"),
        (("--target", "http://x", "--for", "soon"), "--for: 'soon' is no duration"),
        (("--target", "http://x", "--listen", "203.0.113.1:1"), "--listen: cannot listen"),
    ],
)
def test_wrong_usage_is_told(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = perfwright(tmp_path, "record", *words)
    assert done.code == 2
    assert told in done.err
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: Debian's package chromium")
def test_a_real_browser_stays_on_the_proxy(site: str, tmp_path: Path) -> None:
    with recording(site, tmp_path) as (front, done):
        page = subprocess.run(
            [
                str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                f"--user-data-dir={tmp_path / 'profile'}", "--no-proxy-server",
                "--virtual-time-budget=3000", "--dump-dom", f"{front}/",
            ],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        told = done()
    assert f"<title>{front}/home</title>" in page.stdout
    assert told["pages"] == 1
    draft = read_har(tmp_path / "a.har")
    assert [call.name for call in calls_of(draft)] == ["GET /"]
    assert json.loads((tmp_path / "a.har").read_bytes())["log"]["pages"][0]["title"] == "Log in"


@contextmanager
def recording(target: str, folder: Path, *more: str) -> Iterator[tuple[str, Any]]:
    """Its address, and what ends it and gives what it printed."""
    out = folder / "a.har"
    words = (
        "record",
        "--target",
        target,
        "--listen",
        "127.0.0.1:0",
        "--out",
        str(out),
        "--json",
        *more,
    )
    with started(folder, *words) as process:

        def done() -> Any:
            process.send_signal(signal.SIGINT)
            ended = finished(process)
            assert ended.code == 0, ended.err
            return ended.document

        yield address_of(process), done


def browser(front: str) -> httpx.Client:
    return httpx.Client(base_url=front, follow_redirects=True, trust_env=False, timeout=20)


def entries(folder: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads((folder / "a.har").read_bytes())["log"]["entries"]
    return listed
