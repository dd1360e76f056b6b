"""What the shop refuses, as data of its JSON error body: `{"error": {"code": …, "message": …}}`."""

from __future__ import annotations


class ShopError(Exception):
    """A request the shop cannot serve: HTTP `status`, a stable `code`, a `message` for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(message)


class StartError(Exception):
    """The shop cannot start as asked; the message names the setting, its value and the remedy."""
