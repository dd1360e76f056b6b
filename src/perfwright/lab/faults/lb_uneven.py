"""A proxy spreads visitors over three shops by their address, and all come from one.

`ip_hash` was to keep a visitor at one shop; behind another proxy (or from one load generator) all
visitors have one address, so one shop works and two stand idle. Mended: in turn.
"""

from __future__ import annotations

from perfwright.lab.faults.fault import Fault
from perfwright.lab.servers.surroundings import Surroundings

_PROXY = """
    upstream shop { %s {servers} keepalive 64; }
    server {
        listen {port} backlog=2048;
        keepalive_requests 100000;
        location / {
            proxy_pass http://shop;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
"""

FAULT = Fault(
    sentence="One of three shops gets all the visitors.",
    sqlite=True,
    around=Surroundings(postgres=None, nginx=_PROXY % "ip_hash;", shops=3),
    around_fixed=Surroundings(postgres=None, nginx=_PROXY % "", shops=3),
)
