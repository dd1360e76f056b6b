"""Targets: what is ours by its address is fine, what is public needs to be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfwright.model.errors import TargetRefused, UsageError
from perfwright.plan.fields import Resolve
from perfwright.plan.targets import allowed_targets, is_public


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.9",
        "172.16.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "localhost",
        "shop.localhost",
        "db.internal",
        "printer.LOCAL",
    ],
)
def test_loopback_and_private_hosts_are_not_public(host: str) -> None:
    assert not is_public(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "224.0.1.1"])
def test_global_addresses_are_public(host: str) -> None:
    assert is_public(host)


def test_a_public_target_is_refused_with_both_remedies() -> None:
    with pytest.raises(TargetRefused) as caught:
        allowed_targets("http://8.8.8.8:80/")
    assert str(caught.value) == (
        "target: 8.8.8.8 is a public address; if it is yours to load, add --allow-target 8.8.8.8, "
        'or allow-targets = ["8.8.8.8"] in perfwright.toml'
    )


def test_an_allowed_host_is_fine(folder: Path) -> None:
    assert "8.8.8.8" in allowed_targets("http://8.8.8.8/", allowed=["8.8.8.8", "idp.example"])
    (folder / "perfwright.toml").write_text('allow-targets = ["8.8.8.8"]')
    allowed_targets("http://8.8.8.8/")


def test_a_loopback_target_needs_nothing() -> None:
    allowed_targets("http://127.0.0.1:8000")
    allowed_targets("http://[::1]:8000")
    allowed_targets("http://localhost:8000")


def test_a_pinned_name_is_judged_by_its_pinned_address() -> None:
    def pin(host: str, address: str) -> list[Resolve]:
        return [Resolve(host=host, port=80, address=address)]

    allowed_targets("http://shop.invalid/", pinned=pin("shop.invalid", "127.0.0.1"))
    for host in ("shop.invalid", "localhost"):
        with pytest.raises(TargetRefused, match=rf"{host} \(8\.8\.8\.8\) is a public address"):
            allowed_targets(f"http://{host}/", pinned=pin(host, "8.8.8.8"))


def test_a_name_without_an_address_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"target: host 'shop\.invalid' does not resolve"):
        allowed_targets("http://shop.invalid/")


@pytest.mark.parametrize("text", ['allow-targets = "x"', "allow-targets = [1]", "= nonsense"])
def test_bad_settings_are_named(folder: Path, text: str) -> None:
    (folder / "perfwright.toml").write_text(text)
    with pytest.raises(UsageError, match=r"perfwright\.toml: "):
        allowed_targets("http://8.8.8.8/")
