"""What can go wrong when the lab starts something."""

from __future__ import annotations


class LaunchError(Exception):
    """Something did not come up; the message says what, and ends with what it said itself."""
