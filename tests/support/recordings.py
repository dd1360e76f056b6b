"""What `perfwright record` says when it is ready."""

from __future__ import annotations

import re
import subprocess


def address_of(process: subprocess.Popen[str]) -> str:
    """The proxy's base URL, without the slash at its end."""
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"open (http://\S+?)/ ", line)
    assert found, line + process.stderr.read()
    return found[1]
