"""A stored run's digest: by the shortest way that gives the same numbers."""

from __future__ import annotations

from collections.abc import Sequence

from perfwright.analyze.digest import Digest
from perfwright.analyze.slos import window_lengths_s
from perfwright.model.manifest import IMPORTED, RunManifest
from perfwright.plan.slo import Slo
from perfwright.store.stored_run import StoredRun


def digest_of(run: StoredRun, slos: Sequence[Slo]) -> Digest:
    """From the seconds, a few minutes of them at a time; an imported run, which may be of hours and
    is judged as a whole, from its sums, unless an SLO asks for windows."""
    lengths = window_lengths_s(slos)
    if run.manifest.kind == IMPORTED and not lengths:
        summed = run.summed()
        return Digest.of_sum(*summed) if summed else Digest()
    return Digest.of(run.frames(), window_lengths_s=lengths)


def length_of_sums_s(manifest: RunManifest) -> float | None:
    """How long the one frame lasted that another tool's sums are, which is all they came to; None
    for runs that were kept by the second, and where the file did not tell."""
    if manifest.kind != IMPORTED or not manifest.quantiles:
        return None
    return sum(end - start for start, end in manifest.judged_s) or None
