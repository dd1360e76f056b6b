"""The proxy in front of the shop closes each visitor's connection after one answer.

`keepalive_timeout 0`, and behind it nginx's defaults of old: HTTP/1.0 to the shop, a connection for
each request. Everybody pays for two TCP handshakes a request. Mended, both sides are kept alive.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings

_CLOSING = """
    upstream shop { {servers} }
    server {
        listen {port} backlog=2048;
        keepalive_timeout 0;
        location / { proxy_pass http://shop; }
    }
"""
_KEPT = """
    upstream shop { {servers} keepalive 64; }
    server {
        listen {port} backlog=2048;
        keepalive_timeout 65;
        keepalive_requests 100000;
        location / {
            proxy_pass http://shop;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
"""

FAULT = Fault(
    sentence="The proxy closes every connection after one request.",
    around=Surroundings(nginx=_CLOSING),
    around_fixed=Surroundings(nginx=_KEPT),
)
