"""Run ids: sortable, in UTC, and different within a second."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from perfwright.store.run_id import new_run_id


def test_an_id_says_when_the_run_started_in_utc() -> None:
    noon_in_paris = datetime(2026, 11, 22, 12, 5, 1, tzinfo=timezone(timedelta(hours=1)))
    assert re.fullmatch(r"20261122-110501-[a-z0-9]{4}", new_run_id(noon_in_paris))


def test_ids_sort_by_start() -> None:
    first = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert new_run_id(first) < new_run_id(first + timedelta(seconds=1))


def test_ids_of_one_second_differ() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert len({new_run_id(now) for _ in range(20)}) > 1
