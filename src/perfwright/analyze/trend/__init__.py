"""Change points and anomalies of a series; `docs/trend.md` derives it with the same symbols.

series x ─► season s ─► y = x - s ─► noise σ, φ ─► z (whitened, tails cut)
                                                    │
     ┌── E-divisive ── PELT ── on z (levels) and on its spread w
     ▼
changes: agreement, drift or step, location, magnitude ─► residuals of y ─► anomalies
"""
