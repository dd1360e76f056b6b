"""HAR 1.2 recordings (browsers' developer tools, proxies, Playwright, `perfwright record`).

bytes ─► entries ─► fold redirects ─► choose ─► requests ─► correlate ─► stand-ins ─► actions
                                                                         ScenarioDraft ◄──┘
"""

from perfwright.sources.har.options import HarOptions
from perfwright.sources.har.reading import is_har, read_har

__all__ = ["HarOptions", "is_har", "read_har"]
