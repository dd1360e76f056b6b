"""Lines of access logs, read as the command line does: rows and facts."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from perfwright.sources.access_logs import read_access_logs

AT = datetime.datetime(2000, 10, 10, 20, 55, 36, tzinfo=datetime.UTC)


def us(at: datetime.datetime = AT, *, after_s: float = 0.0) -> int:
    return round((at.timestamp() + after_s) * 1e6)


def rows_of(tmp_path: Path, *lines: str, **options: Any) -> tuple[list[dict[str, Any]], Any]:
    """Rows without what is not told, and facts."""
    log = tmp_path / "access.log"
    log.write_text("".join(line + "\n" for line in lines))
    with read_access_logs([log], scratch=tmp_path / "scratch", **options) as read:
        cursor = read.connection.execute("SELECT * FROM requests ORDER BY rowid")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return [{k: v for k, v in row.items() if v is not None} for row in rows], read.facts
