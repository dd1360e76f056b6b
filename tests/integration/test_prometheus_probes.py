"""The Prometheus probes against real pages, a real server, and pages that are none."""

from __future__ import annotations

import math
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import prometheus_client as prom
import pytest
from support.raw_server import answering, raw_server, read_head, wait_for_close

from perfwright.model.errors import ProbeError
from perfwright.model.protocols import Probe
from perfwright.model.watched import Sample
from perfwright.observe.prometheus import Page, PrometheusProbe
from perfwright.observe.promql import PromqlProbe


def answer(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def by_name(samples: tuple[Sample, ...] | list[Sample]) -> dict[tuple[str, str], float]:
    return {(one.metric, one.label): one.value for one in samples}


def test_each_kind_of_metric_is_read_as_what_it_is() -> None:
    registry = prom.CollectorRegistry()
    orders = prom.Counter("orders", "", ["kind"], registry=registry)
    depth = prom.Gauge("depth", "", registry=registry)
    wait = prom.Histogram("wait_seconds", "", buckets=[0.1, 0.2], registry=registry)
    size = prom.Summary("size_bytes", "", registry=registry)
    orders.labels("new").inc(5)
    page = Page("there")
    page.take(prom.generate_latest(registry).decode(), 0, at_s=10.0)
    orders.labels("new").inc(6)
    depth.set(3)
    for _ in range(10):
        wait.observe(0.15)
    size.observe(100)
    samples, cut = page.take(prom.generate_latest(registry).decode(), 2, at_s=12.0)
    assert not cut
    assert by_name(samples) == {
        ("orders_total", "kind=new"): 3.0,
        ("depth", ""): 3.0,
        ("wait_seconds_count", ""): 5.0,
        ("wait_seconds_sum", ""): pytest.approx(0.75),
        ("wait_seconds", "p50"): pytest.approx(0.15),
        ("wait_seconds", "p99"): pytest.approx(0.199),
        ("size_bytes_count", ""): 0.5,
        ("size_bytes_sum", ""): 50.0,
    }
    assert {(one.second, one.subject) for one in samples} == {(2, "there")}


def test_a_page_is_read_every_second_over_one_connection_and_hides_its_password() -> None:
    pages = (answer(b"done_total 5\nx NaN\n"), answer(b"done_total 9\nx 2\n"))
    with raw_server(answering(*pages)) as server:
        probe = PrometheusProbe(f"prometheus:http://me:secret@127.0.0.1:{server.port}/metrics?k=v")
        probe.open(0)
        reading = probe.read(0)
        probe.close()
    assert server.connections == 1
    assert {one.metric for one in reading.samples} == {"done_total", "x"}
    assert {one.subject for one in reading.samples} == {f"{server.url}/metrics"}
    assert "secret" not in probe.name


def test_series_beyond_the_limit_are_cut_and_noted() -> None:
    page = "".join(f'x{{n="{n}"}} 1\n' for n in range(3000)).encode()
    with raw_server(answering(answer(page), answer(page))) as server:
        probe = PrometheusProbe(f"prometheus:{server.url}")
        probe.open(0)
        reading = probe.read(0)
        probe.close()
    assert len(reading.samples) == 2000
    assert "more than 2000 series" in reading.notes[0]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (answer(b"<html><body>Welcome</body></html>"), "no Prometheus page .it begins '<html>"),
        (answer(b"a 1\nb {{{ 2 3\n"), "no Prometheus page"),
        (answer(b"\xff\xfe\x00\x01 x y z"), "no Prometheus page"),
        (answer(b"", "404 Not Found"), "HTTP 404; check the path"),
        (answer(b"", "401 Unauthorized"), "HTTP 401; put user:password@"),
        (answer(b"", "302 Found", "Location: /x\r\n"), "give the address it points to: /x"),
        (answer(b"a 1\n" * (3 << 20)), "larger than 8 MiB"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "cannot be read"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nx 1\n", "cannot be read"),
    ],
)
def test_what_is_no_page_is_told_and_raised(sent: bytes, told: str) -> None:
    with raw_server(answering(sent)) as server:
        probe = PrometheusProbe(f"prometheus:{server.url}/metrics")
        with pytest.raises(ProbeError, match=told):
            probe.open(0)


