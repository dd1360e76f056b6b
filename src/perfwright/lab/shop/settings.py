"""What the launcher tells the shop through a pipe, apart from its command line: one JSON object.

`variant` is a reference (`variant.py`); `redis` and `partner` are URLs, "" for none; `secret` signs
tokens, shared by shops behind one proxy ("" for one of its own); `fix` is the SQL to run when the
control pipe asks for it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    variant: str = "perfwright.lab.shop.variant:HEALTHY"
    redis: str = ""
    partner: str = ""
    secret: str = ""
    fix: tuple[str, ...] = ()


def read_settings(fd: int | None) -> Settings:
    """Reads `fd` to its end and closes it; None gives the healthy shop's."""
    if fd is None:
        return Settings()
    with os.fdopen(fd) as pipe:
        said = json.load(pipe)
    return Settings(**{**said, "fix": tuple(said.get("fix", ()))})
