"""Peers that are Python packages live in an environment of their own, `.tools/peers`."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".tools/uv/bin/uv"
PEERS = ROOT / ".tools/peers"


def install_locust() -> None:
    """Installs Locust once; raises CalledProcessError where the registry cannot be reached."""
    if (PEERS / "bin/locust").exists():
        return
    subprocess.run([UV, "venv", "--quiet", "--clear", PEERS], check=True)
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--python", PEERS / "bin/python", "locust>=2.40"],
        check=True,
    )
