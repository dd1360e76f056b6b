"""A load shape in words: `ramp 0 → 200 arrivals/s over 30 s, hold 5m`.

Reads the manifest's `load`: by scenario, `{model, segments: [[from_s, to_s, from, to], …]}`. Levels
are users (closed model) or arrivals per second (open model). No load reads as an empty text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perfwright.model.manifest import RunManifest
from perfwright.model.units import format_count, format_duration


def load_of(manifest: RunManifest) -> str:
    """A run's load in words; an investigation's is not known before it is made, and a replay's is
    as many steps as its log has minutes."""
    if manifest.kind == "investigate":
        length = format_duration(load_length_s(manifest.load))
        return f"raised stage by stage to the limit, within {length}"
    if manifest.kind == "replay":
        length = format_duration(load_length_s(manifest.load))
        return f"{format_count(_arrivals(manifest.load))} requests of a log, within {length}"
    return load_text(manifest.load)


def load_text(load: Mapping[str, Any]) -> str:
    """All scenarios' shapes on one line, `; ` between scenarios."""
    parts = []
    for scenario, shape in load.items():
        words = shape_text(
            str(shape.get("model", "")),
            shape.get("segments", ()),
            poisson=shape.get("process") == "poisson",
        )
        parts.append(f"{scenario}: {words}" if scenario else words)
    return "; ".join(part for part in parts if part)


def shape_text(model: str, segments: Sequence[Sequence[float]], *, poisson: bool = False) -> str:
    """One shape: the unit is named once, with the first level."""
    is_one = bool(segments) and segments[0][2] == segments[0][3] == 1
    noun = "user" if model == "closed" else "Poisson arrival" if poisson else "arrival"
    unit = f" {noun if is_one else f'{noun}s'}{'' if model == 'closed' else '/s'}"
    parts: list[str] = []
    for from_s, to_s, from_level, to_level in segments:
        length = format_duration(to_s - from_s)
        if from_level != to_level:
            span = f"{format_count(from_level)} → {format_count(to_level)}{unit}"
            parts.append(f"ramp {span} in {length}")
        elif parts:
            parts.append(f"hold {length}")
        else:
            parts.append(f"{format_count(to_level)}{unit} for {length}")
        unit = ""
    return ", ".join(parts)


def load_length_s(load: Mapping[str, Any]) -> float:
    """Seconds until the last scenario's shape ends; 0 when nothing says."""
    ends = [segment[1] for shape in load.values() for segment in shape.get("segments", ())]
    return float(max(ends, default=0.0))


def _arrivals(load: Mapping[str, Any]) -> int:
    """How many arrivals fall due in all."""
    parts = [segment for shape in load.values() for segment in shape.get("segments", ())]
    areas = [(to_s - from_s) * (low + high) / 2 for from_s, to_s, low, high in parts]
    return round(float(sum(areas)))
