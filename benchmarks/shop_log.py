"""An access log of a shop, in nginx's combined format: the same for the same number of lines.

Visitors of a day, fewer by night than by day, come with one of 200 browsers, open the home page and
go on to products (whose popularity follows Zipf's law), categories, searches, the cart and the
checkout; one in forty is a crawler. Written by one query of DuckDB, 0.5 million lines a second.
"""

from __future__ import annotations

import sys
from pathlib import Path

_BEGIN_US = 1_700_006_400_000_000  # 2023-11-15 00:00 UTC
_DAY_S = 86_400
_MEAN_LENGTH = 7
_UNIT = "(hash({0}) % 1000003 + 1) / 1000004.0"
_SESSIONS = """
    SELECT s, 1 + (-ln({u_length}) * {mean})::BIGINT AS length, hash(s, 'robot') % 40 = 0 AS robot,
        -- By a cosine of the day: most at noon, a fifth of that at midnight.
        {day} * (x + 0.106 * (0 - sin(2 * pi() * x))) AS begin_s,
        2 + -ln({u_think}) * 15 AS think_s,
        '10.' || hash(s, 'a') % 256 || '.' || hash(s, 'b') % 256 || '.' || hash(s, 'c') % 254 + 1
            AS client,
        hash(s, 'browser') % 200 AS browser
    FROM (SELECT s, {u_begin} AS x FROM range({sessions}) AS r(s))
"""
_PRODUCT = "'/products/' || floor(exp({u} * ln(20000)))::BIGINT"
_STEPS = """
    SELECT s, k, client, browser, robot, begin_s + k * think_s + hash(s, k, 't') % 3 AS at_s,
        hash(s, k, 'size') % 40000 + 300 AS size, hash(s, k, 'fails') % 200 = 0 AS fails,
        (hash(s, k, 'step') % 100)::INT AS step, {product} AS product
    FROM (SELECT *, unnest(range(length)) AS k FROM ({sessions}))
"""
_REQUESTS = """
    SELECT *, CASE
        WHEN robot THEN 'GET ' || product
        WHEN k = 0 THEN 'GET /'
        WHEN step < 40 THEN 'GET ' || product
        WHEN step < 58 THEN 'GET /categories/' || ['mugs', 'tea', 'pots', 'books'][step % 4 + 1]
            || '?page=' || (size % 9 + 1)
        WHEN step < 70 THEN 'GET /search?q='
            || ['mug', 'tea+pot', 'gift', 'blue%20cup'][step % 4 + 1]
        WHEN step < 80 THEN 'GET /static/app.' || step || 'f3.js'
        WHEN step < 92 THEN 'POST /cart'
        ELSE 'POST /checkout'
    END AS request FROM ({steps})
"""
_LINES = """
    SELECT client || ' - - ['
        || strftime(make_timestamp({begin_us} + (at_s * 1e6)::BIGINT), '%d/%b/%Y:%H:%M:%S')
        || ' +0000] "' || request || ' HTTP/1.1" '
        || CASE WHEN fails THEN '404' WHEN request = 'POST /checkout' THEN '302' ELSE '200' END
        || ' ' || size || ' "' || if(k = 0, '-', 'https://shop.test/') || '" "'
        || if(robot, 'Mozilla/5.0 (compatible; examplebot/2.1; +https://bot.test/about)',
            'Mozilla/5.0 (X11; Linux x86_64; rv:' || browser % 40 + 80
            || '.0) Gecko/20100101 Firefox/' || browser // 40 + 110 || '.0') || '"' AS line
    FROM ({requests}) ORDER BY at_s, s, k LIMIT {lines}
"""


def write_shop_log(path: Path, lines: int) -> None:
    import duckdb

    sessions = _SESSIONS.format(
        sessions=lines // _MEAN_LENGTH + 10,
        mean=_MEAN_LENGTH,
        day=_DAY_S,
        u_length=_UNIT.format("s, 'length'"),
        u_think=_UNIT.format("s, 'think'"),
        u_begin=_UNIT.format("s, 'begin'"),
    )
    steps = _STEPS.format(
        sessions=sessions, product=_PRODUCT.format(u=_UNIT.format("s, k, 'product'"))
    )
    query = _LINES.format(requests=_REQUESTS.format(steps=steps), begin_us=_BEGIN_US, lines=lines)
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY ({query}) TO '{path}'"
            " (FORMAT csv, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE '')"
        )


if __name__ == "__main__":
    write_shop_log(Path(sys.argv[1]), int(sys.argv[2]))
