"""A failure of which a summary kept only the message."""

from __future__ import annotations

from perfwright.model.frame import Exemplar

_LONGEST = 500


def failure_of(
    step: str, kind: str, message: str, *, method: str = "", status: int = 0
) -> Exemplar:
    """Stands among a run's failed requests; its times are 0, which reads as not known."""
    return Exemplar(
        second=0,
        worker=0,
        step=step,
        outcome=kind,
        status=status,
        method=method,
        url="",
        intended_ns=0,
        response_ns=0,
        service_ns=0,
        phases_ns={},
        message=message[:_LONGEST],
        body_head="",
        user=0,
        iteration=0,
    )
