"""What tests of several kinds share; helpers are in `tests/support`, imported as `support.…`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from support.calibration import calibration_server
from support.postgres import PostgresCluster, postgres_bin, private_cluster

# The same examples every time, and no time limits: the machine may be busy.
settings.register_profile("perfwright", deadline=None, derandomize=True)
settings.load_profile("perfwright")

# Real servers on a machine whose neighbours take its CPU for seconds at a time: what fails there is
# tried again, and the summary names it. Everything else is exact and gets no second try.
_DISTURBED = ("integration", "calibration")
_SECOND_TRIES = 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in _DISTURBED:
            item.add_marker(pytest.mark.flaky(reruns=_SECOND_TRIES))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A second try makes anew what the tests of a module share: that may be what was disturbed."""
    if getattr(item, "execution_count", 1) > 1:
        assert isinstance(item, pytest.Function)
        for definitions in item._fixtureinfo.name2fixturedefs.values():
            for definition in definitions:
                if definition.scope == "module":
                    definition.finish(item._request)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A PostgreSQL server of our own, for the whole test session."""
    if postgres_bin() is None:
        pytest.skip("needs Debian's postgresql package: make test-servers")
    with private_cluster(settings="-c shared_preload_libraries=pg_stat_statements") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def calibration() -> Iterator[str]:
    """The base URL of a calibration server, for the whole test session."""
    with calibration_server() as url:
        yield url
