"""`Test`: written loosely, held strictly; each field's nonsense is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfwright import Test, arrivals, scenario, users
from perfwright.model.errors import UsageError
from perfwright.plan.fields import Resolve, header_line
from perfwright.plan.slo import parse_slo, parse_stop_rule


def test_what_people_write_becomes_clean_values() -> None:
    test = Test(
        target="http://127.0.0.1:8000/",
        load=arrivals(5).hold("1m"),
        slos=["p99 < 300ms"],
        stop_if=["errors > 50% for 10s"],
        warmup="10s",
        timeout="5s",
        max_body="1MB",
        headers={"Accept": "text/html"},
        resolve=["Shop.test:443:[::1]"],
    )
    assert test.target == "http://127.0.0.1:8000"
    assert test.load == {"": arrivals(5).hold(60)}
    assert test.slos == (parse_slo("p99 < 300ms"),)
    assert test.stop_if == (parse_stop_rule("errors > 50% for 10s"),)
    assert (test.warmup_s, test.timeout_s, test.max_body_bytes) == (10, 5, 1_000_000)
    assert test.resolve == (Resolve(host="shop.test", port=443, address="::1"),)
    assert test.duration_s == 60
    assert test.judged_windows() == ((10, 60),)


def test_each_scenario_may_have_its_own_load() -> None:
    test = Test(load={"buy": arrivals(5).hold("1m"), "browse": users(3).hold("2m")})
    assert test.duration_s == 120
    assert [shape.model for shape in test.load.values()] == ["open", "closed"]


def test_without_a_load_ten_users_are_held() -> None:
    assert Test().load == {"": users(10)}
    assert Test().duration_s == 30


def test_scenarios_are_chosen_by_name_or_function() -> None:
    @scenario(name="purchase")
    async def buy(user: Any) -> None: ...

    assert Test(scenarios=["browse", buy]).scenarios == ("browse", "purchase")


def test_a_changed_copy_leaves_the_first_as_it_was() -> None:
    test = Test(seed=1)
    assert (test.replaced(seed=7).seed, test.seed) == (7, 1)


def test_a_test_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Test().seed = 3  # type: ignore[misc]


def test_a_certificate_and_its_key_come_together(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    test = Test(client_cert=tmp_path / "cert.pem", client_key=str(tmp_path / "key.pem"))
    assert test.client_key == tmp_path / "key.pem"
    with pytest.raises(UsageError, match="client_cert: it needs client_key beside it"):
        Test(client_cert=tmp_path / "cert.pem")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("target", "127.0.0.1:8000", "target: '127.0.0.1:8000' is no URL; write http://"),
        ("target", "ftp://x", "target: 'ftp://x' is no URL"),
        ("target", "http://x:99999", "target: 'http://x:99999' is no URL"),
        ("load", 5, "load: 5 is no shape; write users"),
        ("load", {}, "load: {} is empty"),
        ("load", {"buy": 5}, r"load\['buy'\]: 5 is no shape"),
        ("load", users(0), "load: it never rises above zero"),
        ("slos", "p99 < 1s", r"slos: give a list, slos=\['p99 < 1s'\]"),
        ("slos", ["p99 < 1"], "give a unit: ms or s"),
        ("slos", [5], "slos: 5 is no text"),
        ("warmup", "soon", "warmup: 'soon' is no duration"),
        ("scenarios", [], "scenarios: the list is empty"),
        ("scenarios", [5], "scenarios: 5 is neither a scenario's name"),
        ("connections", "many", "connections: 'many' is none of 'per_user', 'shared', 'new'"),
        ("timeout", 0, "timeout: 0 must be longer than zero"),
        ("response_timeout", "0s", "response_timeout: '0s' must be longer than zero"),
        ("max_body", "big", "max_body: 'big' is no size"),
        ("ca", "/no/such.pem", "ca: there is no file '/no/such.pem'"),
        ("headers", {"a b": "c"}, "headers: 'a b' is no header name"),
        ("headers", {"a": "b\r\nc: d"}, "headers: the value of 'a' must be text of one line"),
        ("resolve", ["shop:443"], "resolve: 'shop:443' must be host:port:address"),
        ("resolve", ["shop:443:nowhere"], "resolve: 'shop:443:nowhere' must be host:port:address"),
        ("proxy", "proxy:8080", "proxy: 'proxy:8080' is no URL"),
        ("seed", -1, "seed: -1 must be a whole number"),
        ("grace", -1, "grace: -1 must be a finite duration"),
        ("max_users", 0, "max_users: 0 must be a whole number of one or more"),
        ("workers", 1.5, "workers: 1.5 must be a whole number of one or more"),
    ],
)
def test_nonsense_is_refused_by_name(field: str, value: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Test(**{field: value})


def test_a_header_line_is_split_at_its_first_colon() -> None:
    assert header_line("--header", "Accept: a:b ") == ("Accept", "a:b")
    with pytest.raises(UsageError, match="--header: 'Accept' is no header"):
        header_line("--header", "Accept")
