"""Judgements: what contradicts what, and what a reverted change goes back to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from graph.model import Change, Judgement, Move, Record, RecordKey
from resolver.resolve.disjoint import Disjoint


def contradicted(judgement: Judgement, in_force: Sequence[Judgement]) -> tuple[str, ...]:
    """The ids of the judgements in force that cannot hold beside this one; none where all can.

    All live records of a part are together and none of two parts are, so judgements contradict each
    other where following *together* from record to record ends at two parts of one judgement.
    """
    together = Disjoint()
    everything = [*in_force, judgement]
    for one in everything:
        for part in one.parts:
            together.join(*part)
    torn = {
        together.find(next(iter(left)))
        for one in everything
        for left, right in combinations(one.parts, 2)
        if together.find(next(iter(left))) == together.find(next(iter(right)))
    }
    return tuple(
        one.id for one in in_force if any(together.find(next(iter(part))) in torn for part in one.parts)
    )


def same_judgement(judgement: Judgement, in_force: Sequence[Judgement]) -> Judgement | None:
    """The judgement in force that says the same already, or undoes the same change, if there is one."""
    parts = frozenset(judgement.parts)
    for one in in_force:
        if one.kind == judgement.kind and frozenset(one.parts) == parts:
            return one
        if one.reverts is not None and one.reverts == judgement.reverts:
            return one
    return None


def grouping_before(
    change: Change, members: Mapping[str, Collection[Record]], moves: Sequence[tuple[int, Move]]
) -> tuple[frozenset[RecordKey], ...]:
    """The customers before a change as parts, and a part for each record that belonged to none.

    `members` are the live records of those customers now; `moves` all moves out of and into them at the
    change's revision and later, in order.
    """
    first: dict[RecordKey, Move] = {}
    for _, move in moves:
        first.setdefault(move.record, move)
    parts: dict[str, set[RecordKey]] = {customer: set() for customer in change.before}
    for customer, records in members.items():
        parts[customer].update(record.key for record in records if record.key not in first)
    for key, move in first.items():
        if move.before in parts:
            parts[move.before].add(key)
    alone = [frozenset({move.record}) for move in change.moves if move.before is None]
    together = [frozenset(part) for part in parts.values() if part]
    return tuple(sorted({*together, *alone}, key=min))
