"""A visitor of the sample shop, by the standard library's HTTP client."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from perfwright.lab.shop.people import person


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> str:
        """The code in an error's body."""
        return str(self.json()["error"]["code"])


class Visitor:
    """Sends requests to the shop at `url`, with the token of `customer` if one is given."""

    def __init__(self, url: str, *, customer: int | None = None) -> None:
        self._address = urlsplit(url).netloc
        self.token: str | None = None
        if customer is not None:
            who = person(customer)
            login = self.post("/login", {"name": who.name, "password": who.password})
            self.token = login.json()["token"]

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, body: object = None) -> Answer:
        return self.request("POST", path, None if body is None else json.dumps(body))

    def request(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection = http.client.HTTPConnection(self._address, timeout=10)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=found, text=text)
