"""`answer.json()` says what `json.loads` says, of good texts and of broken ones."""

from __future__ import annotations

import json
import random

from support.drive import once
from support.raw_server import answering, raw_server

SEEDS = [
    '{"token": "4f6c", "expires_s": 3600, "price": 1234.56, "ok": true, "no": null}',
    '[1, -1, 0, -0, 0.0, -0.0, 1e5, 1E+2, 2.5e-3, 123456789012345678901234567890, 1e999]',
    ' {"a" : [ {} , [ ] , [[]], {"b": {"c": "dé 🙂 \\u00e9 \\n \\"q\\""}} ] , "a": false} \n',
    '["", "\\ud83d\\ude42", "tab\\t", "/", 9223372036854775807, 9223372036854775808]',
    "[NaN, Infinity, -Infinity]",
]  # fmt: skip
ODD = [
    "", " ", "1", '"x"', "true", "nul", "truex", "01", "-01", "1.", ".5", "+1", "-", "1e", "1.e5",
    "1e5.5", "1-2", "0x1", "[1,]", "[,1]", '{"a":1,}', "{1:2}", '{"a"}', '{"a":}', "[1 2]", "[1]]",
    '"a\tb"', '"a', '"\\x"', "\ufeff1", "[" * 70 + "]" * 70, "[" * 3000, "[١]", "'a'", "1 ",
    '{"k": "' + "x" * 20_000 + '"}',
]  # fmt: skip
ALPHABET = '{}[]",:0123456789.eE+-\\ntrufalsé \x01'


def mutated() -> list[str]:
    """Each seed with a few characters changed, left out or put in, 150 times."""
    rng = random.Random(1)
    texts = []
    for seed in SEEDS * 150:
        letters = list(seed)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(letters))
            letters[at : at + rng.randint(0, 1)] = rng.choices(ALPHABET, k=rng.randint(0, 1))
        texts.append("".join(letters))
    return texts


def outcome(text: str) -> tuple[str, bool]:
    """What `json.loads` makes of it, and whether it is refused."""
    try:
        return repr(json.loads(text)), False
    except (ValueError, RecursionError) as error:
        return str(error), True


def test_every_text_is_read_or_refused_as_json_loads_does():
    texts = [*SEEDS, *ODD, *mutated()]
    bodies = [text.encode() for text in texts]
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"

    async def visit(user):
        found = []
        for text in texts:
            answer = await user.get("/")
            try:
                found.append((text, repr(answer.json())))
            except ValueError as error:
                found.append((text, str(error)))
        return found

    with raw_server(answering(*(head % len(body) + body for body in bodies))) as server:
        read = once(visit, target=server.url).value
    assert len(read) == len(texts)
    for text, said in read:
        expected, refused = outcome(text)
        assert said == expected or (refused and f"({expected})" in said), text


def test_a_charset_of_its_own_is_obeyed():
    body = '{"name": "Zoë"}'.encode("latin-1")
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=latin-1\r\n"

    async def visit(user):
        return (await user.get("/")).json()

    with raw_server(answering(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)) as server:
        assert once(visit, target=server.url).value == {"name": "Zoë"}
