"""What a reader of the draft must know of its recording: left out, missing, guessed, to be set.

No note holds a value of the recording: names and counts only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from perfwright.model.journey import Extraction
from perfwright.model.units import format_count, format_duration
from perfwright.sources.har.actions import Action
from perfwright.sources.har.choosing import Left, Site
from perfwright.sources.har.entries import Entry, Recording
from perfwright.sources.har.options import HarOptions
from perfwright.sources.har.requests import Request
from perfwright.sources.har.stand_ins import USERS, StandIns

_MOST_NAMED = 6
_WORDS = {
    "third party": "of other sites (--keep-third-party)",
    "static": "for static files (images, scripts, styles, fonts; --keep-static)",
    "websocket": "to WebSockets, which have no translation",
    "not http": "not over HTTP (data:, blob:, extensions)",
    "stream": "for event streams, which do not end",
    "preflight": "that a browser sends before others (CORS preflight)",
    "beacon": "of the browser itself (favicon, beacons)",
    "tunnel": "to open a tunnel (CONNECT)",
    "not asked for": "that --only does not name",
    "unanswered": "without an answer (blocked, aborted or still under way)",
}


def left_out(left: Left) -> Iterator[str]:
    """One sentence a reason, with the origins where they say more."""
    for reason, origins in left.items():
        count = origins.total()
        subject = "1 request" if count == 1 else f"{format_count(count)} requests"
        where = f": {_named(origins)}" if reason == "third party" else ""
        yield f"Left out {subject} {_WORDS[reason]}{where}."


def of_recording(recording: Recording, requests: Sequence[Request], site: Site) -> Iterator[str]:
    """What the file itself lacks."""
    if recording.unusable:
        yield f"Left out {_entries(recording.unusable)} without a usable address."
    bodies = sum(1 for request in requests if request.visit.last.text is not None)
    if bodies == 0:
        yield (
            "The recording holds no bodies of answers: tokens and ids that came in them could not"
            " be found, and stand as they were recorded. Save it with content."
        )
    yield from _credentials(recording, requests, site)
    errors = [request for request in requests if request.visit.last.status >= 500]
    if errors:
        yield (
            f"{_entries(len(errors))} answered 5xx when recorded; the test counts such an answer"
            " as an error."
        )


def _credentials(recording: Recording, requests: Sequence[Request], site: Site) -> Iterator[str]:
    sent = [cookie for request in requests for cookie in _cookies_sent(request.entry)]
    given = set()
    for entry in recording.entries:
        for name, value in entry.answer_headers:
            if name.lower() == "set-cookie":
                given.add(value.partition("=")[0].strip())
    has_login = any(request.entry.header("authorization") for request in requests)
    if not sent and not given and not has_login and "webinspector" in recording.creator.lower():
        yield (
            "The recording holds neither cookies nor Authorization: Chrome leaves them out unless"
            " it is told “Export HAR (with sensitive data)”. If the site needs a login, record so."
        )
    unknown = Counter(name for name in sent if name not in given)
    if unknown:
        yield (
            f"Cookies that no answer in the recording set: {_named(unknown)}. Were they a login's,"
            f" then record again from the login on; what scripts of {site.main} set is missing."
        )


def _cookies_sent(entry: Entry) -> Iterator[str]:
    for part in entry.header("cookie").split(";"):
        name, equals, _ = part.partition("=")
        if equals:
            yield name.strip()


def of_values(
    extracts: Mapping[int, tuple[Extraction, ...]], names: Sequence[str], filled: StandIns
) -> Iterator[str]:
    """What is dynamic now, and what must be set. `names`: steps, by index."""
    told = [
        f"{one.name} (from {names[index]})"
        for index, several in extracts.items()
        for one in several
    ]
    if told:
        yield f"Taken from answers, and sent in later requests: {_listed(told)}."
    if filled.environment:
        yield (
            "Secrets are not written down; set the environment"
            f" {'variable' if len(filled.environment) == 1 else 'variables'}"
            f" {', '.join(filled.environment)} (`--env NAME=VALUE`)."
        )
    if filled.data:
        yield (
            f"data/{USERS}.csv holds the one account that was recorded; add more, or all users"
            " are the same person to caches and locks."
        )


def of_shape(
    requests: Sequence[Request], actions: Sequence[Action], site: Site, options: HarOptions
) -> Iterator[str]:
    """Origins, redirects, files and pauses."""
    others = Counter(request.origin for request in requests if request.origin)
    if others:
        yield f"Some requests go to other origins than the target: {_named(others)}."
    away = Counter(
        hop.origin for request in requests for hop in request.visit.hops if not site.has(hop)
    )
    if away and not options.keep_third_party:
        yield f"Redirects lead through other sites, which would get load, too: {_named(away)}."
    files = [
        part[1]
        for request in requests
        if request.sent is not None and request.sent.kind == "multipart"
        for part in request.sent.value
        if len(part) == 4 and not part[2]
    ]
    if files:
        yield f"{_entries(len(files), 'file')} uploaded; the recording lacks their content: add it."
    cut = [one for one in actions if one.think_s > options.longest_think_s > 0]
    if cut:
        longest = format_duration(options.longest_think_s)
        yield f"{_entries(len(cut), 'pause')} above {longest} cut to that."


def _named(origins: Counter[str]) -> str:
    return _listed([f"{name} ({count})" for name, count in origins.most_common()])


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _entries(count: int, one: str = "request") -> str:
    return f"{format_count(count)} {one}{'' if count == 1 else 's'}"
