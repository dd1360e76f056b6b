"""The sessions of a log as a `Trace`, for comparison with those that its drafted test makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from perfwright.analyze.workload.sessions import SessionArrays
from perfwright.analyze.workload.sorting import EndpointForm
from perfwright.model.traffic import Visits
from perfwright.model.workload import Trace


def trace_of(
    visits: Visits,
    sessions: SessionArrays,
    forms: Sequence[EndpointForm],
    names_of: Callable[[NDArray[np.int64]], Sequence[tuple[str, str]]],
) -> Trace:
    """`forms`: of the states of `sessions`. `names_of`: (method, path) of numbered targets."""
    varies = np.array([bool(form.slots) for form in forms])[sessions.state]
    numbers, place = np.unique(visits.target[varies], return_inverse=True)
    item = np.full(sessions.state.size, -1, dtype=np.int64)
    item[varies] = place
    return Trace(
        session=sessions.session,
        time_s=visits.time_us / 1e6,
        step=sessions.state,
        item=item,
        steps=tuple(form.name for form in forms),
        items=tuple(path for _, path in names_of(numbers)),
        starts_s=np.sort(sessions.begin_us) / 1e6,
        resolution_s=sessions.resolution_s,
        busy_s=np.maximum(visits.duration_us, 0) / 1e6 if sessions.service_known else None,
    )
