"""Frames of Java code as profiles spell them: `Cart.total (./com/shop/Cart.java:40)`.

A known library's has no `./`; so the application's own is told apart.
"""

from __future__ import annotations

import re

from perfwright.observe.profile_frames import frame_text

_LIBRARIES = re.compile(
    r"(javax?|jdk|sun|com\.sun|jakarta|kotlinx?|scala|groovy|clojure|org\.(apache|springframework|"
    r"eclipse|hibernate|postgresql|slf4j|jboss|glassfish|reactivestreams)|io\.(netty|undertow|vertx|"
    r"micronaut|quarkus|micrometer|opentelemetry|grpc)|com\.(fasterxml|zaxxer|google|mysql)|"
    r"ch\.qos|reactor|redis\.clients|net\.bytebuddy)\."
)
_ADDRESS = re.compile(r"/0x[0-9a-f]+")
"""Of a hidden class: `Shop$$Lambda$14/0x00007f1c48001000`."""
_MODULE = re.compile(r"^.*/")
"""Its loader and module: `app//`, `java.base@17/`."""


def java_frame(class_name: str, method: str, line: int) -> str:
    """`class_name` with its package, separated by dots; `line` 0 or less: not known."""
    name = _MODULE.sub("", _ADDRESS.sub("", class_name))
    package, _, simple = name.rpartition(".")
    folder = package.replace(".", "/") + "/" if package else ""
    own = "" if _LIBRARIES.match(name) else "./"
    file = f"{own}{folder}{simple.partition('$')[0]}.java"
    return frame_text(f"{simple}.{method}", file, max(0, line))
