"""Gatling's simulation.log as text: 2.2 up to 3.12. Tab-separated records, times in ms since 1970:

    RUN      class  id  start  description  version          (last field: the version)
    USER     …  START or END  time
    REQUEST  …  groups  name  start  end  OK or KO  message
    GROUP    …  groups  start  end  cumulated  OK or KO

What stands at "…" went: scenario and user in 2.x, the user in 3.0 to 3.3, nothing since (gatling,
LogFileDataWriter.scala). Groups are joined by commas. Records of other kinds (ASSERTION, ERROR: a
user that crashed) are no requests. Since 3.13 the log is binary: it is recognised and refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfwright.model.errors import DataError
from perfwright.model.imported import TABLE, Imported
from perfwright.sources.results.error_kinds import kind_in_sql
from perfwright.sources.results.heads import Head, head_of
from perfwright.sources.results.line_rows import LineQuery, insert_lines
from perfwright.sources.results.unread import Unread

if TYPE_CHECKING:
    import duckdb

_RUN = re.compile(r"^RUN\t.*\t(\d+)\.\d[^\t\n]*$", re.MULTILINE)
_BEGINS = ("RUN\t", "ASSERTION\t")
_BINARY = re.compile(r"[\x00-\x08]\x00\x00\x00[\x01-\x20](\d+\.\d+[\w.-]*)")
_OLD = re.compile(r"[^\t\n]+\t[^\t\n]*\tRUN\t\d+\t")
_STATUS = r"found ([1-5][0-9][0-9])\b"
_SCENARIO_AND_USER = 2
_OTHERS = "('RUN', 'ASSERTION', 'ERROR')"


class GatlingLog:
    tool = "Gatling"
    name = "Gatling simulation.log (text)"

    def recognises(self, head: Head) -> bool:
        return head.text.startswith(_BEGINS) and _RUN.search(head.text) is not None

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        unread = Unread()
        for file in files:
            run = _RUN.search(head_of(file).text)
            unread.add(insert_lines(into, file, _query(int(run[1]) if run else 3)))
        _count_users(into)
        return Imported(bad_lines=unread.count, examples=tuple(unread.examples))


class GatlingOther:
    """The logs that are not read: binary (3.13 and later), and those before 2.2."""

    tool = "Gatling"
    name = "Gatling simulation.log (binary)"

    def recognises(self, head: Head) -> bool:
        return bool(_BINARY.match(head.text) or _OLD.match(head.text))

    def read(self, files: Sequence[Path], into: duckdb.DuckDBPyConnection) -> Imported:
        del into
        binary = _BINARY.match(head_of(files[0]).text)
        what = (
            f"a binary log of Gatling {binary[1]}, which only Gatling reads"
            if binary
            else "a log of Gatling before 2.2"
        )
        raise DataError(
            f"import: {files[0]} is {what}; text logs, of 2.2 to 3.12, can be imported: run the"
            " simulation with such a version, or write its requests to a CSV file and import that"
            " with --map"
        )


def _query(major: int) -> LineQuery:
    """`lead`: how many fields stand at "…", by the version, or by how many there are at all."""
    lead = (
        str(_SCENARIO_AND_USER)
        if major < 3
        else "len(record) - CASE record[1] WHEN 'REQUEST' THEN 7 ELSE 6 END"
    )
    of_user = "record[1] = 'USER'"
    of_request = "record[1] = 'REQUEST'"
    begun, ended = "TRY_CAST(begun AS BIGINT)", "TRY_CAST(ended AS BIGINT)"
    groups = "replace(nullif(groups, ''), ',', ' / ')"
    return LineQuery(
        parsed="string_split(line, chr(9))",
        fields=(
            f"record, {of_user} AS is_user, {of_request} AS is_request,"
            f" {lead} AS lead, record[lead + 2] AS groups,"
            f" CASE WHEN {of_user} THEN record[-1] WHEN {of_request} THEN record[lead + 4]"
            " ELSE record[lead + 3] END AS begun,"
            f" CASE WHEN {of_request} THEN record[lead + 5] ELSE record[lead + 4] END AS ended,"
            " record[lead + 6] AS outcome, nullif(trim(record[lead + 7]), '') AS told,"
            f" TRY_CAST(regexp_extract(record[lead + 7], '{_STATUS}', 1) AS INTEGER) AS code"
        ),
        wanted=f"record[1] NOT IN {_OTHERS}",
        sensible=(
            f"CASE WHEN is_user THEN {begun} IS NOT NULL AND ('START' IN record OR 'END' IN record)"
            " WHEN is_request OR record[1] = 'GROUP' THEN lead BETWEEN 0 AND 2"
            f" AND {begun} IS NOT NULL AND {ended} IS NOT NULL AND outcome IN ('OK', 'KO') END"
        ),
        select=(
            f"{begun} * 1000 AS started_us,"
            f" CASE WHEN is_request THEN concat_ws(' / ', {groups}, record[lead + 3])"
            f" WHEN NOT is_user THEN {groups} END AS step,"
            " CASE WHEN NOT is_request AND NOT is_user THEN 'group' END AS kind,"
            f" CASE WHEN NOT is_user THEN ({ended} - {begun}) * 1000000 END AS service_ns,"
            " CASE WHEN is_request THEN code END AS status,"
            " CASE WHEN NOT is_user AND outcome = 'KO' THEN"
            f" {kind_in_sql('code', 'told')} END AS error,"
            " CASE WHEN is_request AND outcome = 'KO' THEN told[:500] END AS message,"
            " CASE WHEN is_user THEN CASE WHEN 'START' IN record THEN 1 ELSE -1 END END AS users"
        ),
        why="is no record of Gatling's, or has other fields than its version writes",
    )


def _count_users(into: duckdb.DuckDBPyConnection) -> None:
    """From users that come (+1) and go (-1) to users that are there."""
    into.execute(
        f"UPDATE {TABLE} SET users = present FROM (SELECT rowid AS row, sum(users) OVER"
        f" (ORDER BY started_us, users DESC ROWS UNBOUNDED PRECEDING) AS present FROM {TABLE}"
        f" WHERE users IS NOT NULL) AS counted WHERE {TABLE}.rowid = counted.row"
    )
