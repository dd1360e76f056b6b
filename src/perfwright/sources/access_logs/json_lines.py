"""Access logs of one JSON object a line, with fields that are told or guessed.

Caddy and Traefik are known by their names. Of any other server, each meaning goes to the first of
its usual names (`_NAMES`, compared without case, `_`, `-` and `@`, at any depth) whose values look
like it; what was guessed is told in a note. A mapping (field of ours → path of theirs, like
`duration_ms=timings.total`) goes before. Paths may be written with dots.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from perfwright.model.errors import UsageError
from perfwright.model.json_pointer import pointer_to
from perfwright.sources.access_logs import meanings as m
from perfwright.sources.access_logs import spans
from perfwright.sources.access_logs.line_format import Form, LineFormat
from perfwright.sources.access_logs.meanings import Meaning
from perfwright.sources.access_logs.sql import literals

Path = tuple[str | int, ...]

_FIELDS: Mapping[str, Meaning] = {
    "time": Meaning(slot="ended_us", sql=m.as_any_time),
    "started": Meaning(slot="started_us", sql=m.as_any_time),
    "client": Meaning(slot="client", sql=m.without_port),
    "forwarded": m.FORWARDED,
    "user": m.text("user"),
    "agent": m.text("agent"),
    "request": m.REQUEST,
    "method": m.text("method"),
    "target": m.text("target"),
    "path": m.text("path"),
    "query": m.QUERY,
    "status": m.STATUS,
    "bytes_sent": m.count("bytes_sent"),
    "bytes_received": m.count("bytes_received"),
    **{
        f"duration_{unit}": Meaning(slot="duration_us", sql=m.as_spelt_duration(unit))
        for unit in m.US_PER
    },
}
_NAMES: Mapping[str, tuple[str, ...]] = {
    "started": ("startutc", "starttime", "starttimestamp", "requesttimestamp", "start"),
    "time": (
        "timestamp", "time", "ts", "timeiso8601", "timelocal", "datetime", "eventtime", "date",
        "msec", "t",
    ),
    "client": (
        "clientip", "remoteaddr", "remoteip", "remoteaddress", "clientaddr", "clientaddress",
        "client.address", "source.ip", "source.address", "clienthost", "remotehost", "ip", "client",
        "peer",
    ),
    "forwarded": ("xforwardedfor", "httpxforwardedfor", "xff", "xrealip", "httpxrealip"),
    "user": (
        "sessionid", "session", "userid", "user.id", "remoteuser", "username", "clientusername",
        "user.name", "user", "uid",
    ),
    "agent": ("useragent", "httpuseragent", "requestuseragent", "useragent.original", "agent",
              "ua"),
    "method": ("requestmethod", "httpmethod", "http.method", "method", "verb"),
    "target": (
        "requesturi", "requestpath", "requesturl", "uri", "url.original", "http.target",
        "http.url", "originalurl", "url", "target", "fullpath",
    ),
    "path": ("path", "url.path", "uripath", "httppath"),
    "query": ("querystring", "query", "args", "url.query"),
    "request": ("request", "requestline"),
    "status": (
        "statuscode", "responsestatus", "responsecode", "httpstatus", "httpstatuscode",
        "downstreamstatus", "response.status", "status", "code",
    ),
    "bytes_sent": (
        "bodybytessent", "bytessent", "responsesize", "downstreamcontentsize", "response.bytes",
        "response.body.bytes", "responsebytes", "bytesout", "size", "bytes", "contentlength",
        "length",
    ),
    "bytes_received": (
        "requestlength", "requestsize", "requestcontentsize", "bytesreceived", "bytesread",
        "bytesin", "request.body.bytes", "request.bytes",
    ),
    "duration": (
        "requesttime", "duration", "latency", "elapsed", "responsetime", "timetaken", "took",
        "elapsedtime", "totaltime", "upstreamresponsetime", "event.duration", "processingtime",
    ),
}  # fmt: skip
_ALIASES = {"time_us": "time", "url": "target"}
_UNITS = {"ms": "ms", "millis": "ms", "us": "us", "micros": "us", "ns": "ns", "nanos": "ns",
          "s": "s", "sec": "s", "secs": "s", "seconds": "s"}  # fmt: skip
_IN_S = ("requesttime", "upstreamresponsetime")
_NEEDED = ({"time", "started"}, {"target", "path", "request"})
_MOST_FIELDS = 400
_DEEPEST = 5

Samples = Mapping[Path, list[object]]


@dataclass(frozen=True, slots=True)
class _Found:
    field: str
    path: Path


def json_format(lines: Sequence[str], mapping: Mapping[str, str]) -> LineFormat | None:
    """Of the first lines that are JSON objects; None where they cannot be requests. UsageError:
    the mapping names what there is not."""
    objects = [one for line in lines if isinstance(one := _parsed(line), dict)]
    samples: dict[Path, list[object]] = {}
    for one in objects:
        for path, value in _leaves(one):
            if path in samples or len(samples) < _MOST_FIELDS:
                samples.setdefault(path, []).append(value)
    if not samples:
        return None
    known = _known(samples)
    if known and not mapping:
        name, fields = known
        return _format(name, fields)
    told = _told(mapping, samples)
    fields = [*told, *_guessed(samples, {one.field.partition("_")[0] for one in told})]
    names = {one.field for one in fields}
    if not all(names & needed for needed in _NEEDED):
        return None
    listed = ", ".join(f"{one.field} from {_spelt(one.path)}" for one in fields)
    return _format("JSON lines", fields, f"JSON fields: {listed}.")


def _format(name: str, fields: Sequence[_Found], note: str = "") -> LineFormat:
    pointers = literals([pointer_to(one.path) for one in fields])
    values = [(f"texts[{n}]", _FIELDS[one.field]) for n, one in enumerate(fields, 1)]
    form = Form(
        raw=lambda source: (
            f"SELECT *, CASE WHEN ltrim(line)[:1] = '{{'"
            f" THEN TRY(json_extract_string(line, {pointers})) END AS texts FROM {source}"
        ),
        values=values,
        fits=f"texts IS NOT NULL AND ({_tells(fields)})",
    )
    return LineFormat(name=name, forms=(form,), notes=(note,) if note else ())


def _tells(fields: Sequence[_Found]) -> str:
    """Not every line of a structured log is a request."""
    needed = ("target", "path", "request")
    return " OR ".join(
        f"texts[{n}] IS NOT NULL" for n, one in enumerate(fields, 1) if one.field in needed
    )


def _known(samples: Samples) -> tuple[str, list[_Found]] | None:
    if ("request", "remote_ip") in samples or ("request", "remote_addr") in samples:
        return "Caddy", [
            _Found(field, path)
            for field, path in (
                ("time", ("ts",)),
                ("client", ("request", "client_ip")),
                ("client", ("request", "remote_ip")),
                ("client", ("request", "remote_addr")),
                ("user", ("user_id",)),
                ("agent", ("request", "headers", "User-Agent", 0)),
                ("method", ("request", "method")),
                ("target", ("request", "uri")),
                ("status", ("status",)),
                ("bytes_sent", ("size",)),
                ("bytes_received", ("bytes_read",)),
                ("duration_s", ("duration",)),
            )
        ]
    if (spans.MARK,) in samples:
        return "spans", [_Found(field, (field,)) for field in spans.FIELDS]
    if ("DownstreamStatus",) in samples and ("RequestPath",) in samples:
        return "Traefik", [
            _Found(field, (name,))
            for field, name in (
                ("started", "StartUTC"),
                ("time", "time"),
                ("client", "ClientHost"),
                ("user", "ClientUsername"),
                ("agent", "request_User-Agent"),
                ("method", "RequestMethod"),
                ("target", "RequestPath"),
                ("status", "DownstreamStatus"),
                ("bytes_sent", "DownstreamContentSize"),
                ("bytes_received", "RequestContentSize"),
                ("duration_ns", "Duration"),
            )
        ]
    return None


def _told(mapping: Mapping[str, str], samples: Samples) -> list[_Found]:
    found = []
    for ours, written in mapping.items():
        field = _ALIASES.get(ours, ours)
        if field not in (*_FIELDS, "duration"):
            known = ", ".join((*_FIELDS, "duration"))
            raise UsageError(f"--map: {ours!r} is no field; there are {known}")
        path = next((path for path in samples if _spelt(path) == written), None)
        if path is None:
            there = ", ".join(_spelt(path) for path in list(samples)[:20])
            raise UsageError(f"--map: the log has no field {written!r}; it has {there}")
        if field == "duration":
            field = f"duration_{_unit(path, samples[path])}"
        found.append(_Found(field, path))
    return found


def _guessed(samples: Samples, told: set[str]) -> Iterator[_Found]:
    """`told`: fields that need no guess, a duration without its unit."""
    taken: set[Path] = set()
    for field, names in _NAMES.items():
        if field.partition("_")[0] in told and field not in ("bytes_sent", "bytes_received"):
            continue
        if field == "time" and "started" in told:
            continue
        path = next(_of_names(field, names, samples, taken), None)
        if path is None:
            continue
        taken.add(path)
        unit = f"_{_unit(path, samples[path])}" if field == "duration" else ""
        yield _Found(f"{field}{unit}", path)


def _of_names(
    field: str, names: Sequence[str], samples: Samples, taken: set[Path]
) -> Iterator[Path]:
    for name in names:
        for path, values in sorted(samples.items(), key=lambda item: len(item[0])):
            plain = _plain(path)
            if field == "duration":
                plain = _without_unit(path)
            if path in taken or not (plain == name or plain.endswith(f".{name}")):
                continue
            if any(_LOOKS[field](str(value)) for value in values if value is not None):
                yield path


def _looks(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.search(pattern, text) is not None


_TIME = (
    r"^\d{9,19}(\.\d+)?$|^\d+(\.\d+)?[eE]\+?\d+$|\d{4}[-/]\d\d[-/]\d\d[T ]\d|^\d\d?/\w{3}/\d{4}:"
)
_LOOKS: Mapping[str, Callable[[str], bool]] = {
    **dict.fromkeys(_NAMES, _looks(r"\S")),
    "started": _looks(_TIME),
    "time": _looks(_TIME),
    "client": _looks(r"^\[?[0-9a-fA-F:.]*[.:]|^[\w.-]+$"),
    "method": _looks(r"^[A-Za-z]{3,20}$"),
    "target": _looks(r"^(/|https?://)"),
    "path": _looks(r"^/"),
    "request": _looks(r"^[A-Z]+ \S"),
    "status": _looks(r"^[1-9]\d\d$"),
    "bytes_sent": _looks(r"^\d+$"),
    "bytes_received": _looks(r"^\d+$"),
    "duration": _looks(r"^\d*\.?\d+(e-?\d+)? ?(ns|us|µs|ms|s)?$"),
}


def _unit(path: Path, values: Sequence[object]) -> str:
    """By its name, else by its values: a fraction is of seconds, a whole number of ms."""
    last = str(path[-1])
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", last).lower().replace("-", "_").split("_")
    if len(words) > 1 and words[-1] in _UNITS:
        return _UNITS[words[-1]]
    if _plain(path).endswith("event.duration"):
        return "ns"
    if _plain(path[-1:]) in _IN_S:
        return "s"
    texts = [str(value) for value in values if value is not None]
    numbers = [float(text) for text in texts if re.fullmatch(r"\d*\.?\d+", text)]
    if numbers and any("." in text for text in texts) and max(numbers) < 100:
        return "s"
    return "ms"


def _without_unit(path: Path) -> str:
    last = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", str(path[-1])).lower().replace("-", "_")
    head, _, unit = last.rpartition("_")
    return _plain((*path[:-1], head if head and unit in _UNITS else last))


def _plain(path: Path) -> str:
    return ".".join(re.sub(r"[_\-@ ]", "", str(part)).lower() for part in path if part != 0)


def _leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    if isinstance(value, dict):
        if len(path) < _DEEPEST:
            for key, inner in value.items():
                yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        if value and not isinstance(value[0], (dict, list)):
            yield (*path, 0), value[0]
    else:
        yield path, value


def _parsed(line: str) -> object:
    if not line.lstrip().startswith("{"):
        return None
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _spelt(path: Path) -> str:
    return ".".join(str(part) for part in path if part != 0)
