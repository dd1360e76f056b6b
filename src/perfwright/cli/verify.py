"""`perfwright verify RUN[#N]`: the same test again after a change, against the run before it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfwright.cli.shared import json_option, print_json, store_option

if TYPE_CHECKING:
    from perfwright.model.manifest import RunManifest
    from perfwright.plan.test_plan import TestPlan
    from perfwright.workflow.options import RunOptions

_EXITS = {"confirmed": 0, "no change": 97, "worse": 98}


@click.command("verify")
@click.argument("reference", metavar="RUN[#N]")
@click.option("--target", metavar="URL", help="Base address, where it is another one by now.")
@click.option(
    "--watch",
    multiple=True,
    metavar="SPEC",
    help="What to watch besides: a database's address holds a secret and is not kept. Repeatable.",
)
@click.option("--quiet", is_flag=True, help="No live view.")
@store_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    reference: str,
    target: str | None,
    watch: tuple[str, ...],
    quiet: bool,
    store: Path,
    as_json: bool,
) -> None:
    """Repeat the test of RUN, with the same seed and the same shape, after its finding N was fixed,
    and compare: confirmed, no change or worse, beside what was predicted.

    RUN is an id, a unique prefix of one, `latest` or a folder; without #N the first finding is
    meant. Exit codes: 0 confirmed, 98 worse, 97 no change.
    """
    from perfwright.cli.investigating import print_verified, verified
    from perfwright.store.reader import Store

    name, rank = _reference(reference)
    before = Store(store).find(name)
    plan, budget_s, options = _as_it_was(before.manifest, target, watch)
    options = dataclasses.replace(
        options,
        store=store,
        name=f"{before.manifest.name} verified",
        command=context.find_root().obj,
    )
    proof = verified(before, rank, plan, options, budget_s=budget_s, quiet=quiet)
    document = proof.as_json()
    if as_json:
        print_json(document)
    else:
        print_verified(document)
    context.exit(_EXITS[proof.outcome])


def _reference(text: str) -> tuple[str, int | None]:
    from perfwright.model.errors import UsageError

    name, mark, rank = text.partition("#")
    if not mark:
        return name, None
    if not rank.isdigit():
        raise UsageError(f"{text!r}: after # comes the number of a finding, like {name}#1")
    return name, int(rank)


def _as_it_was(
    manifest: RunManifest, target: str | None, watch: tuple[str, ...]
) -> tuple[TestPlan, float, RunOptions]:
    """The run's plan, budget and options, from the command line that made it."""
    from perfwright.cli import investigate, run
    from perfwright.cli.run_options import RunArguments
    from perfwright.model.units import parse_duration
    from perfwright.workflow.investigate import watched_plan, with_model
    from perfwright.workflow.options import RunOptions

    command = {"run": run.command, "investigate": investigate.command}
    name, words = _words(manifest, known=tuple(command))
    params = dict(command[name].make_context(name, words).params)
    budget = params.pop("budget", "150s")
    model = params.pop("model", None)
    if target:
        params["target"] = target
    params["watch"] = (*params["watch"], *watch)
    arguments = RunArguments(**params)
    plan = run.plan_of(arguments)
    if name == "investigate":
        plan = watched_plan(with_model(plan, model))
    plan = dataclasses.replace(plan, test=plan.test.replaced(seed=manifest.seed))
    options = RunOptions(
        kind=manifest.kind, allow_targets=arguments.allow_targets, profile=arguments.profile
    )
    return plan, parse_duration(budget, field="--budget"), options


def _words(manifest: RunManifest, known: tuple[str, ...]) -> tuple[str, list[str]]:
    """The command and its words, without what was watched under a secret."""
    from perfwright.model.errors import UsageError
    from perfwright.model.redaction import HIDDEN

    name, *words = manifest.command[1:] or ("",)
    if name not in known:
        raise UsageError(
            f"run {manifest.run_id}: `{' '.join(manifest.command)}` cannot be repeated; verify a "
            "run of perfwright run or investigate"
        )
    kept: list[str] = []
    for word in words:
        if HIDDEN not in word:
            kept.append(word)
        elif kept and kept[-1] == "--watch":
            kept.pop()
        elif not word.startswith("--watch="):
            raise UsageError(
                f"run {manifest.run_id}: its command line had a secret, which is not kept: {word}; "
                "read it from the environment in the test file, investigate again and verify that"
            )
    return name, kept
