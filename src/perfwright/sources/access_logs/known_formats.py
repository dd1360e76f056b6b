"""Formats that need no telling, the ones that demand more first.

AWS https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
(stamps the end; the sum of its three times is the whole request) · Traefik
https://doc.traefik.io/traefik/observability/access-logs (CLF: stamps the start) · Envoy's default.
"""

from __future__ import annotations

import functools

from perfwright.sources.access_logs import meanings as m
from perfwright.sources.access_logs.line_format import LineFormat
from perfwright.sources.access_logs.line_pattern import line_format
from perfwright.sources.access_logs.log_format import Field, Token, parse_log_format
from perfwright.sources.access_logs.meanings import Meaning

_COMMON = '%h %l %u %t "%r" %>s %b'
_COMBINED = f'{_COMMON} "%{{Referer}}i" "%{{User-Agent}}i"'
_TRAEFIK = f'{_COMBINED} %N "%N" "%N" %{{ms}}Tms'
_ENVOY = (
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%"'
    " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
    ' %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%"'
    ' "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"'
)
_ISTIO = _ENVOY.replace(
    "%RESPONSE_FLAGS%",
    "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS%"
    ' "%UPSTREAM_TRANSPORT_FAILURE_REASON%"',
)
_ADDRESS = Meaning(slot="client", sql=m.as_text, pattern=r"[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*")
_TIMES = r"-?[\d.]+ -?[\d.]+ -?[\d.]+"
_LOAD_BALANCER: tuple[Token, ...] = (
    Field("time", m.iso_time("ended_us")), " ", Field("elb"), " ",
    Field("client:port", Meaning(slot="client", sql=m.without_port)), " ", Field("target:port"),
    " ", Field("times", Meaning(slot="duration_us", sql=m.as_sum_of_s, pattern=_TIMES)), " ",
    Field("elb_status_code", m.STATUS), " ", Field("target_status_code"), " ",
    Field("received_bytes", m.count("bytes_received")), " ",
    Field("sent_bytes", m.count("bytes_sent")), ' "', Field("request", m.REQUEST), '" "',
    Field("user_agent", m.text("agent")), '"',
)  # fmt: skip


@functools.cache
def known_formats() -> tuple[LineFormat, ...]:
    kind = Meaning(slot="kind", sql=m.as_text, pattern="https?|h2|grpcs|wss?")
    common, combined = _of_the_end(_COMMON), _of_the_end(_COMBINED)
    vhost: tuple[Token, ...] = (Field("vhost"), " ", Field("client", _ADDRESS))
    both = (("combined", combined), ("common", common))
    return (
        line_format("AWS ALB", (Field("type", kind), " ", *_LOAD_BALANCER), more=True),
        line_format("AWS ELB", _LOAD_BALANCER, more=True),
        line_format("Envoy", parse_log_format(_ENVOY), more=True),
        line_format("Istio", parse_log_format(_ISTIO), more=True),
        line_format("Traefik CLF", parse_log_format(_TRAEFIK)),
        *(line_format(f"vhost {name}", (*vhost, *one[1:]), loose=True) for name, one in both),
        *(line_format(name, one, loose=True) for name, one in both),
        *(
            line_format(f"vhost {name} with more fields", (*vhost, *one[1:]), more=True, loose=True)
            for name, one in both
        ),
        *(
            line_format(f"{name} with more fields", one, more=True, loose=True)
            for name, one in both
        ),
    )


def _of_the_end(form: str) -> tuple[Token, ...]:
    """With a time that a duration further on the line is subtracted from: seconds with a fraction,
    which nginx writes, and that stamps the end."""
    ended = Field("time", m.clf_time("ended_us"))
    return tuple(
        ended if isinstance(token, Field) and token.name == "%t" else token
        for token in parse_log_format(form)
    )


def named_format(name: str) -> LineFormat | None:
    """`combined`, `vhost combined`, `alb`…"""
    wanted = name.strip().casefold().replace("_", " ").replace("-", " ")
    return next(
        (
            one
            for one in known_formats()
            if wanted in (one.name.casefold(), one.name.casefold().removeprefix("aws "))
        ),
        None,
    )
