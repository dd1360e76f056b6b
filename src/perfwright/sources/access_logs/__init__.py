"""Access logs of web servers into one table of requests, and what is counted out of it.

    log_format, JSON, … ──► one query a format ──► `requests` (model/access.py) ──► model/traffic.py

Formats are told by content, line by line; see `reading.py`. A line that cannot be read is counted
and shown, never dropped in silence.
"""

from perfwright.sources.access_logs.access_log import AccessLog
from perfwright.sources.access_logs.reading import is_access_log, read_access_logs

__all__ = ["AccessLog", "is_access_log", "read_access_logs"]
