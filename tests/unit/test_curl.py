"""cURL commands, as browsers copy them and as people write them, become calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfwright.model.errors import DataError
from perfwright.model.journey import (
    Body,
    Call,
    FromEnvironment,
    ScenarioDraft,
    Text,
    Var,
    Variable,
)
from perfwright.sources.curl import is_curl, read_curl

DATA = Path(__file__).parent.parent / "data" / "collections"


def calls_of(draft: ScenarioDraft) -> list[Call]:
    (journey,) = draft.journeys
    return [item for item in journey.items if isinstance(item, Call)]


def call_of(command: str) -> Call:
    (call,) = calls_of(read_curl(command))
    return call


def test_a_shell_script_becomes_a_journey_of_its_commands() -> None:
    draft = read_curl(DATA / "shop.sh")
    assert draft.target == "http://127.0.0.1:8000"
    assert [call.name for call in calls_of(draft)] == ["POST /login", "GET /search", "POST /cart"]
    assert calls_of(draft)[1].params == (("q", "mug"), ("sort", "name up"))
    assert any("jq" in note for note in draft.notes)


def test_secrets_are_left_to_the_environment() -> None:
    draft = read_curl(DATA / "shop.sh")
    assert "06429e1c6a63" not in repr(draft)
    assert Variable("TOKEN", FromEnvironment("TOKEN")) in draft.variables
    assert calls_of(draft)[2].headers[0] == (
        "Authorization",
        Text(("Bearer ", Var("TOKEN"))),
    )


@pytest.mark.parametrize(
    ("command", "method"),
    [
        ("curl http://h/", "GET"),
        ("curl -I http://h/", "HEAD"),
        ("curl -d a=b http://h/", "POST"),
        ("curl -XDELETE http://h/", "DELETE"),
        ("curl --request patch --url http://h/", "PATCH"),
        ("curl -G -d a=b http://h/", "GET"),
        ("curl -sSLXPUT http://h/ -d ''", "PUT"),
        ("/usr/bin/curl -F a=b h", "POST"),
    ],
)
def test_the_method_is_what_curl_would_choose(command: str, method: str) -> None:
    assert call_of(command).method == method


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ("-d a=1 -d 'b=x y'", Body("form", (("a", "1"), ("b", "x y")))),
        ("--data-urlencode 'a=x&y'", Body("form", (("a", "x&y"),))),
        ("--data-raw 'plain text'", Body("text", "plain text")),
        ("--json '{\"a\": [1, true, null]}'", Body("json", {"a": (1, True, None)})),
        ("-H 'Content-Type: text/xml' -d '<a/>'", Body("text", "<a/>")),
        (
            "-F a=b -F 'f=@/tmp/cat.png;type=image/png'",
            Body("multipart", (("a", "b"), ("f", "cat.png", "(content of cat.png)", "image/png"))),
        ),
        ("-H 'content-type: application/json' -d '{broken'", Body("text", "{broken")),
    ],
)
def test_bodies_are_what_curl_would_send(options: str, body: Body) -> None:
    assert call_of(f"curl {options} http://h/").body == body


def test_quotes_are_read_as_bash_reads_them() -> None:
    call = call_of(
        "curl 'http://h/a b' -H \"X: a\\\"b\\$c\" \\\n  -H $'Y: it\\'s\\t\\u00e9' -A plain\\ word"
    )
    assert call.headers == (("X", 'a"b$c'), ("Y", "it's\té"), ("User-Agent", "plain word"))
    assert call.url == Text(("/a%20b",))


def test_chromes_copy_for_windows_is_read() -> None:
    text = (
        'curl ^"http://h/cart?a=1^&b=2^" ^\r\n'
        '  -H ^"content-type: application/json^" ^\r\n'
        '  --data-raw ^"^{^\\^"id^\\^":7,^\\^"said^\\^":^\\^"50^% off^\\^"^}^" &\r\n'
        'curl ^"http://h/next^"'
    )
    cart, after = calls_of(read_curl(text))
    assert cart.params == (("a", "1"), ("b", "2"))
    assert cart.body == Body("json", {"id": 7, "said": "50% off"})
    assert after.url == Text(("/next",))


def test_a_powershell_copy_is_told_what_to_choose_instead(tmp_path: Path) -> None:
    path = tmp_path / "copied.txt"
    path.write_text('Invoke-WebRequest -UseBasicParsing -Uri "http://h/" -Method POST')
    with pytest.raises(DataError, match=r"copied\.txt.*Copy as cURL \(bash\)"):
        read_curl(path)


def test_several_requests_in_one_command_are_several_calls() -> None:
    names = [call.name for call in calls_of(read_curl("curl http://h/a http://h/b --next -I h/c"))]
    assert names == ["GET /a", "GET /b", "HEAD /c"]


def test_options_without_a_translation_are_told() -> None:
    notes = read_curl("curl --cert me.pem -d @body.json -k --frobnicate http://h/").notes
    said = "\n".join(notes)
    for word in ("--cert", "'body.json'", "Test(insecure=True)", "--frobnicate"):
        assert word in said


def test_nothing_that_a_command_substitutes_is_run_or_read() -> None:
    draft = read_curl("curl http://h/$(touch /tmp/never)/`id` -d @/etc/passwd")
    assert [variable.origin for variable in draft.variables]
    assert "root:" not in repr(draft)


def test_user_and_password_are_credentials_and_the_password_is_not_kept() -> None:
    for command in ("curl -u ann:hunter2 http://h/", "curl http://ann:hunter2@h/"):
        call = call_of(command)
        assert call.auth is not None and call.auth[0] == "ann"
        assert "hunter2" not in repr(call)


def test_curl_is_told_by_a_line_that_begins_with_it() -> None:
    assert is_curl(b"# log in\n$ curl 'http://h/'")
    assert is_curl(b"\xef\xbb\xbfcurl.exe http://h/")
    assert not is_curl(b'{"about": "\\ncurl "}')
    assert not is_curl(b"the curl of a field")
    assert not is_curl(b"curl \x00")


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(DataError, match="no cURL command"):
        read_curl("echo hello")


def test_what_looks_like_a_token_is_a_secret_under_any_name() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    draft = read_curl(f"curl http://h/ -H 'X-Me: {token}' -d 'a={token}'")
    assert token not in repr(draft)
