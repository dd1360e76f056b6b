"""The shop's customers: who they are and their passwords, the same whatever the seed.

Names and passwords are a pure function of the customer's number, so a load test can log in as any
of them. `python -m perfwright.lab.shop.people 500` prints the first 500 as CSV, the very bytes of
`examples/people.csv`.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass

_FIRST_NAMES = """
    ada alan amal anita barbara chen claude dorothy edsger emmy evelyn fatima frances grace hedy
    ida ingrid jean joan jorge karen kofi leila linus lise marie maryam mei naomi niklaus noor olga
    priya radia ravi rosa samir sofia tim yuki"""
_LAST_NAMES = """
    abara acker ahmed barros becker berg castell chandra costa dahl diallo duarte engel fischer
    fuchs garcia hansen hoshino ivanova jansen kato kaya keller kimura laurent lindt lopez marsh
    meyer moreau nakata ndiaye novak okafor olsen park petrov quist ramos reyes rossi sato silva
    stone takeda torres vega weber wolff zhang"""
_FIRST = _FIRST_NAMES.split()
_LAST = _LAST_NAMES.split()

CUSTOMERS = len(_FIRST) * len(_LAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer, as they log in."""

    id: int
    name: str
    password: str


def person(number: int) -> Person:
    """Customer `number`, 1 ≤ number ≤ CUSTOMERS. Neighbours differ in first and last name."""
    if not 1 <= number <= CUSTOMERS:
        raise ValueError(f"number: {number} is not in 1..{CUSTOMERS}")
    turn, first = divmod(number - 1, len(_FIRST))
    name = f"{_FIRST[first]}.{_LAST[(turn + first) % len(_LAST)]}"
    return Person(id=number, name=name, password=hashlib.blake2b(name.encode()).hexdigest()[:12])


def people_csv(count: int) -> str:
    """The first `count` customers as CSV with the header `name,password`."""
    people = (person(number) for number in range(1, count + 1))
    return "name,password\n" + "".join(f"{p.name},{p.password}\n" for p in people)


if __name__ == "__main__":
    sys.stdout.write(people_csv(int(sys.argv[1])))
