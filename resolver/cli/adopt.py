"""`resolver model compare` and `resolver model adopt`."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Optional

import typer
from rich.markup import escape
from rich.table import Table

from graph.clock import now
from resolver.cli import show
from resolver.cli.options import (
    DEFAULT_TARGET,
    STORE,
    Config,
    ModelFile,
    PolicyPreset,
    Population,
    Target,
    configured,
    connected,
)
from resolver.cli.problems import Failed, told
from resolver.cli.stores import reading, writing
from resolver.config import Loaded
from resolver.intake import Refusal
from resolver.match.document import read, write
from resolver.normalise.evidence import DEFAULT
from resolver.pipeline import Pipeline
from resolver.pipeline.rehearsal import Rehearsal, Seen, rehearse
from resolver.pipeline.rules import Rules
from resolver.resolve.difference import Group, Regrouping, samples
from resolver.resolve.explain import Comparison
from resolver.resolve.settings import Policy
from resolver.serve.process import mint
from resolver.serve.rules import policy_in, policy_out
from resolver.serve.terms import overlaid
from resolver.v1 import model_service_pb2 as pb
from resolver.v1 import model_service_pb2_grpc

_KINDS: Final = ("merge", "split", "regrouping")
_SHOWN: Final = 3
"""Records of a side that are named."""
_LOOK_EVERY_SECONDS: Final = 0.5


def compare(
    store: Annotated[str, typer.Option(metavar=STORE, help="The store. It may be served meanwhile.")],
    model: ModelFile = None,
    population: Population = None,
    policy: PolicyPreset = None,
    config: Config = None,
    sampled: Annotated[
        int, typer.Option("--samples", metavar="N", min=0, help="How many changes of each kind to show.")
    ] = 5,
    out: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Option(metavar="FILE", help="Where to write every record of a customer that changes, CSV."),
    ] = None,
) -> None:
    """Tell what other rules would come to: which customers would merge, which would split, samples of each.

    What is not given, by option or configuration, stays as the store has it. Writes nothing to the store.
    """
    with told():
        loaded = configured(config, store=store, model=model, population=population, policy=policy)
        with reading(loaded.configuration) as opened, opened.snapshot() as snapshot:
            rehearsal = rehearse(snapshot, overlaid(_held(store, snapshot.meta()), loaded))
        changes = rehearsal.changes()
        if out is not None:
            _write(out, rehearsal, changes)
    for line in _summary(rehearsal, changes):
        typer.echo(line)
    for kind in _KINDS:
        for change in samples((each for each in changes if each.kind == kind), sampled):
            typer.echo("")
            show.console().print(_table(change, rehearsal.seen(change)))


def adopt(
    target: Target = DEFAULT_TARGET,
    store: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar=STORE, help="Instead: a store, whose file nobody serves."),
    ] = None,
    model: ModelFile = None,
    population: Population = None,
    policy: PolicyPreset = None,
    config: Config = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Return once all records have been looked at again.")
    ] = False,
) -> None:
    """Adopt another model, population or policy; the service goes on meanwhile.

    What is not given, by option or configuration, stays as it is in force. From then on everything is
    decided by the new rules and all records are looked at again; `resolver model compare` tells what that
    will come to.
    """
    with told(target):
        loaded = configured(config, store=store, model=model, population=population, policy=policy)
        if store is not None:
            _adopt_in(store, loaded)
        else:
            _adopt_at(target, loaded, wait=wait)


def _adopt_at(target: str, loaded: Loaded, *, wait: bool) -> None:
    """Have a service adopt what is given."""
    with connected(target) as channel:
        models = model_service_pb2_grpc.ModelServiceStub(channel)
        held = models.GetModel(pb.GetModelRequest(include_document=True)).model
        rules = overlaid(
            Rules(read(held.document), held.population, policy_in(Policy(), held.policy)), loaded
        )
        reply = models.AdoptModel(
            pb.AdoptModelRequest(
                document=write(rules.document) if loaded.given("model") else b"",
                population=rules.population,
                policy=policy_out(rules.policy),
            )
        )
        adopted = policy_in(Policy(), reply.model.policy)
        _tell(replace(rules, policy=adopted), reply.model.version, reply.revision, changed=reply.changed)
        while wait and reply.changed:
            state = models.GetModel(pb.GetModelRequest())
            if state.settled_revision >= reply.revision:
                typer.echo("all records have been looked at again")
                return
            time.sleep(_LOOK_EVERY_SECONDS)


def _adopt_in(place: str, loaded: Loaded) -> None:
    """Adopt what is given in a store that no service has for itself, and look at all its records again."""
    held_in = loaded.configuration.store
    if isinstance(held_in, Path) and not held_in.exists():
        raise Failed(f"store: {place}: there is none")
    with writing(loaded.configuration, "adopt with --target HOST:PORT") as store:
        held = _held(place, store.meta())
        pipeline = Pipeline(
            store, model=held.model, policy=held.policy, settings=DEFAULT, clock=now, mint=mint
        )
        try:
            adoption = pipeline.adopt(lambda rules: overlaid(rules, loaded))
        except Refusal as refusal:
            raise Failed(f"store: {place}: {refusal}") from None
        rules = adoption.rules
        _tell(rules, rules.model.version, adoption.revision, changed=adoption.changed)
        while pipeline.settle():
            pass
        if adoption.changed:
            typer.echo("all records have been looked at again")


def _held(place: str, settings: Mapping[str, str]) -> Rules:
    """The rules that a store has."""
    if "population" not in settings:
        raise Failed(f"store: {place}: it was never served, and has no rules yet")
    return Rules.of(settings)


def _tell(rules: Rules, version: str, revision: int, *, changed: bool) -> None:
    typer.echo(f"adopted {version} at revision {revision}" if changed else f"{version} is in force already")
    policy = rules.policy
    alone = f", never alone {', '.join(policy.never_alone)}" if policy.never_alone else ""
    typer.echo(f"population {rules.population}")
    typer.echo(f"policy merge {policy.merge:g}, possible {policy.possible:g}, edge {policy.edge:g}{alone}")


# -- what is shown -----------------------------------------------------------------------------


def _summary(rehearsal: Rehearsal, changes: Sequence[Regrouping]) -> Iterator[str]:
    held, then = rehearsal.now.terms(), rehearsal.then.terms()
    differs = [name for name in sorted(then) if name != "document" and held.get(name) != then[name]]
    if rehearsal.now.document != rehearsal.then.document and "model" not in differs:
        differs.append("model (its document, under the same version)")
    for name in differs:
        yield f"{name}: {held.get(name, 'none')} -> {then[name]}" if name in then else name
    if not differs:
        yield "these are the rules in force"
    if not rehearsal.settled:
        yield "some records wait to be looked at again: customers are told as they stand now"
    yield f"{rehearsal.before} customers now, {rehearsal.after} under these rules"
    count = Counter(change.kind for change in changes)
    before = sum(len(change.before) for change in changes if change.kind == "merge")
    after = sum(len(change.after) for change in changes if change.kind == "split")
    yield f"{before} customers would merge into {count['merge']}"
    yield f"{count['split']} customers would split into {after}"
    if count["regrouping"]:
        yield f"{count['regrouping']} groups of customers would be divided otherwise"


def _table(change: Regrouping, seen: Seen) -> Table:
    """One change: the two sides, and what each attribute says under the rules in force and the others."""
    title = f"{change.kind}: {escape(_side(seen.left))}  and  {escape(_side(seen.right))}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("attribute", "level", "strangers now", "then", "household now", "then"):
        table.add_column(name, justify="left" if name in {"attribute", "level"} else "right")
    then = {each.attribute: each for each in seen.then.attributes}
    held = {each.attribute: each for each in seen.now.attributes}
    # What speaks the most under the new rules stands first.
    for name in sorted(held | then, key=lambda name: -(held | then)[name].stranger):
        one, other = held.get(name), then.get(name)
        table.add_row(
            name,
            (held | then)[name].level,
            *(show.bits(each.stranger) if each else "" for each in (one, other)),
            *(show.bits(each.household) if each else "" for each in (one, other)),
        )
    table.add_row("[bold]probability", "", f"{seen.now.probability:.4f}", f"{seen.then.probability:.4f}")
    for limit in _limits(seen.now, seen.then):
        table.add_row("[bold]limit", limit)
    return table


def _limits(held: Comparison, then: Comparison) -> Iterator[str]:
    for name in sorted({*held.limits, *then.limits}):
        where = [word for word, each in (("now", held), ("then", then)) if name in each.limits]
        yield f"{name} ({' and '.join(where)})"


def _side(group: Group) -> str:
    names = ", ".join(":".join(key) for key in group[:_SHOWN])
    return names + (f" and {len(group) - _SHOWN} more" if len(group) > _SHOWN else "")


def _write(out: Path, rehearsal: Rehearsal, changes: Sequence[Regrouping]) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("change", "kind", "source", "record_id", "customer_now", "customer_then"))
        for number, change in enumerate(changes, start=1):
            for place, group in enumerate(change.after, start=1):
                for key in group:
                    customer = rehearsal.records[key].customer
                    writer.writerow((number, change.kind, *key, customer, f"{number}.{place}"))
