"""The partition of records into customers: one pure function, for a stream, an import and a file alike.

    nodes -> candidates -> pair weights -> edges -> components -> customers

Its answer for some components does not depend on which others it is given, so a change may hand it the
components that it reaches, and an import all there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graph.model import Judgement, RecordKey
from resolver.match.model import Model
from resolver.match.section import Sections
from resolver.match.weigh import Ints
from resolver.normalise.features import Features
from resolver.resolve.alone import alone
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.edges import CHUNK, Spread, Weighed, edges
from resolver.resolve.grouping import Component, Link, group
from resolver.resolve.related import Tie
from resolver.resolve.settings import Policy
from resolver.resolve.units import Unit, identifies, judge, make_units, visits


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the partition is made of.

    `nodes` are features with their blocking keys; `records` are live records with the number of their
    node; `judgements` those in force; `silent` the keys that do not speak.
    """

    nodes: Sequence[Features]
    blocks: Sequence[Sequence[str]]
    records: Sequence[tuple[RecordKey, int]]
    judgements: Sequence[Judgement]
    silent: frozenset[str]


@dataclass(frozen=True, slots=True)
class Partition:
    """All components, in order of their least record key; visitors' records belong to no customer.

    `ties` are the nodes that are related and not one, in order; none where they were not asked for.
    """

    components: tuple[Component, ...]
    visitors: tuple[RecordKey, ...]
    ties: tuple[Tie, ...] = ()


def partition(
    model: Model,
    policy: Policy,
    evidence: Evidence,
    *,
    related: bool = False,
    candidates: tuple[Ints, Ints] | None = None,
    weighed: Weighed | None = None,
    at_once: int | None = None,
    spread: Spread = map,
) -> Partition:
    """Records into customers: a function of records, model, policy, judgements and silence alone.

    `related`: tell who is related too. `candidates` are the pairs that blocking brings, where they are
    known already (see `candidate_pairs`), `weighed` those of which it is known, too, what they weigh; of
    these it is not told whether they are related. `at_once` is how many nodes are held unpacked at a time,
    where not all can be. `spread` is who does the work.
    """
    if candidates is None:
        candidates = candidate_pairs(evidence.blocks, evidence.silent)
    judged = {key for judgement in evidence.judgements for part in judgement.parts for key in part}
    mute = _mute(evidence)
    visitors = sorted(key for key, node in evidence.records if mute.get(node) and key not in judged)
    passing = set(visitors)
    sections = Sections(model, evidence.nodes, evidence.silent, at_once)
    units = make_units(
        [(key, node) for key, node in evidence.records if key not in passing],
        evidence.judgements,
        _alone(policy, sections, evidence, sorted(mute)),
    )
    verdicts = judge(units, evidence.judgements)
    joined, met = edges(
        policy,
        sections,
        evidence.silent,
        candidates,
        _holders(units),
        related=related,
        weighed=weighed,
        spread=spread,
    )
    found = tuple(group(model, policy, sections, units, verdicts, joined, spread))
    return Partition(found, tuple(visitors), tuple(met))


def _mute(evidence: Evidence) -> Mapping[int, bool]:
    """Nodes that hold no personal identifier that speaks, and whether each is a visitor's."""
    silent = evidence.silent
    return {n: visits(node, silent) for n, node in enumerate(evidence.nodes) if not identifies(node, silent)}


def _alone(policy: Policy, sections: Sections, evidence: Evidence, mute: Sequence[int]) -> frozenset[int]:
    """Nodes whose evidence would not merge two records by itself.

    It names no identifier that speaks (`mute`) and weighs too little, or the policy lets its kind merge
    nobody.
    """
    found: set[int] = set()
    for at in range(0, len(mute), CHUNK):
        numbers = np.array(mute[at : at + CHUNK], np.int64)
        section = sections.holding(numbers)
        places = section.places(numbers)
        found.update(numbers[section.columns.totals(places, places) < policy.merge_weight].tolist())
    for at in range(0, len(evidence.nodes) if policy.never_alone else 0, CHUNK):
        numbers = np.arange(at, min(at + CHUNK, len(evidence.nodes)))
        section = sections.holding(numbers)
        places = section.places(numbers)
        compared = enumerate(section.columns.pairs(places, places), start=at)
        found.update(n for n, pair in compared if alone(policy.never_alone, pair.said))
    return frozenset(found)


def _holders(units: Sequence[Unit]) -> Mapping[int, list[int]]:
    """The units of each node."""
    holders: dict[int, list[int]] = {}
    for number, unit in enumerate(units):
        holders.setdefault(unit.node, []).append(number)
    return holders


__all__ = ["Component", "Evidence", "Link", "Partition", "partition"]
