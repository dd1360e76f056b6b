"""`user.cookies`: the cookies that a user would send now, by name."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from perfwright._kernel import Session


class Cookies(MutableMapping[str, str]):
    """Reads and writes the kernel's jar; it is cleared when an iteration begins."""

    __slots__ = ("_session", "_user")

    def __init__(self, session: Session, user: int) -> None:
        self._session = session
        self._user = user

    def __getitem__(self, name: str) -> str:
        for known, value, _ in self._session.cookies(self._user):
            if known == name:
                return value
        raise KeyError(name)

    def __setitem__(self, name: str, value: str) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        kept = [cookie for cookie in self._session.cookies(self._user) if cookie[0] != name]
        self._session.clear_cookies(self._user)
        for known, value, host in kept:
            self._session.set_cookie(self._user, known, value, host)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _, _ in self._session.cookies(self._user)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def set(self, name: str, value: str, *, host: str | None = None) -> None:
        """Sets a cookie for `host` (default: the target's)."""
        self._session.set_cookie(self._user, name, value, host)

    def clear(self) -> None:
        self._session.clear_cookies(self._user)
