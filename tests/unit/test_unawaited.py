"""A forgotten `await` is found before the run, in the text of the test file."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfwright.model.errors import PlanError
from perfwright.plan.loader import load_test
from perfwright.plan.unawaited import unawaited


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@scenario\nasync def buy(u):\n    u.get('/')", (3, "u.get")),
        ("@perfwright.scenario(weight=2)\nasync def buy(u):\n    u.think(1)", (3, "u.think")),
        ("@setup\nasync def make(u):\n    if 1:\n        u.post('/')", (4, "u.post")),
        ("async def helper(user, n):\n    user.gather()", (2, "user.gather")),
        ("async def helper(n, who: User):\n    who.pace(n)", (2, "who.pace")),
        ("@scenario\nasync def buy(u):\n    await u.get('/')", None),
        ("@scenario\nasync def buy(u):\n    wait = u.get('/')\n    await wait", None),
        ("@scenario\nasync def buy(u):\n    u.check('x', 1)\n    u.record('y', 2)", None),
        ("async def helper(cache):\n    cache.get('x')", None),
        ("def helper(user):\n    return user.get('/')", None),
    ],
)
def test_statements_that_await_nothing_are_found(
    source: str, found: tuple[int, str] | None
) -> None:
    assert unawaited(source.encode()) == found


def test_a_test_file_with_a_forgotten_await_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    file.write_text(
        "from perfwright import Test, scenario\n\n@scenario\nasync def buy(user):\n"
        "    await user.get('/')\n    user.think(1)\n\ntest = Test(target='http://127.0.0.1')\n"
    )
    with pytest.raises(PlanError) as refused:
        load_test(file)
    assert str(refused.value) == (
        "shop.py:6: user.think(…) is not awaited, so it does nothing; write `await user.think(…)`"
    )
