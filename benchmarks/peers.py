"""Peers that Debian has not: Python packages live in `.tools/peers`, JMeter in `.tools/jmeter`."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".tools/uv/bin/uv"
PEERS = ROOT / ".tools/peers"
JMETER = ROOT / ".tools/jmeter"
JMETER_POM = Path(__file__).with_name("jmeter-pom.xml")


def install_locust() -> None:
    """Installs Locust once; raises CalledProcessError where the registry cannot be reached."""
    if (PEERS / "bin/locust").exists():
        return
    subprocess.run([UV, "venv", "--quiet", "--clear", PEERS], check=True)
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--python", PEERS / "bin/python", "locust>=2.40"],
        check=True,
    )


def install_jmeter() -> Path:
    """JMeter's home folder, put together once from Maven's packages as its own archive is.
    CalledProcessError where the registry cannot be reached; FileNotFoundError without Maven."""
    launcher = JMETER / "bin/ApacheJMeter.jar"
    if launcher.exists():
        return JMETER
    shutil.rmtree(JMETER, ignore_errors=True)
    libraries = JMETER / "lib"
    subprocess.run(
        ["mvn", "--quiet", "--batch-mode", "--file", JMETER_POM, "dependency:copy-dependencies",
         f"-DoutputDirectory={libraries}"],
        check=True,
    )  # fmt: skip
    (config,) = libraries.glob("ApacheJMeter_config-*.jar")
    with zipfile.ZipFile(config) as archive:
        archive.extractall(JMETER)
    (libraries / "ext").mkdir()
    for jar in libraries.glob("ApacheJMeter_*.jar"):
        jar.rename(libraries / "ext" / jar.name)
    (jar,) = libraries.glob("ApacheJMeter-*.jar")
    jar.rename(launcher)
    return JMETER
