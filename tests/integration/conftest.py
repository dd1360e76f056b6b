"""Servers that several integration tests share, each started once."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from support.calibration import calibration_server


@pytest.fixture(scope="session")
def calibration() -> Iterator[str]:
    """The calibration server's base URL."""
    with calibration_server() as url:
        yield url


@pytest.fixture
def unused_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
