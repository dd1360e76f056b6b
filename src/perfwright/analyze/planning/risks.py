"""Product risks that a load test can show, and what of them the source speaks for.

A risk stands in the plan where a purpose's tests would show it; what the log or document says about
it comes as its reason. What may go wrong with the test itself (one that writes, secrets, a target
that is production) comes first: it is to be settled before anything is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfwright.analyze.planning.loads import busiest
from perfwright.analyze.planning.surroundings import may_be_production
from perfwright.model.journey import Call, FromEnvironment, ScenarioDraft
from perfwright.model.plan_page import Kind, Risk
from perfwright.model.units import format_number
from perfwright.model.workload import Workload

_WRITING = ("POST", "PUT", "PATCH", "DELETE")
_BURSTY = 1.5
_SLOW_S = 0.5
_NAMED_MAX = 4


def risks_of(
    draft: ScenarioDraft, calls: Sequence[Call], workload: Workload | None, kinds: Sequence[Kind]
) -> tuple[Risk, ...]:
    """`calls`: all that the draft can make."""
    found = [*_of_the_test(draft, calls), *_of_the_system(workload, kinds)]
    return tuple(found)


def _of_the_test(draft: ScenarioDraft, calls: Sequence[Call]) -> Iterator[Risk]:
    writing = list(dict.fromkeys(call.name for call in calls if call.method in _WRITING))
    if writing:
        yield Risk(
            what="The test changes data: it creates, changes or deletes at the rate of its load.",
            why=f"It takes {_named(writing)}. Use an environment whose data may go, mute mail, "
            "payment and other outgoing calls, and say how it is put back.",
            shown_by=("smoke",),
        )
    if may_be_production(draft.target):
        yield Risk(
            what=f"{draft.target} may be production.",
            why="The source was recorded there, or names it. Give --target for the test "
            "environment; a public host needs --allow-target as well.",
            shown_by=(),
        )
    secrets = [v.name for v in draft.variables if isinstance(v.origin, FromEnvironment)]
    if secrets:
        yield Risk(
            what="Users that share one account meet in caches, locks and rate limits.",
            why=f"Taken from the environment: {_named(secrets)}. Many accounts, as rows of a data "
            "file, are nearer to production.",
            shown_by=("load",),
        )


def _of_the_system(workload: Workload | None, kinds: Sequence[Kind]) -> Iterator[Risk]:
    yield Risk(
        what="At the expected peak response times or errors break the objectives.",
        why=_peak_reason(workload),
        shown_by=("load",),
    )
    slow = [
        one for one in (workload.endpoints if workload else ())
        if one.service_s is not None and one.service_s[1] > _SLOW_S
    ]  # fmt: skip
    if slow:
        yield Risk(
            what="What is slow today gets slower than its users bear.",
            why=f"p95 above {_SLOW_S:g} s in the log: {_named([one.name for one in slow])}.",
            shown_by=("load", "stress"),
        )
    known: tuple[tuple[Kind, str, str], ...] = (
        (
            "stress",
            "Beyond the peak the system does not refuse, but hangs: queues grow, retries feed "
            "them, and it does not come back.",
            "Growth and forecasts err; nobody knows the headroom until it was measured.",
        ),
        (
            "spike",
            "A sudden crowd is there before autoscaling, pools and caches are.",
            _burst_reason(workload),
        ),
        (
            "soak",
            "Over hours memory, connections, disk or a table grow until something stops.",
            "Short tests cannot show it.",
        ),
        (
            "breakpoint",
            "The limit, and what sets it, is not known before it is met in production.",
            "Capacity can only be bought in time if it is known.",
        ),
    )
    for kind, what, why in known:
        if kind in kinds:
            yield Risk(what=what, why=why, shown_by=(kind,))


def _peak_reason(workload: Workload | None) -> str:
    if workload is None:
        return "It is the load that the system is there for."
    arrivals = workload.arrivals
    mean = arrivals.requests_per_s
    times = arrivals.peak_requests_per_s / mean if mean > 0 else 1.0
    return (
        f"The {busiest(arrivals)} of the log had {format_number(arrivals.peak_requests_per_s)} "
        f"requests/s, {times:.1f} times the mean."
    )


def _burst_reason(workload: Workload | None) -> str:
    if workload is None or workload.arrivals.dispersion < _BURSTY:
        return "A campaign, a push message or a returning dependency brings it."
    return (
        f"Arrivals come in bursts: their index of dispersion is "
        f"{format_number(workload.arrivals.dispersion)} (1 would be independent visitors)."
    )


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED_MAX])
    more = len(names) - _NAMED_MAX
    return f"{shown} and {more} more" if more > 0 else shown
