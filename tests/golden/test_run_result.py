"""The JSON document of `run --json`, whole; UPDATE_GOLDEN=1 accepts a change."""

from __future__ import annotations

import json
import os
from pathlib import Path

from support.runs import RUN_ID, demo_result

GOLDEN = Path(__file__).with_suffix(".json")


def test_the_json_of_a_run_is_as_it_was() -> None:
    document = demo_result(path=f".perfwright/runs/{RUN_ID}").as_json()
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if "UPDATE_GOLDEN" in os.environ:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_it_holds_at_least_what_the_contract_names() -> None:
    document = demo_result().as_json()
    assert document.keys() >= {
        "run_id", "verdict", "slos", "totals", "steps", "checks", "generator", "path",
    }  # fmt: skip
    assert document["verdict"].keys() >= {"status", "reasons"}
    assert document["slos"][0].keys() >= {"expr", "value", "ok"}
    assert document["totals"].keys() >= {"requests", "errors", "throughput_per_s", "duration_s"}
    assert document["generator"].keys() >= {"cpu_ratio", "lateness_ms", "dropped", "workers"}
    assert document["generator"]["lateness_ms"].keys() >= {"p50", "p99", "max"}
    assert document["checks"][0].keys() >= {"name", "passed", "failed"}
    step = document["steps"][0]
    assert step.keys() >= {"name", "requests", "errors", "error_kinds", "throughput_per_s"}
    for times in (step["response_ms"], step["service_ms"]):
        assert times.keys() >= {"p50", "p90", "p95", "p99", "p999", "max", "mean"}
