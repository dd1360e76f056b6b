"""A cursor over an SLO expression: the small moves that the grammar in `slo.py` is made of.

Every failure is a SloSyntaxError at a 0-based position inside the text (its length means "at the
end"), so that the caret stands exactly under the culprit.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from perfwright.model.errors import SloSyntaxError

TIME_UNITS: Mapping[str, Decimal] = {
    unit: Decimal(seconds)
    for unit, seconds in {
        "ns": "1e-9", "us": "1e-6", "µs": "1e-6", "ms": "1e-3", "s": "1", "m": "60", "h": "3600",
    }.items()
}  # fmt: skip
"""In seconds."""
SHARE_UNITS: Mapping[str, Decimal] = {"%": Decimal("0.01")}
RATE_UNITS: Mapping[str, Decimal] = {"/s": Decimal(1)}
PLAIN_UNITS: Mapping[str, Decimal] = {"": Decimal(1)}
SIZE_UNITS: Mapping[str, Decimal] = {
    "B": Decimal(1),
    **{f"{prefix}B": Decimal(10) ** (3 * power) for power, prefix in enumerate("kMGT", 1)},
    **{f"{prefix}iB": Decimal(2) ** (10 * power) for power, prefix in enumerate("KMGT", 1)},
}
"""In bytes."""

_COMPARISONS = ("<=", ">=", "<", ">")


class Scanner:
    """`text` is what the user wrote; `position` is the next character to read."""

    def __init__(self, text: str) -> None:
        self.expression = text
        # One space per whitespace character: line breaks would put the caret under another line.
        self.text = "".join(" " if char.isspace() else char for char in text)
        self.position = 0

    def error(self, problem: str, at: int | None = None) -> SloSyntaxError:
        """What to raise: `problem`, pointing at `at` or else at the next character."""
        return SloSyntaxError(self.text, self.position if at is None else at, problem)

    @property
    def at_end(self) -> bool:
        return self.position == len(self.text)

    def peek(self) -> str:
        """The next character, "" at the end."""
        return self.text[self.position : self.position + 1]

    def skip_spaces(self) -> None:
        while self.peek() == " ":
            self.position += 1

    def take(self, literal: str) -> bool:
        """Steps over `literal` if it comes next."""
        found = self.text.startswith(literal, self.position)
        if found:
            self.position += len(literal)
        return found

    def word(self, extra: str = "") -> str:
        """The longest run of letters, digits and `extra`; "" if there is none."""
        start = self.position
        while (char := self.peek()) and (char.isalnum() or char in extra):
            self.position += 1
        return self.text[start : self.position]

    def argument(self, example: str) -> str | None:
        """What stands in parentheses, balanced or quoted; None without an opening one."""
        opening = self.position
        if not self.take("("):
            return None
        self.skip_spaces()
        start = self.position
        quoted = self.peek() in ("'", '"')
        argument = self._quoted() if quoted else self._balanced(opening, example)
        if not argument:
            raise self.error(f"nothing is named between the parentheses; write {example}", start)
        return argument

    def comparison(self, subject: str) -> str:
        for comparison in _COMPARISONS:
            if self.take(comparison):
                if self.peek() in ("=", "<", ">"):
                    raise self.error("a comparison is one of <, <=, > and >=")
                return comparison
        raise self.error(f"expected <, <=, > or >= after {subject}")

    def quantity(self, units: Mapping[str, Decimal], advice: str) -> tuple[float, str]:
        """A number and its unit: (value in the base unit, unit as written)."""
        number = self._number(advice)
        after_number = self.position
        self.skip_spaces()
        start = self.position
        written = self.word("%/")
        if written in ("every", "for"):
            self.position, written = after_number, ""
        unit = next((unit for unit in units if unit.lower() == written.lower()), None)
        if unit is None:
            if written:
                raise self.error(f"unknown unit {written!r}: {advice}", start)
            raise self.error(advice, after_number)
        return float(number * units[unit]), unit

    def _number(self, advice: str) -> Decimal:
        start = self.position
        if self.peek() in ("-", "+"):
            raise self.error("a limit has no sign")
        digits = self._digits()
        if not digits:
            raise self.error(f"expected a number: {advice}", start)
        if self.take("."):
            fraction = self._digits()
            if not fraction:
                raise self.error("expected a digit after the decimal point")
            digits = f"{digits}.{fraction}"
        if self.peek() in (",", "_"):
            raise self.error("digits are not grouped: write 1000, and a point for decimals")
        return Decimal(digits)

    def _digits(self) -> str:
        start = self.position
        while (char := self.peek()) and char in "0123456789":
            self.position += 1
        return self.text[start : self.position]

    def _quoted(self) -> str:
        opening = self.position
        closing = self.text.find(self.peek(), opening + 1)
        if closing < 0:
            raise self.error("this quote is never closed", opening)
        self.position = closing + 1
        self.skip_spaces()
        if not self.take(")"):
            raise self.error("expected ) after the quoted name")
        return self.text[opening + 1 : closing]

    def _balanced(self, opening: int, example: str) -> str:
        depth, start = 1, self.position
        while not self.at_end:
            depth += {"(": 1, ")": -1}.get(self.peek(), 0)
            self.position += 1
            if depth == 0:
                return self.text[start : self.position - 1].strip()
        raise self.error(f"this parenthesis is never closed; write {example}", opening)
