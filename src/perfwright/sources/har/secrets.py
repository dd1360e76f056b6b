"""What must not be written down, and what must not be the same in every request.

    password, API key, token of an earlier login    an environment variable
    the name beside a password                      a column of data/users.csv
    idempotency keys, the recording's clock         made anew

Told by the names of fields (`apiKey`, `X-Auth-Token`, `cvv`) and by values that give themselves
away (`eyJ…`, `ghp_…`). A secret is then replaced wherever else its value stands.
"""

from __future__ import annotations

import re

from perfwright.model.journey import Made
from perfwright.sources.correlation.exchanges import Slot
from perfwright.sources.correlation.naming import plain
from perfwright.sources.drafting.secrets import LOOKS_SECRET

_ANY = re.compile(
    r".*(?:passw|passphrase|passcode).*|.*pwd|pin|otp|totp|mfacode|cvv|cvc|ssn|iban"
    r"|(?:credit)?card(?:number|no)|pan|clientsecret|.*secret"
)
_LONG = re.compile(
    r".*(?:apikey|accesskey|privatekey|credential|authorization|authkey|signature|bearer|jwt"
    r"|subscriptionkey|sessionid|sessionkey).*|sig|sid|sessid|.*token|.*(?:csrf|xsrf).*|assertion|auth"
)
_NO_TOKEN = re.compile(r"(?:next|prev|previous|page|continuation|sync|start)token")
_IN_TEXT = re.compile(
    r"""<(?:\w+:)?([\w.-]+)(?:\s[^<>]*)?>([^<>\s]{1,4096})</"""
    r"""|(?<![\w.-])([\w.-]{2,64})["']?\s{0,20}[:=]\s*["']?([^\s"'&<>;,]{1,4096})"""
)
_LOGIN_NAME = re.compile(
    r"(?:user|login|account)?(?:name|id)?|e?mail(?:address)?|user(?:e?mail)|account|identifier|phone"
)
_ONCE = frozenset(("idempotencykey", "requestid", "correlationid", "clientmutationid"))
_NO_SECRETS = frozenset(
    ("", "0", "1", "on", "off", "yes", "no", "true", "false", "null", "none", "undefined")
)
_LEAST_LONG = 6
_DAY_MS = 86_400_000
_HOUR_S = 3600


def is_secret(name: str, value: str) -> bool:
    """By the field's name, or by what the value looks like."""
    if value.lower() in _NO_SECRETS:
        return False
    if LOOKS_SECRET.search(value):
        return True
    known = plain(name)
    if _ANY.fullmatch(known):
        return True
    is_long = len(value) >= _LEAST_LONG and not value.isalpha()
    return is_long and bool(_LONG.fullmatch(known)) and not _NO_TOKEN.fullmatch(known)


def secrets_in(text: str) -> list[tuple[str, str]]:
    """(name, value) of the secrets in a text of any kind: XML elements, `name=value`, looks."""
    told = ((one[1] or one[3], one[2] or one[4]) for one in _IN_TEXT.finditer(text))
    found = [(name, value) for name, value in told if is_secret(name, value)]
    return [*found, *(("token", one[0]) for one in LOOKS_SECRET.finditer(text))]


def is_login_name(slot: Slot) -> bool:
    known = plain(slot.name)
    return known not in ("", "id") and bool(slot.value) and bool(_LOGIN_NAME.fullmatch(known))


def made_anew(slot: Slot, at_s: float) -> Made | None:
    """How a value that was of its moment comes about; `at_s`: when it was sent."""
    value = slot.value
    if plain(slot.name) in _ONCE and len(value) >= _LEAST_LONG and slot.kind == "text":
        return Made("uuid")
    if slot.in_path or not (value.isascii() and value.isdigit()) or at_s <= 0:
        return None
    if len(value) == 13 and abs(int(value) - at_s * 1e3) < _DAY_MS:
        return Made("now_epoch_ms")
    if len(value) == 10 and abs(int(value) - at_s) < _HOUR_S:
        return Made("now_epoch_s")
    return None
