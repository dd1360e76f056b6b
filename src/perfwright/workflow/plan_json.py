"""`model.json`: a plan as one JSON document, which `plan --json` prints too. Names are stable and
told in docs/plan.md; units are part of them.

Records become objects by their fields, think times get a `family` beside their parameters, numbers
that JSON does not have become null.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from perfwright.model.journey import Journey, ScenarioDraft, Walk
from perfwright.model.plan_page import PlanPage
from perfwright.model.think import Think

FORMAT = 1
_THINKS = get_args(Think)
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def plan_json(page: PlanPage) -> dict[str, Any]:
    """The document, without the files that were written."""
    workload = plain(page.workload)
    fidelity = workload.pop("fidelity") if workload else None
    return {
        "format": FORMAT,
        "name": page.name,
        "made_by": f"perfwright {page.made_by}",
        "purpose": page.purpose,
        "sources": plain(page.draft.sources),
        "target": page.target,
        "load": plain(page.draft.load),
        "requests_per_iteration": plain(page.requests_per_iteration),
        "think_s_per_iteration": plain(page.think_s),
        "scenarios": _scenarios(page.draft),
        "steps": plain(page.steps),
        "slos": plain(page.objectives),
        "tests": plain(page.tests),
        "risks": plain(page.risks),
        "data": plain(page.data),
        "environment": plain(page.environment),
        "watched": plain(page.watched),
        "schedule": plain(page.schedule),
        "commands": plain(page.commands),
        "notes": plain(page.notes),
        "fidelity": fidelity,
        "workload": workload,
    }


def plain(value: Any) -> Any:
    """Records, tuples and numbers as JSON has them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if isinstance(value, _THINKS):
            return {"family": _CAPITAL.sub("_", type(value).__name__).lower(), **fields}
        return fields
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _scenarios(draft: ScenarioDraft) -> list[dict[str, Any]]:
    """Walks with their edges, journeys with their own loads; their order stands in scenario.py."""
    return [
        {
            "name": one.name,
            "kind": "walk" if isinstance(one, Walk) else "journey",
            "share": plain(one.weight / draft.weight),
            "comment": one.comment,
            **({"edges": plain(one.edges)} if isinstance(one, Walk) else {}),
            **({"load": plain(one.load)} if isinstance(one, Journey) and one.load else {}),
        }
        for one in draft.scenarios
    ]
