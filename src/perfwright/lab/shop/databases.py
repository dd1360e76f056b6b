"""From the `--db` setting to a database that holds a shop: `sqlite:FILE` or `postgresql://…`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from perfwright.lab.shop.db import Database
from perfwright.lab.shop.db_pool import PoolState
from perfwright.lab.shop.errors import StartError
from perfwright.lab.shop.seed import Table
from perfwright.lab.shop.variant import Variant

OpenDatabase = Callable[[Callable[[PoolState], None]], Database]
"""Makes the database, given who is to hear of its pool's changes."""


def seeded_database(
    setting: str, make_tables: Callable[[], Iterable[Table]], variant: Variant
) -> OpenDatabase:
    """Fills the database unless it holds a shop already. Raises StartError."""
    if setting.startswith("sqlite:"):
        from perfwright.lab.shop.db_sqlite import SqliteDatabase, seed_sqlite

        path = Path(setting.removeprefix("sqlite:"))
        seed_sqlite(path, make_tables)
        return partial(SqliteDatabase, path)
    if setting.startswith(("postgresql://", "postgres://")):
        from perfwright.lab.shop.db_postgres import seed_postgres

        seed_postgres(setting, make_tables)
        return partial(variant.database, setting, variant.pool_size)
    scheme = setting.partition(":")[0]  # the rest may hold a password
    raise StartError(f"--db {scheme}:… is neither sqlite:FILE nor postgresql://…")


def run_statements(setting: str, statements: Iterable[str]) -> None:
    """Change the seeded database, each statement committed by itself. Blocks."""
    if setting.startswith("sqlite:"):
        from perfwright.lab.shop.db_sqlite import run_sqlite

        run_sqlite(Path(setting.removeprefix("sqlite:")), statements)
    else:
        from perfwright.lab.shop.db_postgres import run_postgres

        run_postgres(setting, statements)
