"""Shoppers who put into the cart what they looked at: from their log to a test that does so too."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from support.shoppers import log_of, shopping

from perfwright.analyze.workload.draft_load import LoadOptions
from perfwright.export.scenario_file import write_data, write_scenario
from perfwright.load.simulated import simulate
from perfwright.model.workload import Trace
from perfwright.plan.loader import load_test
from perfwright.sources.access_logs import read_access_logs
from perfwright.workflow.plan_drafts import Drafted
from perfwright.workflow.plan_log import LogOptions, PlannedLog, plan_log

SESSIONS = 1_500


def planned(folder: Path, reuse: float) -> PlannedLog:
    log_file = folder / "access.log"
    log_file.write_text(log_of(shopping(reuse, SESSIONS)))
    with read_access_logs([log_file], scratch=folder) as log:
        return plan_log(log, LogOptions(load=LoadOptions(scale=20)))


def written(plan: PlannedLog, folder: Path) -> Path:
    path = folder / "carried_on.py"
    path.write_text(write_scenario(plan.draft))
    write_data(plan.draft, folder)
    return path


def share_of_equal(trace: Trace) -> float:
    """How often the cart holds the last item of its session."""
    names = np.array([int(item.rpartition("/")[2]) for item in trace.items])[trace.item]
    is_cart = np.array([step.startswith("POST") for step in trace.steps])[trace.step]
    after = np.flatnonzero(is_cart & (np.diff(trace.session, prepend=-1) == 0))
    after = after[~is_cart[after - 1]]
    return float((names[after] == names[after - 1]).mean())


@pytest.mark.parametrize("reuse", [1.0, 0.5])
def test_carts_of_the_test_hold_what_was_looked_at_as_often_as_those_of_the_log(
    tmp_path: Path, reuse: float
) -> None:
    plan = planned(tmp_path, reuse)
    (link,) = plan.workload.links
    assert (link.endpoint, link.parameters) == ("POST /cart/{cart_id}", ("cart_id",))
    assert (link.from_endpoint, link.from_parameters) == ("GET /items/{item_id}", ("item_id",))
    assert link.observations == SESSIONS
    assert link.share == pytest.approx(reuse, abs=0.04)
    path = written(plan, tmp_path)
    simulated = simulate(load_test(path))
    assert simulated.errors == ()
    assert share_of_equal(simulated.trace) == pytest.approx(share_of_equal(plan.trace), abs=0.04)
    judged = Drafted(draft=plan.draft, workload=plan.workload, trace=plan.trace).judged(
        path, seed=1
    )
    assert judged is not None
    assert judged.fidelity is not None
    assert judged.fidelity.verdict == "faithful"


def test_users_who_choose_anew_leave_no_link_and_no_memory(tmp_path: Path) -> None:
    plan = planned(tmp_path, 0.0)
    assert plan.workload.links == ()
    text = written(plan, tmp_path).read_text()
    ast.parse(text)
    assert "seen" not in text
