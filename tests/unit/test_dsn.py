"""A database's address is found in whatever way a program was told it."""

from __future__ import annotations

import pytest

from perfwright.observe.dsn import POSTGRES, REDIS, Dsn, best_match, dsns_in, parse_url

SHOP = Dsn(kind=POSTGRES, host="db", port=5432, user="ann", password="p@w", name="shop")


def test_the_drivers_name_and_options_are_dropped() -> None:
    assert parse_url("postgresql+asyncpg://ann:p%40w@db/shop?pool_size=5&ssl=require") == SHOP


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("postgres://ann:p%40w@db:5432/shop", "postgresql://ann:p%40w@db:5432/shop"),
        ("postgresql:///shop?host=/run/pg&user=ann", "postgresql://ann@/shop?host=%2Frun%2Fpg&port=5432"),
        ("redis://:secret@cache:6380/2", "redis://:secret@cache:6380/2"),
        ("redis://[::1]", "redis://[::1]:6379"),
    ],
)  # fmt: skip
def test_an_address_is_written_as_watch_takes_it(address: str, url: str) -> None:
    dsn = parse_url(address)
    assert dsn is not None
    assert dsn.url() == url


@pytest.mark.parametrize("address", ["mysql://db/shop", "postgresql://db:port/shop", "nothing"])
def test_what_is_no_address_is_none(address: str) -> None:
    assert parse_url(address) is None


@pytest.mark.parametrize(
    "variables",
    [
        {"DATABASE_URL": "postgres://ann:p%40w@db/shop"},
        {"SHOP_DSN": "host=db dbname=shop user=ann password='p@w'"},
        {"PGHOST": "db", "PGUSER": "ann", "PGPASSWORD": "p@w", "PGDATABASE": "shop"},
        {"DB_HOST": "db", "DB_USERNAME": "ann", "DB_PASSWORD": "p@w", "DB_NAME": "shop"},
        {
            "POSTGRES_HOST": "db", "POSTGRES_USER": "ann", "POSTGRES_PASSWORD": "p@w",
            "POSTGRES_DB": "shop",
        },
    ],
)  # fmt: skip
def test_a_database_is_found_among_variables(variables: dict[str, str]) -> None:
    assert list(dsns_in(variables.values(), variables)) == [SHOP]


def test_a_command_line_is_looked_through() -> None:
    words = ("python", "--db", "postgresql://ann:p%40w@db/shop", "--redis=redis://cache")
    assert list(dsns_in(words, {})) == [SHOP, Dsn(kind=REDIS, host="cache", port=6379)]
    assert list(dsns_in(("--db=host=db dbname=shop user=ann password=p@w",), {})) == [SHOP]


def test_program_text_that_looks_like_an_address_is_none() -> None:
    assert list(dsns_in(("connect(host=h, dbname='shop')", "dbname", "a=b"), {})) == []


def test_programs_without_databases_have_none() -> None:
    variables = {"PATH": "/bin", "HOST": "0.0.0.0", "PORT": "8000", "DB_PORT": "none"}
    assert list(dsns_in(variables.values(), variables)) == []


def test_the_address_on_the_same_port_is_taken_and_pointed_at_the_true_host() -> None:
    other = Dsn(kind=POSTGRES, host="stats", port=6543, user="bob", password="x", name="stats")
    found = best_match((other, SHOP), POSTGRES, "127.0.0.1", 5432)
    assert found is not None
    assert found.url() == "postgresql://ann:p%40w@127.0.0.1:5432/shop"


def test_behind_a_pooler_the_same_credentials_lead_to_the_server() -> None:
    found = best_match((SHOP,), POSTGRES, "10.0.0.5", 6000)
    assert found is not None
    assert (found.host, found.port, found.user) == ("10.0.0.5", 6000, "ann")


def test_of_several_databases_the_one_in_use_is_taken() -> None:
    admin = Dsn(kind=POSTGRES, host="db", port=5432, user="root", password="x", name="postgres")
    found = best_match((admin, SHOP), POSTGRES, "127.0.0.1", 5432, names=["shop"])
    assert found is not None
    assert found.name == "shop"


def test_a_unix_socket_stays_one() -> None:
    local = Dsn(kind=POSTGRES, host="/run/pg", port=5432, name="shop")
    assert best_match((local,), POSTGRES, "127.0.0.1", 5432) is local


def test_no_address_of_that_kind_is_none() -> None:
    assert best_match((SHOP,), REDIS, "127.0.0.1", 6379) is None


def test_a_password_does_not_show_when_an_address_is_printed() -> None:
    assert "p@w" not in repr(SHOP)
