"""Why a comparison may be unfair: what differs between two runs besides what was to be compared.

Read from the manifests. A difference is no reason to refuse: it is said, and the reader decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from perfwright.analyze.step_seconds import StepSeconds
from perfwright.model.manifest import RunManifest
from perfwright.model.units import format_duration
from perfwright.model.verdict import Status

_HOST = ("name", "cpu", "cores", "memory_bytes", "os", "kernel")
_SHOWN = 5
_LENGTHS_DIFFER = 1.5


def notes_of(
    base: RunManifest,
    candidate: RunManifest,
    steps: tuple[Mapping[str, StepSeconds], Mapping[str, StepSeconds]],
) -> tuple[str, ...]:
    """Sentences, the gravest first."""
    if base.run_id == candidate.run_id:
        return ("Base and candidate are the same run.",)
    return (
        *_trust("base", base),
        *_trust("candidate", candidate),
        *_differences(base, candidate),
        *_lengths(*steps),
        *_only_in_one(*steps),
    )


def same_load(base: RunManifest, candidate: RunManifest) -> bool:
    """Whether both were asked for the same, and said so."""
    return bool(base.load) and _plain(base.load) == _plain(candidate.load)


def _trust(side: str, manifest: RunManifest) -> Iterator[str]:
    verdict = manifest.verdict
    if verdict is not None and verdict.status is Status.INCONCLUSIVE:
        why = f": {verdict.reasons[0]}" if verdict.reasons else ""
        yield f"The {side}'s own numbers are inconclusive{why}"
    if manifest.quantiles:
        yield (
            f"Of the {side} only sums are known: what its file does not tell (mostly p99) lies"
            " between what it tells, drawn as a straight line."
        )
    if manifest.state != "finished":
        yield f"The {side} did not run to its end ({manifest.state})."


def _differences(base: RunManifest, candidate: RunManifest) -> Iterator[str]:
    if base.tool != candidate.tool:
        yield (
            f"Measured by different tools ({base.tool}, {candidate.tool}), which may not time the "
            "same thing."
        )
    known = [key for key in _HOST if key in base.host and key in candidate.host]
    changed = [key for key in known if base.host[key] != candidate.host[key]]
    if changed:
        told = ", ".join(f"{key} {base.host[key]} → {candidate.host[key]}" for key in changed)
        yield f"The load came from different machines: {told}."
    if base.load and candidate.load and not same_load(base, candidate):
        yield "The load differs, so response times and throughput may for that reason alone."
    for what, was, now in (
        ("kind of test", base.kind, candidate.kind),
        ("build of Perfwright", base.build_profile, candidate.build_profile),
        ("version of Perfwright", base.tool_version, candidate.tool_version),
        ("target", base.target, candidate.target),
        ("number of workers", base.workers, candidate.workers),
        ("seed", base.seed, candidate.seed),
    ):
        if was != now:
            yield f"The {what} differs: {was or 'none'} → {now or 'none'}."
    if base.test_source and candidate.test_source and base.test_source != candidate.test_source:
        yield "The test file differs."


def _lengths(
    base: Mapping[str, StepSeconds], candidate: Mapping[str, StepSeconds]
) -> Iterator[str]:
    lengths = [_length_s(base), _length_s(candidate)]
    if all(lengths) and max(lengths) > _LENGTHS_DIFFER * min(lengths):
        was, now = map(format_duration, lengths)
        yield f"The base was judged for {was}, the candidate for {now}."


def _only_in_one(
    base: Mapping[str, StepSeconds], candidate: Mapping[str, StepSeconds]
) -> Iterator[str]:
    for side, names, others in (("base", base, candidate), ("candidate", candidate, base)):
        only = [name for name in names if name not in others]
        if not names:
            yield f"The {side} has no judged requests."
        elif only:
            yield f"Only the {side} has {_listed(only)}: not compared."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _length_s(steps: Mapping[str, StepSeconds]) -> float:
    return max((float(step.seconds.sum()) for step in steps.values()), default=0.0)


def _plain(value: object) -> object:
    """Without the difference between a tuple and the list that JSON made of it."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
