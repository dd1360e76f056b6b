"""What an index's adviser must know of a PostgreSQL table: size, columns, indexes, selectivity."""

from __future__ import annotations

from perfwright.observe.pg_plan_tree import Relation
from perfwright.observe.pg_session import PgSession
from perfwright.observe.sql_wants import TableFacts

_TABLE = """
    SELECT c.oid,
        CASE WHEN c.relpages > 0 AND c.reltuples > 0
            THEN c.reltuples / c.relpages
                * (pg_relation_size(c.oid) / current_setting('block_size')::int)
            ELSE coalesce(s.n_live_tup, 0) END::float8,
        CASE n.nspname WHEN 'public' THEN '' ELSE quote_ident(n.nspname) || '.' END
            || quote_ident(c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
    WHERE n.nspname = %s AND c.relname = %s
"""
_COLUMNS = """
    SELECT attname, quote_ident(attname) FROM pg_attribute
    WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped
"""
_DISTINCT = """
    SELECT attname, n_distinct::float8 FROM pg_stats WHERE schemaname = %s AND tablename = %s
"""
_INDEXES = """
    SELECT ARRAY(
        SELECT trim('"' FROM pg_get_indexdef(i.indexrelid, k, true))
        FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k)
    FROM pg_index i WHERE i.indrelid = %s AND i.indisvalid AND i.indpred IS NULL
"""


class Tables:
    """Facts about tables, each asked for once."""

    def __init__(self, session: PgSession) -> None:
        self._session = session
        self._known: dict[tuple[str, str], TableFacts] = {}

    def rows(self, relation: Relation) -> float:
        return self.facts(relation).rows

    def facts(self, relation: Relation) -> TableFacts:
        """The facts under the relation's alias."""
        key = relation.schema, relation.name
        if key not in self._known:
            self._known[key] = self._read(*key)
        return self._known[key].under(relation.alias)

    def _read(self, schema: str, name: str) -> TableFacts:
        found = self._session.rows(_TABLE, schema, name)
        if not found:
            return TableFacts(written=name, alias=name, columns={})
        oid, rows, written = found[0]
        distinct = self._session.rows(_DISTINCT, schema, name)
        return TableFacts(
            written=written,
            alias=name,
            columns=dict(self._session.rows(_COLUMNS, oid)),
            rows=rows,
            # Below 0 it is a share of the rows.
            distinct={column: n if n >= 0 else -n * rows for column, n in distinct},
            indexed=frozenset(tuple(keys) for (keys,) in self._session.rows(_INDEXES, oid)),
        )
