"""A certificate authority of our own, made by openssl: what TLS tests trust, and do not."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeyPair:
    """PEM files."""

    cert: Path
    key: Path


class Authority:
    """Signs certificates; `ca` is what to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca = self.self_signed("ca", "Test authority").cert

    def self_signed(self, file: str, name: str, *, alternative: str = "") -> KeyPair:
        pair = self._pair(file)
        _openssl(
            "req", "-x509", "-days", "2", "-subj", f"/CN={name}", *_new_key(pair),
            *(("-addext", f"subjectAltName={alternative}") if alternative else ()),
        )  # fmt: skip
        return pair

    def signed(self, file: str, name: str, *, alternative: str, days: int = 2) -> KeyPair:
        """`alternative`: its subjectAltName, like `DNS:localhost,IP:127.0.0.1`."""
        pair = self._pair(file)
        request = self._folder / f"{file}.csr"
        extensions = self._folder / f"{file}.ext"
        extensions.write_text(f"subjectAltName={alternative}\n")
        _openssl("req", "-new", "-subj", f"/CN={name}", "-out", request, *_new_key(pair)[:-2])
        _openssl(
            "x509", "-req", "-in", request, "-out", pair.cert, "-CA", self.ca,
            "-CAkey", self._folder / "ca.key", "-CAcreateserial", "-extfile", extensions,
            *(("-not_before", "20200101000000Z") if days < 0 else ()), "-days", str(days),
        )  # fmt: skip
        return pair

    def _pair(self, file: str) -> KeyPair:
        return KeyPair(self._folder / f"{file}.pem", self._folder / f"{file}.key")


def _new_key(pair: KeyPair) -> tuple[object, ...]:
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    return (*curve, "-keyout", pair.key, "-out", pair.cert)


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