def test_a_page_that_never_ends_is_given_up() -> None:
    def drip(connection: socket.socket, _: int) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x 1\n")
            time.sleep(0.05)

    with raw_server(drip) as server:
        probe = PrometheusProbe(f"prometheus:{server.url}/metrics")
        with pytest.raises(ProbeError, match="not complete within"):
            probe.open(0)


def test_a_page_that_does_not_answer_is_given_up() -> None:
    with raw_server(lambda connection, _: wait_for_close(connection)) as server:
        probe: Probe = PrometheusProbe(f"prometheus:{server.url}/metrics")
        with pytest.raises(ProbeError, match="cannot be read"):
            probe.open(0)


@pytest.mark.parametrize("spec", ["prometheus:", "prometheus:ftp://x/", "prometheus:http://x:y/"])
def test_an_address_that_means_nothing_is_refused(spec: str) -> None:
    with pytest.raises(ProbeError, match="write prometheus:http://HOST:PORT/metrics"):
        PrometheusProbe(spec)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus server that scrapes itself."""
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("needs Debian's prometheus package: make test-servers")
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    config = folder / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s}\n"
        f"scrape_configs: [{{job_name: self, static_configs: [{{targets: ['{address}']}}]}}]\n"
    )
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={address}",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _until_it_has_data(f"http://{address}")
            yield f"http://{address}"
        finally:
            process.terminate()


def _until_it_has_data(url: str) -> None:
    give_up_s = time.monotonic() + 60
    while time.monotonic() < give_up_s:
        try:
            asked = httpx.get(f"{url}/api/v1/query", params={"query": "up"}, timeout=5)
            if asked.status_code == 200 and asked.json()["data"]["result"]:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError("prometheus has nothing to tell after 60 s")


def test_a_real_servers_own_page_is_read(server: str) -> None:
    probe = PrometheusProbe(f"prometheus:{server}")
    probe.open(0)
    found = by_name(probe.read(0).samples)
    probe.close()
    assert found["go_goroutines", ""] > 0
    assert found["process_cpu_seconds_total", ""] >= 0


def test_a_query_gives_its_series(server: str) -> None:
    probe = PromqlProbe(f"promql:{server}?query=up&query=1+1&query=sum(up)")
    probe.open(0)
    samples = probe.read(7).samples
    probe.close()
    address = server.removeprefix("http://")
    assert by_name(samples) == {
        ("up", f"instance={address},job=self"): 1.0,
        ("1+1", ""): 2.0,
        ("sum(up)", ""): 1.0,
    }
    assert {(one.second, one.subject) for one in samples} == {(7, server)}


@pytest.mark.parametrize(
    ("query", "told"),
    [("up[5m]", "a range such as"), ("((", "HTTP 400"), ("'text'", "no instant vector or number")],
)
def test_a_query_that_gives_no_numbers_is_refused(server: str, query: str, told: str) -> None:
    with pytest.raises(ProbeError, match=told):
        PromqlProbe(f"promql:{server}?query={query}").open(0)


@pytest.mark.parametrize("spec", ["promql:http://x", "promql:x?query=up", "promql:http://?query=x"])
def test_a_server_or_query_that_is_missing_is_refused(spec: str) -> None:
    with pytest.raises(ProbeError, match="an address and a query are needed"):
        PromqlProbe(spec)


def test_infinities_are_no_samples() -> None:
    samples, _ = Page("there").take("a +Inf\nb NaN\nc 1\n", 0, at_s=0.0)
    assert [one.metric for one in samples] == ["c"]
    assert all(math.isfinite(one.value) for one in samples)
