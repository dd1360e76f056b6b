"""What is counted out of a log agrees with counting by hand, whatever the limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from perfwright.model.traffic import ValuePlace
from perfwright.sources.access_logs import AccessLog, read_access_logs

EPOCH_S = 971_136_000  # 2000-10-10T00:00:00Z
SHOP, ITEMS, STATIC, BOTS, OTHERS = 0, 1, -2, -6, -7

# (s since the beginning, client, agent, request line's method and target, status)
VISITS = [
    (0, "10.0.0.1", "Firefox", "GET /", 200),
    (10, "10.0.0.1", "Firefox", "GET /items/1?page=2&q=mug", 200),
    (10, "10.0.0.2", "Firefox", "GET /items/2?page=2", 200),
    (12, "10.0.0.1", "Firefox", "GET /style.css", 200),
    (40, "10.0.0.1", "Firefox", "GET /items/1?page=3", 404),
    (41, "10.0.0.1", "Bot", "GET /robots.txt", 404),
    (42, "10.0.0.1", "Bot", "HEAD /items/2", 200),
    (5000, "10.0.0.1", "Firefox", "GET /items/3?q", 200),
    (5005, "10.0.0.1", "Firefox", "GET /", 200),
]


def line(at: float, client: str, agent: str, request: str, status: int) -> str:
    hours, rest = divmod(int(at), 3600)
    time = f"10/Oct/2000:{hours:02}:{rest // 60:02}:{rest % 60:02} +0000"
    return f'{client} - - [{time}] "{request} HTTP/1.1" {status} 100 "-" "{agent}" 0.250\n'


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AccessLog]:
    file = tmp_path / "access.log"
    file.write_text("".join(line(*visit) for visit in VISITS))
    with read_access_logs([file], scratch=tmp_path) as read:
        yield read


def endpoint_of(methods: Sequence[str], paths: Sequence[str]) -> list[int]:
    del methods
    return [
        STATIC if path.endswith((".css", ".txt")) else ITEMS if "/items/" in path else SHOP
        for path in paths
    ]


@pytest.fixture
def people(log: AccessLog) -> AccessLog:
    """Without the bot."""
    log.assign(endpoint_of)
    log.leave_out(BOTS, agents={"Bot"})
    return log


def test_totals_tell_of_all_requests(log: AccessLog) -> None:
    totals = log.totals()
    assert totals.requests == 9
    assert totals.end_us - totals.begin_us == 5_005_000_000
    assert totals.told_by == "address and agent"


def test_targets_come_most_requested_first(log: AccessLog) -> None:
    targets = log.targets()
    names = list(zip(targets.method, targets.path, targets.requests.tolist(), strict=True))
    assert names[:2] == [("GET", "/", 2), ("GET", "/items/1", 2)]
    assert ("HEAD", "/items/2", 1) in names
    assert targets.distinct == len(names) == 7
    assert targets.failed[1] == 1
    assert set(targets.weight) == {1.0}


def test_more_targets_than_asked_for_are_sampled_with_their_weight(log: AccessLog) -> None:
    targets = log.targets(limit=4)
    assert targets.path[:2] == ("/", "/items/1")
    assert targets.weight.tolist() == [1, 1, 2.5, 2.5]
    assert targets.weight.sum() == targets.distinct


def test_agents_come_most_requests_first(log: AccessLog) -> None:
    agents = log.agents()
    assert agents.agent == ("Firefox", "Bot")
    assert agents.requests.tolist() == [7, 2]


def test_visitors_show_their_conduct(log: AccessLog) -> None:
    visitors = log.visitors()
    assert visitors.client == ("10.0.0.1", "10.0.0.1", "10.0.0.2")
    assert visitors.agent == ("Firefox", "Bot", "Firefox")
    assert visitors.requests.tolist() == [6, 2, 1]
    assert visitors.errors.tolist() == [1, 1, 0]
    assert visitors.robots.tolist() == [0, 1, 0]
    assert visitors.only_path == (None, None, "/items/2")
    assert np.isnan(visitors.gap_mean_s).all()
    assert log.visitors(limit=1).visitor.tolist() == visitors.visitor[:1].tolist()


def test_visitors_of_one_path_show_their_pace(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    at_s = np.array([0, 10, 12, 40, 5000, 5005])
    pages = [line(at, "10.0.0.2", "Firefox", f"GET /{at}", 200) for at in range(9)]
    feed = [line(at, "10.0.0.1", "Firefox", f"GET /feed?since={at}", 200) for at in at_s]
    file.write_text("".join(pages + feed))
    with read_access_logs([file], scratch=tmp_path) as log:
        visitors = log.visitors()
    gaps = np.diff(at_s)
    assert visitors.only_path == (None, "/feed")
    assert visitors.gap_mean_s[1] == pytest.approx(gaps.mean())
    assert 5 <= visitors.gap_median_s[1] <= 28
    assert visitors.gap_cv[1] == pytest.approx(gaps.std(ddof=1) / gaps.mean())


def test_what_is_left_out_is_counted_by_its_code(people: AccessLog) -> None:
    assert people.left_out() == ((BOTS, 2), (STATIC, 1))


def test_agents_and_visitors_are_left_out_under_the_code_that_came_first(log: AccessLog) -> None:
    log.assign(endpoint_of)
    log.leave_out(OTHERS, visitors=log.visitors(limit=1).visitor)
    log.leave_out(BOTS, agents={"Bot"}, visitors=log.visitors().visitor[:2])
    assert log.left_out() == ((OTHERS, 6), (BOTS, 2))
    assert log.endpoints().requests.tolist() == [1]


def test_endpoints_tell_status_and_time(people: AccessLog) -> None:
    use = people.endpoints()
    assert use.endpoint.tolist() == [ITEMS, SHOP]
    assert use.requests.tolist() == [4, 2]
    assert use.queries.tolist() == [4, 0]
    assert use.statuses == (((200, 3), (404, 1)), ((200, 2),))
    assert use.bytes_sent.tolist() == [[100, 100], [100, 100]]
    assert use.duration_s == pytest.approx(np.full((2, 3), 0.25))
    assert np.isnan(use.bytes_received).all()


def test_paths_of_an_endpoint_with_and_without_their_queries(people: AccessLog) -> None:
    use = people.paths_of(ITEMS, limit=2)
    assert (use.path, use.requests.tolist()) == (("/items/1", "/items/2"), [2, 1])
    assert (use.distinct, use.others) == (3, 1)
    whole = people.paths_of(ITEMS, query=True)
    assert sorted(whole.path) == [
        "/items/1?page=2&q=mug", "/items/1?page=3", "/items/2?page=2", "/items/3?q",
    ]  # fmt: skip
    assert people.paths_of(99).path == ()


def test_a_question_mark_with_nothing_behind_it_is_no_query(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_text(
        "".join(line(0, "::1", "x", f"GET {path}", 200) for path in ("/a?", "/a", "/a?b"))
    )
    with read_access_logs([file], scratch=tmp_path) as log:
        log.assign(endpoint_of)
        use = log.paths_of(SHOP, query=True)
        assert log.endpoints().queries.tolist() == [1]
    assert (use.path, use.requests.tolist()) == (("/a", "/a?b"), [2, 1])


def test_parameters_keep_their_values(people: AccessLog) -> None:
    page, q = people.parameters(ITEMS)
    assert (page.name, page.requests, page.distinct) == ("page", 3, 2)
    assert page.values == (("2", 2), ("3", 1))
    assert q.values == (("", 1), ("mug", 1))
    assert people.parameters(ITEMS, limit=1)[0].others == 1
    assert people.parameters(SHOP) == ()


def test_gaps_are_of_what_counts(people: AccessLog) -> None:
    assert sorted(people.gaps()) == [5, 10, 30, 4960]


def test_a_gap_longer_than_the_timeout_begins_a_session(people: AccessLog) -> None:
    visits = people.visits(timeout_s=1800)
    assert visits.sessions == 3
    assert visits.session.tolist() == [0, 0, 0, 1, 2, 2]
    assert visits.endpoint.tolist() == [SHOP, ITEMS, ITEMS, ITEMS, ITEMS, SHOP]
    assert (visits.time_us - EPOCH_S * 1_000_000).tolist() == [
        round((at - 0.25) * 1e6) for at in (0, 10, 40, 10, 5000, 5005)
    ]
    names = people.target_names(visits.target)
    assert names[0] == ("GET", "/")
    assert names[3] == ("GET", "/items/2")
    assert people.visits(timeout_s=5).sessions == 5
    assert people.visits(timeout_s=4.999).sessions == 6


def test_values_come_by_session_in_the_order_of_their_requests(people: AccessLog) -> None:
    item = ValuePlace(endpoint=ITEMS, segments=((1, "", ""),))
    page = ValuePlace(endpoint=ITEMS, parameter="page")
    uses = people.value_uses((item, page), timeout_s=1800)
    rows = zip(uses.session.tolist(), uses.place.tolist(), uses.value.tolist(), strict=True)
    sessions: dict[int, list[tuple[int, int]]] = {}
    for session, place, value in rows:
        sessions.setdefault(session, []).append((place, value))
    long, short, shortest = sorted(sessions.values(), key=len, reverse=True)
    assert [[place for place, _ in one] for one in (long, short, shortest)] == [
        [0, 1, 0, 1], [0, 1], [0],
    ]  # fmt: skip
    assert long[0][1] == long[2][1]  # item 1, twice
    assert short[0][1] == short[1][1] == long[1][1]  # item 2 and page 2, be it path or query
    assert len(set(uses.value.tolist())) == 3  # 1, 2 and 3
    assert (np.diff(uses.request) >= 0).all()


def test_values_stand_between_their_prefix_and_suffix_and_may_be_several(
    people: AccessLog,
) -> None:
    of_path = ((0, "it", "s"), (1, "", ""))
    parts = [ValuePlace(endpoint=ITEMS, segments=(one,)) for one in of_path]
    both = ValuePlace(endpoint=ITEMS, segments=of_path)
    uses = people.value_uses((*parts, both), timeout_s=1800)
    different = [len(set(uses.value[uses.place == place].tolist())) for place in range(3)]
    assert different == [1, 3, 3]
    assert (uses.place == 2).sum() == 4
    absent = ValuePlace(endpoint=ITEMS, parameter="age")
    assert people.value_uses((absent,), timeout_s=1800).value.size == 0


def test_bins_hold_every_request_and_every_beginning(people: AccessLog) -> None:
    bins = people.per_bin(600, timeout_s=1800)
    assert bins.requests.sum() == 6
    assert bins.sessions.sum() == 3
    assert np.diff(bins.begin_s).tolist() == [600] * (len(bins.begin_s) - 1)
    assert bins.requests[-1] == 2
    with pytest.raises(ValueError, match="take longer ones"):
        people.per_bin(0.0001, timeout_s=1800)


def test_a_sample_holds_whole_visitors(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_text(
        "".join(line(n, f"10.0.{n % 50}.1", "Firefox", "GET /", 200) for n in range(1000))
    )
    with read_access_logs([file], scratch=tmp_path) as log:
        log.assign(lambda _, paths: [0] * len(paths))
        visits = log.visits(timeout_s=1800, limit=500)
        assert visits.sessions == 50
        assert visits.sampled_ratio == 0.5
        lengths = Counter(visits.session.tolist())
        assert set(lengths.values()) == {20}
        assert 10 < len(lengths) < 40
        again = log.visits(timeout_s=1800, limit=500)
        assert again.time_us.tolist() == visits.time_us.tolist()


def test_visitors_are_told_by_user_where_nearly_all_have_one(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    lines = [line(n, f"10.0.0.{n % 10}", "Firefox", "GET /", 200) for n in range(40)]
    file.write_text("".join(one.replace("- -", f"- user{n % 2}") for n, one in enumerate(lines)))
    with read_access_logs([file], scratch=tmp_path) as log:
        assert log.totals().told_by == "user"
        assert log.visitors().requests.tolist() == [20, 20]


def test_requests_come_in_the_order_of_their_times(log: AccessLog) -> None:
    rows = list(log.in_time_order())
    times = [row[0] for row in rows]
    assert times == sorted(times)
    assert [row[1:] for row in rows][:3] == [
        ("GET", "/", 200), ("GET", "/items/1?page=2&q=mug", 200), ("GET", "/items/2?page=2", 200),
    ]  # fmt: skip
