"""HAR 1.2 recordings (browsers' developer tools, proxies, Playwright, `perfwright record`).

bytes ─► entries ─► fold redirects ─► choose ─► requests ─► correlate ─► stand-ins ─► actions
                                                                         ScenarioDraft ◄──┘
"""
