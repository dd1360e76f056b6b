"""Lines as they stand in logs of real sites: what they tell is read, however odd the rest is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.access_logs import rows_of

from perfwright.sources.access_logs import is_access_log

AT = "[17/May/2015:10:05:40 +0000]"
ODD: dict[str, tuple[str, dict[str, Any]]] = {
    "a HEAD without a size": (
        f'207.241.237.220 - - {AT} "HEAD /blog/tags/puppet?flav=rss20 HTTP/1.1" 200 - "-"'
        ' "UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/"',
        {"method": "HEAD", "target": "/blog/tags/puppet?flav=rss20", "status": 200,
         "agent": "UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/"},
    ),
    "a server that asks itself": (
        f'127.0.0.1 - - {AT} "OPTIONS * HTTP/1.0" 200 - "-"'
        ' "Apache/2.2.22 (Debian) (internal dummy connection)"',
        {"method": "OPTIONS", "target": "*", "status": 200},
    ),
    "an agent in escaped quotes": (
        f'10.0.0.1 - - {AT} "GET /style2.css HTTP/1.1" 304 - "-" "\\"Mozilla/5.0 (X11)\\""',
        {"target": "/style2.css", "status": 304, "agent": '"Mozilla/5.0 (X11)"'},
    ),
    "an agent in quotes that nobody escaped": (
        f'10.0.0.1 - - {AT} "GET / HTTP/1.1" 200 37932 "-" "Mozilla/5.0 "odd" (X11)"',
        {"target": "/", "status": 200, "bytes_sent": 37932, "agent": "Mozilla/5.0 "},
    ),
    "a path with escaped quotes": (
        f'10.0.0.1 - - {AT} "GET /blog/\\"http:/www.example.com/\\" HTTP/1.1" 404 318 "-" "-"',
        {"target": "/blog/%22http:/www.example.com/%22", "status": 404, "bytes_sent": 318},
    ),
    "a path with spaces and no protocol": (
        f'10.0.0.1 - - {AT} "GET /files/my file.jar" 404 300 "-" "-"',
        {"target": "/files/my file.jar", "status": 404},
    ),
    "a host's name and a user's with a space": (
        f'crawl-66-249-73-135.googlebot.com - john smith {AT} "GET /robots.txt HTTP/1.1" 200 0'
        ' "-" "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"',
        {"client": "crawl-66-249-73-135.googlebot.com", "user": "john smith",
         "target": "/robots.txt", "bytes_sent": 0},
    ),
    "a referrer with brackets and spaces": (
        f'10.0.0.1 - - {AT} "GET /favicon.ico HTTP/1.1" 200 3638'
        ' "http://www.google.com/search?q=a b&x=[y] \\"z\\"" "Opera/9.80 (Windows NT 6.1)"',
        {"target": "/favicon.ico", "agent": "Opera/9.80 (Windows NT 6.1)"},
    ),
    "a proxy's request": (
        f'::1 - - {AT} "GET http://www.example.com/projects/?a=b HTTP/1.1" 200 5 "-" "-"',
        {"client": "::1", "target": "/projects/?a=b"},
    ),
    "a request that never came": (
        f'10.0.0.1 - - {AT} "-" 408 - "-" "-"',
        {"status": 408},
    ),
    "TLS on a plain port": (
        f'10.0.0.1 - - {AT} "\\x16\\x03\\x01\\x02" 400 226 "-" "-"',
        {"status": 400, "bytes_sent": 226},
    ),
    "a line that is cut within its agent": (
        f'10.0.0.1 - - {AT} "GET /images/web/2009/banner.png HTTP/1.1" 200 52315 "-" "Moz',
        {"target": "/images/web/2009/banner.png", "status": 200, "bytes_sent": 52315},
    ),
}  # fmt: skip


def test_all_of_them_are_requests_of_one_log(tmp_path: Path) -> None:
    lines = [line for line, _ in ODD.values()]
    rows, facts = rows_of(tmp_path, *lines)
    assert (len(rows), facts.bad_lines) == (len(lines), 0)
    assert sum(count for _, count in facts.formats) == len(lines)
    assert is_access_log("".join(f"{line}\n" for line in lines).encode())


@pytest.mark.parametrize(("line", "told"), ODD.values(), ids=ODD.keys())
def test_what_an_odd_line_tells_is_read(tmp_path: Path, line: str, told: dict[str, Any]) -> None:
    (row,), _ = rows_of(tmp_path, line)
    assert {name: row.get(name) for name in told} == told
    assert ("target" in row) == ("target" in told)
