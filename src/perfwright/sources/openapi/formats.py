"""Texts of JSON Schema's and OpenAPI's formats
(https://json-schema.org/draft/2020-12/json-schema-validation#section-7,
https://spec.openapis.org/registry/format/), and plausible ones by a property's name.

Addresses and hosts are those reserved for documentation (RFC 2606, RFC 5737, RFC 3849): a test
must never write to somebody.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo", "juniper",
    "kestrel", "lagoon", "maple", "north", "opal", "pine", "quartz", "river", "sierra", "tundra",
)  # fmt: skip
_FIRST_NAMES = ("Ada", "Alan", "Barbara", "Claude", "Edsger", "Grace", "Hedy", "Katherine")
_LAST_NAMES = ("Berg", "Castell", "Hopper", "Kato", "Lovelace", "Novak", "Turing", "Vega")
_CITIES = ("Berlin", "Lisbon", "Nairobi", "Osaka", "Porto", "Quito", "Turin", "Utrecht")
_COUNTRIES = ("DE", "PT", "KE", "JP", "EC", "IT", "NL", "SE")

Writer = Callable[[Random], str]


def words(random: Random, count: int = 2) -> str:
    return " ".join(random.sample(_WORDS, count))


def _moment(random: Random) -> datetime:
    return _SINCE + timedelta(seconds=random.randrange(180 * 86_400))


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _letters(random: Random, count: int) -> str:
    return "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=count))


FORMATS: dict[str, Writer] = {
    "date-time": lambda r: _moment(r).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "date": lambda r: _moment(r).strftime("%Y-%m-%d"),
    "time": lambda r: _moment(r).strftime("%H:%M:%SZ"),
    "duration": lambda r: f"PT{r.randint(1, 59)}M",
    "email": lambda r: f"{r.choice(_WORDS)}.{r.choice(_WORDS)}@example.com",
    "idn-email": lambda r: f"{r.choice(_WORDS)}@example.com",
    "hostname": lambda r: f"{r.choice(_WORDS)}.example.com",
    "idn-hostname": lambda r: f"{r.choice(_WORDS)}.example.com",
    "ipv4": lambda r: f"192.0.2.{r.randint(1, 254)}",
    "ipv6": lambda r: f"2001:db8::{r.randint(1, 0xFFFF):x}",
    "uri": lambda r: f"https://example.com/{r.choice(_WORDS)}",
    "url": lambda r: f"https://example.com/{r.choice(_WORDS)}",
    "iri": lambda r: f"https://example.com/{r.choice(_WORDS)}",
    "uri-reference": lambda r: f"/{r.choice(_WORDS)}",
    "iri-reference": lambda r: f"/{r.choice(_WORDS)}",
    "uri-template": lambda r: f"/{r.choice(_WORDS)}/{{id}}",
    "json-pointer": lambda r: f"/{r.choice(_WORDS)}",
    "relative-json-pointer": lambda r: f"0/{r.choice(_WORDS)}",
    "regex": lambda r: f"^{r.choice(_WORDS)}$",
    "uuid": _uuid,
    "guid": _uuid,
    "byte": lambda r: base64.b64encode(words(r).encode()).decode(),
    "base64url": lambda r: base64.urlsafe_b64encode(words(r).encode()).decode(),
    "binary": words,
    "password": lambda r: f"Test-{_letters(r, 8)}-{r.randint(10, 99)}",
    "phone": lambda r: f"+1202555{r.randint(100, 199):04d}",
    "decimal": lambda r: f"{r.randint(1, 99)}.{r.randint(10, 99)}",
    "int64": lambda r: str(r.randint(1, 1000)),
    "char": lambda r: _letters(r, 1),
}

_BY_NAME: Sequence[tuple[str, Writer]] = (
    ("email", FORMATS["email"]),
    ("firstname", lambda r: r.choice(_FIRST_NAMES)),
    ("lastname", lambda r: r.choice(_LAST_NAMES)),
    ("surname", lambda r: r.choice(_LAST_NAMES)),
    ("fullname", lambda r: f"{r.choice(_FIRST_NAMES)} {r.choice(_LAST_NAMES)}"),
    ("username", lambda r: f"{r.choice(_FIRST_NAMES).lower()}.{r.choice(_LAST_NAMES).lower()}"),
    ("password", FORMATS["password"]),
    ("phone", FORMATS["phone"]),
    ("city", lambda r: r.choice(_CITIES)),
    ("country", lambda r: r.choice(_COUNTRIES)),
    ("currency", lambda r: r.choice(("EUR", "USD", "JPY", "SEK"))),
    ("language", lambda r: r.choice(("de", "en", "ja", "pt"))),
    ("locale", lambda r: r.choice(("de-DE", "en-US", "ja-JP", "pt-PT"))),
    ("timezone", lambda r: r.choice(("Europe/Berlin", "Asia/Tokyo", "UTC"))),
    ("street", lambda r: f"{r.randint(1, 99)} {r.choice(_WORDS).title()} Street"),
    ("postcode", lambda r: f"{r.randint(10_000, 99_999)}"),
    ("zipcode", lambda r: f"{r.randint(10_000, 99_999)}"),
    ("url", FORMATS["uri"]),
    ("uri", FORMATS["uri"]),
    ("hostname", FORMATS["hostname"]),
    ("uuid", _uuid),
    ("color", lambda r: r.choice(("red", "green", "blue"))),
    ("slug", lambda r: "-".join(r.sample(_WORDS, 2))),
    ("title", lambda r: words(r).title()),
    ("description", lambda r: words(r, 6).capitalize() + "."),
)


def plausible(name: str, random: Random) -> str:
    """What a text of that name could be; one word where the name tells nothing."""
    plain = "".join(c for c in name.lower()[:80] if c.isalnum())
    for ending, write in _BY_NAME:
        if plain.endswith(ending):
            return write(random)
    return random.choice(_WORDS)
