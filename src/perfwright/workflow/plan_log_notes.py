"""What people should know of a plan from a log: how the log was read, what its test does not hold.

One sentence each, without the point at its end.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from perfwright.analyze.workload.sessions import SessionArrays
from perfwright.analyze.workload.window import Window
from perfwright.model.journey import DraftLoad
from perfwright.model.traffic import Visits
from perfwright.model.units import format_duration
from perfwright.model.workload import Endpoint

_FEW_SESSIONS = 30


def reading_notes(sessions: SessionArrays, visits: Visits, window: Window) -> list[str]:
    notes = []
    if window.outside:
        which = "1 request is" if window.outside == 1 else f"{window.outside:,} requests are"
        notes.append(
            f"{which} stamped far from all others; rates are those of the "
            f"{format_duration((window.end_us - window.begin_us) / 1e6)} without them"
        )
    if visits.sampled_ratio < 1.0:
        notes.append(
            f"patterns and think times come from a sample of {visits.sampled_ratio:.1%} of the "
            "visitors, each with all requests; counts and rates are of everybody"
        )
    if sessions.resolution_s >= 1.0:
        notes.append(
            "the log tells whole seconds: think times were fitted with the rounding as a part of "
            "the likelihood"
        )
    if not sessions.service_known:
        notes.append(
            "the log tells no response times: think times contain them, and no objective for them "
            "can be proposed"
        )
    return notes


def unwalked_notes(endpoints: Sequence[Endpoint], walked: Collection[str]) -> list[str]:
    missing = [endpoint for endpoint in endpoints if endpoint.name not in walked]
    if not missing:
        return []
    share = sum(endpoint.share for endpoint in missing)
    which = f"{len(missing)} endpoints are" if len(missing) > 1 else f"{missing[0].name} is"
    return [
        f"{which} in no scenario, since next to nobody goes there ({share:.2%} of the requests)"
    ]


def rate_notes(load: DraftLoad) -> list[str]:
    sessions = sum(part.to * (part.hold_s + part.over_s) for part in load.parts)
    if sessions >= _FEW_SESSIONS:
        return []
    times = math.ceil(_FEW_SESSIONS / sessions)
    return [
        f"the log's rate is so low that the test sees about {sessions:.2g} sessions: ask for more "
        f"with --scale ({times:,} times as much brings {_FEW_SESSIONS}), or for the busiest hour "
        "with --peak"
    ]
