"""Secrets do not get into a run's manifest; what is needed to repeat the run does."""

from __future__ import annotations

import pytest

from perfwright.model.redaction import redact, redacted


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("X-Api-Key: 123", "X-Api-Key: ***"),
        ("cookie: sid=1; b=2", "cookie: ***"),
        ("--header=Authorization: Basic YTpi", "--header=Authorization: ***"),
        ("API_TOKEN=abc", "API_TOKEN=***"),
        ("DB_PASSWORD=a b", "DB_PASSWORD=***"),
        ("--env=SECRET=x", "--env=SECRET=***"),
        ("http://ann:pw@shop:80/", "http://***@shop:80/"),
        ("https://shop/?a=1&access_token=abc&b=2", "https://shop/?a=1&access_token=***&b=2"),
        ("host=db user=ann password=abc dbname=x", "host=db user=ann password=*** dbname=x"),
        ("Server=db;Pwd=abc;Database=x", "Server=db;Pwd=***;Database=x"),
        ('{"name": "ann", "password": "a\\"b"}', '{"name": "ann", "password": "***"}'),
        ("name=ann&password=abc&x=1", "name=ann&password=***&x=1"),
    ],
)
def test_what_sounds_secret_is_taken_out(word: str, kept: str) -> None:
    assert redact(word) == kept


@pytest.mark.parametrize(
    "word",
    [
        "run", "shop.py", "--slo", "p99(login) < 300ms", "Accept: text/html", "REGION=eu",
        "http://127.0.0.1:8000/items?page=2", '{"name": "ann"}', "tokens.py",
        "--resolve", "shop:443:127.0.0.1",
    ],
)  # fmt: skip
def test_the_rest_is_kept(word: str) -> None:
    assert redact(word) == word


def test_a_command_line_is_redacted_word_by_word() -> None:
    command = ("perfwright", "run", "http://a:b@h/", "--header", "Authorization: x")
    assert redacted(command) == (
        "perfwright", "run", "http://***@h/", "--header", "Authorization: ***",
    )  # fmt: skip


def test_what_follows_a_flag_that_asks_for_a_secret_is_one() -> None:
    command = ("server", "--db-password", "abc", "--api-key", "--tokens.py", "--port", "80")
    assert redacted(command) == (
        "server", "--db-password", "***", "--api-key", "--tokens.py", "--port", "80",
    )  # fmt: skip
