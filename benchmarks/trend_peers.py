"""Runs a peer on series from standard input: `python trend_peers.py otava|pelt < series.json`.

Runs in the peers' own environment (`.tools/trend-peers`), so it imports nothing of ours. JSON in: a
list of lists of values; JSON out: for each the rows at which something changes.

    otava   Apache Otava's E-divisive with its t-test, as its command line runs it by default
    pelt    ruptures' PELT, change of mean, penalty 3 ln n in units of the differences' variance
"""

from __future__ import annotations

import itertools
import json
import math
import statistics
import sys


def otava(values: list[float]) -> list[int]:
    from otava.series import AnalysisOptions, Metric, Series  # type: ignore[import-not-found]

    series = Series(
        "series",
        branch=None,
        time=list(range(len(values))),
        metrics={"value": Metric(1, 1.0)},
        data={"value": list(values)},
        attributes={},
    )
    analyzed = series.analyze(AnalysisOptions())
    return sorted(int(change.index) for change in analyzed.change_points["value"])


def pelt(values: list[float]) -> list[int]:
    import numpy as np
    import ruptures  # type: ignore[import-not-found]

    steps = [b - a for a, b in itertools.pairwise(values)]
    sigma = 1.4826 * statistics.median(map(abs, steps)) / math.sqrt(2) or 1.0
    signal = np.asarray(values) / sigma
    found = ruptures.Pelt(model="l2", min_size=4, jump=1).fit(signal)
    return [int(row) for row in found.predict(pen=3 * math.log(len(values)))[:-1]]


if __name__ == "__main__":
    detector = {"otava": otava, "pelt": pelt}[sys.argv[1]]
    json.dump([detector(values) for values in json.load(sys.stdin)], sys.stdout)
