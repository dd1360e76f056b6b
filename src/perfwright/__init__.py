"""Perfwright: a performance engineer's whole job, from Python.

A test file imports everything it needs from here; see docs/scenarios.md.
"""

from importlib.metadata import version as _version

__version__ = _version("perfwright")
