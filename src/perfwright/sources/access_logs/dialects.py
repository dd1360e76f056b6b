"""What the variables of nginx, Apache and Envoy mean, as far as a workload needs them.

nginx https://nginx.org/en/docs/varindex.html (stamps the end of a request) · Apache
https://httpd.apache.org/docs/2.4/mod/mod_log_config.html (stamps its start) · Envoy
https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log (its start).
None: the variable is read past.
"""

from __future__ import annotations

import re

from perfwright.sources.access_logs import meanings as m
from perfwright.sources.access_logs.meanings import Meaning

_VISITOR = re.compile(
    r"(^|[_.-])(sid|uid|user|session|sess|sessid|visitor|client_?id|jsessionid|phpsessid|token)"
    r"([_.-]|$)|session|phpsessid|visitor",
    re.IGNORECASE,
)
_HEADERS = {
    "user-agent": m.text("agent"),
    "x-forwarded-for": m.FORWARDED,
    "x-real-ip": m.FORWARDED,
    "cf-connecting-ip": m.FORWARDED,
    "true-client-ip": m.FORWARDED,
    "content-length": m.count("bytes_received", rank=1),
}
_NGINX = {
    "remote_addr": m.client(),
    "realip_remote_addr": m.client(rank=1),
    "proxy_protocol_addr": m.client(rank=2),
    "proxy_add_x_forwarded_for": m.FORWARDED,
    "remote_user": m.text("user", rank=1),
    "uid_got": m.text("user", pattern=m.WORD),
    "uid_set": m.text("user", pattern=m.WORD, rank=2),
    "time_local": m.clf_time("ended_us"),
    "time_iso8601": m.iso_time("ended_us"),
    "msec": Meaning(slot="ended_us", sql=m.as_epoch("s"), pattern=m.DECIMAL),
    "request": m.REQUEST,
    "request_method": m.text("method", pattern=m.WORD),
    "request_uri": m.text("target", pattern=m.WORD),
    "uri": m.text("path", pattern=m.WORD),
    "document_uri": m.text("path", pattern=m.WORD, rank=1),
    "args": m.QUERY,
    "query_string": m.QUERY,
    "status": m.STATUS,
    "body_bytes_sent": m.count("bytes_sent"),
    "bytes_sent": m.count("bytes_sent", rank=1),
    "request_length": m.count("bytes_received"),
    "content_length": m.count("bytes_received", rank=1),
    "request_time": m.duration("s"),
    "upstream_response_time": Meaning(
        slot="duration_us",
        sql=m.as_duration("s"),
        pattern=r"-|[\d.-]+(?:(?:, | : )[\d.-]+)*",
        rank=1,
    ),
}
_APACHE = {
    "h": m.client(rank=1),
    "a": m.client(),
    "u": m.text("user", rank=1),
    "t": m.clf_time("started_us"),
    "r": m.REQUEST,
    "m": m.text("method", pattern=m.WORD),
    "U": m.text("path", pattern=m.WORD),
    "q": m.QUERY,
    "s": m.STATUS,
    "b": m.count("bytes_sent"),
    "B": m.count("bytes_sent"),
    "O": m.count("bytes_sent", rank=1),
    "I": m.count("bytes_received"),
    "D": m.duration("us"),
    "T": m.duration("s", rank=1),
}
_APACHE_INSTANTS = {"sec": "s", "msec": "ms", "usec": "us"}
_ENVOY = {
    "START_TIME": m.iso_time("started_us"),
    "RESPONSE_CODE": m.STATUS,
    "BYTES_RECEIVED": m.count("bytes_received"),
    "BYTES_SENT": m.count("bytes_sent"),
    "DURATION": m.duration("ms"),
    "DOWNSTREAM_REMOTE_ADDRESS": Meaning(slot="client", sql=m.without_port),
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": m.client(),
}


def nginx_meaning(name: str) -> Meaning | None:
    if name.startswith("http_"):
        return header(name.removeprefix("http_"))
    if name.startswith("cookie_"):
        return cookie(name.removeprefix("cookie_"))
    return _NGINX.get(name)


def apache_meaning(directive: str, argument: str) -> Meaning | None:
    """Of `%{argument}directive`; times are `%{…}t`."""
    if directive == "i":
        return header(argument)
    if directive == "C":
        return cookie(argument)
    if directive == "T" and argument in m.US_PER:
        return m.duration(argument)
    if directive == "t" and argument:
        return _apache_time(argument)
    if directive == "a" and argument:
        return m.client(rank=2)
    return None if argument else _APACHE.get(directive)


def _apache_time(form: str) -> Meaning | None:
    edge, colon, rest = form.partition(":")
    slot = "ended_us" if edge == "end" else "started_us"
    form = rest if colon and edge in ("begin", "end") else form
    if form in _APACHE_INSTANTS:
        sql = m.as_epoch(_APACHE_INSTANTS[form])
        return Meaning(slot=slot, sql=sql, pattern=m.DECIMAL)
    for short, long in (("%T", "%H:%M:%S"), ("%F", "%Y-%m-%d"), ("%R", "%H:%M"), ("%e", "%d")):
        form = form.replace(short, long)
    form = form.replace("usec_frac", "%f").replace("msec_frac", "%g")
    if "%" not in form:
        return None
    return Meaning(slot=slot, sql=m.as_time_of(form), pattern=r".+?", rank=1)


def envoy_meaning(name: str, argument: str) -> Meaning | None:
    """Of `%NAME(ARGUMENT)%`."""
    if name == "REQ":
        for header_name in argument.partition(":")[2].split("?") if argument[:1] == ":" else ():
            if header_name in ("METHOD", "PATH"):
                return m.text("method" if header_name == "METHOD" else "target", pattern=m.WORD)
        if argument.upper().startswith("X-ENVOY-ORIGINAL-PATH"):
            return m.text("target", pattern=m.WORD)
        return header(argument.partition("?")[0])
    return _ENVOY.get(name)


def header(name: str) -> Meaning | None:
    """Of a request; `User-Agent` or `user_agent`."""
    plain = name.lower().replace("_", "-")
    if plain in _HEADERS:
        return _HEADERS[plain]
    return m.text("user", rank=2) if _VISITOR.search(plain) else None


def cookie(name: str) -> Meaning | None:
    """One that tells who it is goes before the name of a login: all of his requests have it."""
    return m.text("user") if _VISITOR.search(name) else None
