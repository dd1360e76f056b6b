"""The journey of `journey.py` for Locust's FastHttpUser, its fast client.

Prints `measured {requests, cpu_s, wall_s}` of the time between the last user's start and the end,
so that Locust's own start-up does not count against it.
"""

from __future__ import annotations

import json
import random
import time
from typing import Any

from locust import FastHttpUser, events, task

started: dict[str, float] = {}


class Shopper(FastHttpUser):
    """One user without think time."""

    @task
    def journey(self) -> None:
        login = self.client.post("/login", json={"name": "ada", "password": "secret"}, name="login")
        headers = {"Authorization": f"Bearer {login.json()['token']}"}
        for _ in range(8):
            item = random.randrange(10_000)
            with self.client.get(
                f"/items/{item}", headers=headers, name="item", catch_response=True
            ) as answer:
                if answer.status_code != 200:
                    answer.failure("item not found")
        cart = self.client.post("/cart", json={"id": item}, headers=headers, name="cart")
        assert cart.json()["ok"]


@events.init.add_listener
def remember_environment(environment: Any, **_: object) -> None:
    """Locust hands the environment over only here."""

    @events.spawning_complete.add_listener
    def on_spawned(**_: object) -> None:
        started.update(
            requests=environment.stats.total.num_requests,
            cpu_s=time.process_time(),
            wall_s=time.perf_counter(),
        )


@events.test_stopping.add_listener
def on_stopping(environment: Any, **_: object) -> None:
    ended = {
        "requests": environment.stats.total.num_requests,
        "cpu_s": time.process_time(),
        "wall_s": time.perf_counter(),
    }
    print("measured", json.dumps({name: ended[name] - started[name] for name in ended}))
