"""Postman's `{{variables}}`: those of collection, folders and environment, and the dynamic ones.

https://learning.postman.com/docs/tests-and-scripts/write-scripts/variables-list/. An environment
wins over a folder, a folder over the collection. A dynamic variable gives another value at each
place: `{{$guid}}` and numbers are made as the test runs, `{{$randomFirstName}}` and its like come
from a file of made-up rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from perfwright.model.journey import (
    Constant,
    DataFile,
    FromData,
    Made,
    Origin,
    Text,
    Var,
)
from perfwright.sources.drafting.names import Names, clean, slug
from perfwright.sources.drafting.secrets import Environment, sounds_secret
from perfwright.sources.drafting.texts import text_of
from perfwright.sources.postman.documents import Json, enabled, objects, text

_PLACE = re.compile(r"\{\{([^{}]{1,200})\}\}")
_TYPED = re.compile(r'"<(long|integer|int32|int64|number|double|float)>"')
_UNTYPED = re.compile(r"<(string|uuid|email|uri|url|dateTime|long|integer|int32|int64|number)>")
_FILLED = {
    "string": "{{$randomWord}}", "uuid": "{{$guid}}", "email": "{{$randomExampleEmail}}",
    "uri": "{{$randomUrl}}", "url": "{{$randomUrl}}", "dateTime": "{{$isoTimestamp}}",
    "number": "{{$randomPrice}}", "double": "{{$randomPrice}}", "float": "{{$randomPrice}}",
}  # fmt: skip
"""What stands for the placeholders that Postman writes when it imports an OpenAPI document."""
_MOST_PARTS = 1000
_ROWS = 1000
_FILE = "made_up"
_MADE = {
    "guid": Made("uuid"),
    "randomUUID": Made("uuid"),
    "timestamp": Made("now_epoch_s"),
    "isoTimestamp": Made("now_iso"),
    "randomInt": Made("integer", 0, 1000),
    "randomPrice": Made("number", 0, 1000),
    "randomAlphaNumeric": Made("text", 0, 1),
    "randomPassword": Made("text", 0, 15),
    "randomBankAccount": Made("integer", 10_000_000, 99_999_999),
    "randomLatitude": Made("number", -90, 90),
    "randomLongitude": Made("number", -180, 180),
}
_FAKER = {
    "randomFirstName": "first_name", "randomLastName": "last_name", "randomFullName": "name",
    "randomNamePrefix": "prefix", "randomNameSuffix": "suffix", "randomJobTitle": "job",
    "randomPhoneNumber": "phone_number", "randomPhoneNumberExt": "phone_number",
    "randomCity": "city", "randomStreetName": "street_name", "randomStreetAddress":
    "street_address", "randomCountry": "country", "randomCountryCode": "country_code",
    "randomCompanyName": "company", "randomCompanySuffix": "company_suffix",
    "randomBs": "bs", "randomCatchPhrase": "catch_phrase", "randomUrl": "url",
    "randomDomainName": "domain_name", "randomDomainWord": "domain_word", "randomIP": "ipv4",
    "randomIPV6": "ipv6", "randomMACAddress": "mac_address", "randomUserAgent": "user_agent",
    "randomProtocol": "uri_path", "randomColor": "color_name", "randomHexColor": "hex_color",
    "randomLocale": "language_code", "randomWord": "word", "randomLoremWord": "word",
    "randomNoun": "word", "randomVerb": "word", "randomAdjective": "word", "randomWords":
    "sentence", "randomPhrase": "sentence", "randomLoremWords": "sentence",
    "randomLoremSentence": "sentence", "randomLoremSentences": "paragraph",
    "randomLoremParagraph": "paragraph", "randomLoremParagraphs": "paragraph", "randomLoremText":
    "paragraph", "randomLoremSlug": "slug", "randomProduct": "word", "randomProductName":
    "catch_phrase", "randomDepartment": "word", "randomCurrencyCode": "currency_code",
    "randomCurrencyName": "currency_name", "randomCreditCardMask": "credit_card_number",
    "randomBankAccountIban": "iban", "randomBankAccountBic": "swift", "randomBoolean": "boolean",
    "randomDatePast": "past_datetime", "randomDateFuture": "future_datetime", "randomDateRecent":
    "past_datetime", "randomWeekday": "day_of_week", "randomMonth": "month_name",
    "randomFileName": "file_name", "randomFileExt": "file_extension", "randomMimeType":
    "mime_type", "randomImageUrl": "image_url", "randomSemver": "numerify", "randomEmail":
    "email", "randomExampleEmail": "email", "randomUserName": "user_name",
}  # fmt: skip
"""What Faker calls them; what is unique in Postman (e-mail, user name) is numbered."""


class Variables:
    """`known` grows as the documents are read; `notes` tells what is not as in Postman."""

    def __init__(self, environment: Environment) -> None:
        self.known: dict[str, Origin] = {}
        self.notes: list[str] = []
        self._environment = environment
        self._composite: dict[str, str] = {}
        self._names = Names()
        self._columns: dict[str, str] = {}

    def declare(self, holder: Json, member: str) -> None:
        """Takes the variables of a document or folder; those that are known already stay."""
        for each in objects(holder, member):
            name = text(each, "key") or text(each, "id") or text(each, "name")
            if name and enabled(each) and name not in self.known:
                secret = text(each, "type") == "secret"
                self.set(name, text(each, "value"), secret=secret)

    def set(self, name: str, value: str, *, secret: bool = False) -> None:
        if value and (secret or sounds_secret(name)) and not _PLACE.search(value):
            self.known[name] = self._environment.origin(name)
        elif _PLACE.search(value):
            self._composite[name] = value
            self.known[name] = Constant(value)
        else:
            self.known[name] = Constant(value)

    def set_made(self, name: str, origin: Origin) -> None:
        """A variable that a script makes, unless something else fills it already."""
        if self.known.get(name, Constant("")) == Constant(""):
            self.known[name] = origin

    def text(self, raw: str) -> Text:
        """The text with its variables; those made of others are taken apart."""
        budget = [_MOST_PARTS]
        return text_of(self._parts(self._filled(raw), (), budget))

    def value(self, name: str) -> Text | None:
        """What a variable is, where that is plain text: addresses need to know."""
        origin = self.known.get(name)
        plain = isinstance(origin, Constant) and origin.value and name not in self._composite
        return Text((origin.value,)) if plain and isinstance(origin, Constant) else None

    def data(self) -> tuple[DataFile, ...]:
        """The file of made-up rows, if any dynamic variable needs it."""
        if not self._columns:
            return ()
        return (DataFile(name=_FILE, columns=tuple(self._columns), rows=_rows(self._columns)),)

    def _filled(self, raw: str) -> str:
        """`<string>` and its like as dynamic variables; XML has tags of such names."""
        if "<" not in raw or "</" in raw:
            return raw

        def dynamic(match: re.Match[str]) -> str:
            self.notes.append(
                "Placeholders of an imported OpenAPI document, like <string>, are filled with "
                "made-up values: give ids that exist."
            )
            return _FILLED.get(match[1], "{{$randomInt}}")

        return _UNTYPED.sub(dynamic, _TYPED.sub(dynamic, raw))

    def _parts(self, raw: str, within: tuple[str, ...], budget: list[int]) -> list[str | Var]:
        parts: list[str | Var] = []
        at = 0
        for match in _PLACE.finditer(raw):
            parts.append(raw[at : match.start()])
            at = match.end()
            budget[0] -= 1
            name = match[1].strip()
            if not name:
                parts.append(match[0])
                continue
            composite = self._composite.get(name)
            if composite is not None and name not in within and budget[0] > 0:
                parts += self._parts(composite, (*within, name), budget)
            else:
                parts.append(self._variable(name))
        parts.append(raw[at:])
        return parts

    def _variable(self, name: str) -> Var:
        if not name.startswith("$"):
            return Var(name)
        dynamic = name[1:]
        variable = Var(self._names.new(_said(dynamic), pattern="{} {}"))
        if dynamic in _MADE:
            self.known[variable.name] = _MADE[dynamic]
        elif dynamic in _FAKER:
            column = slug(variable.name, "value")
            self._columns[column] = _FAKER[dynamic]
            self.known[variable.name] = FromData(_FILE, column)
        else:
            self.known[variable.name] = Made("text", 8, 8)
            self.notes.append(f"{{{{{clean(name, '$')}}}}} is not known: eight letters are sent.")
        return variable

    def numeric(self, name: str) -> bool:
        origin = self.known.get(name)
        return isinstance(origin, Made) and origin.how in (
            "integer", "number", "now_epoch_s", "now_epoch_ms",
        )  # fmt: skip


def _said(dynamic: str) -> str:
    """`randomFirstName` as "first name"."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", dynamic) or [dynamic]
    return " ".join(words[1:] if len(words) > 1 and words[0] == "random" else words).lower()


def _rows(columns: dict[str, str]) -> list[tuple[str, ...]]:
    from faker import Faker

    faker = Faker("en_US")
    faker.seed_instance(1)
    makers = [(how, getattr(faker, how)) for how in columns.values()]
    return [tuple(_made(how, make, row) for how, make in makers) for row in range(_ROWS)]


def _made(how: str, make: Callable[..., object], row: int) -> str:
    match how:
        case "email":
            return str(make()).replace("@", f".{row}@")
        case "user_name":
            return f"{make()}_{row}"
        case "boolean":
            return "true" if make() else "false"
        case "numerify":
            return str(make("#.#.#"))
    return str(make())
