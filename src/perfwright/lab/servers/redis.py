"""A private Redis: no persistence, a free loopback port."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from perfwright.lab.servers.guarded import Guarded, free_port, listens, program


class RedisServer(Guarded):
    """`settings` are those of redis.conf. `url` is `redis://127.0.0.1:PORT`. Raises LaunchError."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        executable = program("redis-server", "redis-server")
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}"
        wanted = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no"}
        options = [
            word for name, value in {**wanted, **settings}.items() for word in (f"--{name}", value)
        ]
        super().__init__(
            "Redis",
            [executable, *options],
            folder=Path(tempfile.mkdtemp(prefix="redis-")),
            is_up=lambda: listens(port),
        )
