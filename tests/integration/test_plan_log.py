"""From lines of a log to a drafted test: known users, and logs that are hardly any."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.known_users import BUYERS, NAMES, ZIPF, known_users

from perfwright.analyze.planning.visits import visits_of
from perfwright.model.errors import DataError
from perfwright.sources.access_logs import kept, read_access_logs
from perfwright.workflow.plan_log import LogOptions, PlannedLog, plan_log

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


def line(at_s: float, path: str, *, status: int = 200, agent: str = BROWSER, host: int = 1) -> str:
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(1_790_000_000 + at_s))
    return f'10.0.0.{host} - - [{stamp}] "GET {path} HTTP/1.1" {status} 512 "-" "{agent}"\n'


def planned(folder: Path, text: str, options: LogOptions | None = None) -> PlannedLog:
    log_file = folder / "access.log"
    log_file.write_text(text, encoding="utf-8")
    with read_access_logs([log_file], scratch=folder) as log:
        return plan_log(log, options)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> PlannedLog:
    """Known users, beside a crawler, a monitor, a scanner, health checks and static files."""
    lines = list(known_users(3_000).log_lines())
    robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    lines += [line(7 * n, f"/items/{n % 500 + 1}", agent=robot, host=2) for n in range(300)]
    lines += [line(10 * n, "/items", host=3) for n in range(400)]
    lines += [line(n, f"/wp-{n}.php", status=404, host=4) for n in range(200)]
    lines += [line(n * n / 2, "/healthz", host=5) for n in range(100)]
    lines += [line(20 * n, "/static/app.css", host=6 + n % 90) for n in range(250)]
    return planned(tmp_path_factory.mktemp("shop"), "".join(lines))


def test_the_endpoints_are_those_of_the_users(shop):
    assert {endpoint.name for endpoint in shop.workload.endpoints} == set(NAMES)
    assert sum(endpoint.share for endpoint in shop.workload.endpoints) == pytest.approx(1.0)
    (item,) = (one for one in shop.workload.endpoints if one.name == "GET /items/{item_id}")
    assert item.parameters[0].popularity.zipf_s == pytest.approx(ZIPF, abs=0.1)


def test_what_is_no_user_is_left_out_and_told(shop):
    left_out = {one.what: one.requests for one in shop.workload.left_out}
    assert left_out == {"bots": 500, "monitors": 400, "static files": 250, "health checks": 100}


def test_the_walks_are_the_users_kinds(shop):
    assert [walk.name for walk in shop.draft.walks] == ["browse_items", "checkout"]
    assert shop.draft.walks[1].weight == pytest.approx(100 * BUYERS, abs=6)
    steps = {call.name for call in shop.draft.steps}
    for walk in shop.draft.walks:
        for source in {edge.source for edge in walk.edges}:
            leaving = [edge for edge in walk.edges if edge.source == source]
            assert sum(edge.probability for edge in leaving) == pytest.approx(1.0)
            assert {edge.to for edge in leaving} <= steps | {None}


def test_the_trace_is_what_was_seen(shop):
    trace = shop.trace
    assert trace.steps == tuple(endpoint.name for endpoint in shop.workload.endpoints)
    assert trace.session.size == sum(endpoint.requests for endpoint in shop.workload.endpoints)
    assert trace.starts_s.size == shop.workload.sessions.sessions == 3_000
    assert trace.resolution_s == 1.0
    items = {trace.items[place] for place in trace.item if place >= 0}
    assert all(item.startswith("/items/") for item in items)


def test_the_same_log_gives_the_same_plan(tmp_path):
    text = "".join(known_users(300).log_lines())
    one, other = planned(tmp_path, text), planned(tmp_path, text)
    assert one.draft == other.draft
    assert one.workload == other.workload


ODD_PATHS = ('/"%29;import+os', "/../../etc", "/%2e%2e/x", "/\u202e", "/a?%=%&b", "/?", "//", "/ok")
ODD_LOGS = {
    "one line": line(0, "/items/42?x=1"),
    "bots": "".join(line(n, f"/p{n}", agent="Googlebot/2.1") for n in range(50)),
    "static files": "".join(line(n, f"/{n % 7}.css") for n in range(50)),
    "failures": "".join(line(n, f"/x{n}.php", status=404) for n in range(50)),
    "a poller": "".join(line(10 * n, f"/feed?since={n}") for n in range(50)),
    "one second": "".join(line(0, f"/p/{n}", host=n % 50) for n in range(200)),
    "backwards": "".join(line(-n, f"/p/{n}") for n in range(200)),
    "long targets": line(0, "/" + "a" * 100_000) + line(1, "/x?" + "q=" * 50_000) + line(2, "/ok"),
    "odd paths": "".join(line(n, path) for n, path in enumerate(ODD_PATHS)),
}


@pytest.mark.parametrize("text", ODD_LOGS.values(), ids=ODD_LOGS.keys())
def test_any_log_with_a_request_gives_a_test(tmp_path, text):
    draft = planned(tmp_path, text).draft
    assert draft.steps
    assert draft.walks
    assert draft.load is not None
    assert draft.load.parts[0].to > 0


def test_a_stamp_that_is_far_off_does_not_spoil_the_rates(tmp_path):
    text = line(-1e9, "/a") + "".join(line(n, f"/p/{n}", host=n % 9) for n in range(300))
    found = planned(tmp_path, text)
    assert found.workload.arrivals.requests_per_s == pytest.approx(1.0, rel=0.05)
    assert any("stamped far" in note for note in found.draft.notes)


def test_a_rate_that_makes_hardly_a_session_is_told(tmp_path):
    text = "".join(line(3600 * n, "/", host=n) for n in range(1, 20))
    assert any("--scale" in note for note in planned(tmp_path, text).draft.notes)


def test_everybody_behind_one_address_keeps_the_requests_of_the_log(tmp_path):
    text = "".join(line(n / 10, f"/items/{n % 7}" if n % 3 else "/") for n in range(3000))
    found = planned(tmp_path, text)
    assert found.draft.load is not None
    made = found.draft.load.parts[0].to * visits_of(found.draft).requests
    assert made == pytest.approx(10.0, rel=0.05)
    assert any("one visitor" in note for note in found.draft.notes)


def test_a_fragment_before_the_query_is_no_part_of_a_value(tmp_path):
    text = "".join(line(n, f"/a-{n % 9}/b#/c?d={n}", host=n % 5) for n in range(300))
    (data,) = planned(tmp_path, text).draft.data
    assert {len(row) for row in data.rows} == {len(data.columns)}


def test_nothing_left_is_an_error_that_says_what_to_do(tmp_path):
    text = "".join(line(3 * n * n, "/healthz") for n in range(50))
    with pytest.raises(DataError, match="--keep-bots"):
        planned(tmp_path, text)
    assert planned(tmp_path, text, LogOptions(keep_bots=True)).draft.steps


def test_too_few_visitors_to_take_a_sample_of_are_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "sampled_ratio", lambda *_: 0.0)  # as of 2 million from one address
    text = "".join(line(n, f"/items/{n % 9}") for n in range(50))
    with pytest.raises(DataError, match="no sample of them could be taken"):
        planned(tmp_path, text)
