"""Crossings: which keys fall silent or speak again when nodes come and go.

A plan asks only about the keys whose blocks it changes. What it must know of a block's members beyond
their counts it asks for explicitly, so that the common case reads counts alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from graph.keys import identifier_block
from graph.model import Assurance, Block, Node
from resolver.match.columns import generic_key
from resolver.resolve.settings import Policy
from resolver.resolve.silence import is_identifier, silent_keys, watched_keys

EMPTY = Block(0, 0, 0, 0, ())


class Crossing(NamedTuple):
    """Keys that fall silent, keys that speak again, and the blocks whose members are concerned."""

    silenced: frozenset[str]
    voiced: frozenset[str]
    blocks: frozenset[str]


class Delta(NamedTuple):
    """What changes of one block: the nodes that enter it and those that leave it."""

    entering: tuple[Node, ...]
    leaving: tuple[Node, ...]


def deltas(added: Iterable[Node], removed: Iterable[Node]) -> Mapping[str, Delta]:
    """The change of every block that these nodes enter or leave."""
    changes: dict[str, tuple[list[Node], list[Node]]] = {}
    for side, nodes in enumerate((added, removed)):
        for node in nodes:
            for key in node.blocks:
                changes.setdefault(key, ([], []))[side].append(node)
    return {key: Delta(tuple(entering), tuple(leaving)) for key, (entering, leaving) in changes.items()}


def near_a_line(policy: Policy, key: str, block: Block, delta: Delta) -> bool:
    """Whether a block may be silent before or after: with fewer nodes than any line it is neither."""
    cap = policy.identifier_cap if key.startswith("verified:") else policy.block_cap
    line = min(policy.generic_line, policy.identifier_cap + 1) if is_identifier(key) else cap + 1
    return block.size + len(delta.entering) >= line


def undecided(policy: Policy, changes: Mapping[str, Delta], blocks: Mapping[str, Block]) -> frozenset[str]:
    """Identifier blocks whose descriptions must be counted anew, for counts alone do not decide."""
    return frozenset(
        key
        for key, delta in changes.items()
        if is_identifier(key) and len({*_outcomes(policy, key, blocks.get(key, EMPTY), delta)}) > 1
    )


def _outcomes(policy: Policy, key: str, block: Block, delta: Delta) -> Iterable[frozenset[str]]:
    entering, leaving = _described(key, delta.entering), _described(key, delta.leaving)
    size = block.size + len(delta.entering) - len(delta.leaving)
    for sure_entering, sure_leaving in ((entering, set()), (set(), leaving)):
        descriptions = block.descriptions + _distinct(sure_entering) - _distinct(sure_leaving)
        verified = block.verified + sum(v for _, v in sure_entering) - sum(v for _, v in sure_leaving)
        yield frozenset(silent_keys(policy, key, size, max(descriptions, 0), max(verified, 0)))


def _distinct(described: Iterable[tuple[str, bool]]) -> int:
    return len({description for description, _ in described})


def _described(key: str, nodes: Iterable[Node]) -> set[tuple[str, bool]]:
    """Descriptions that nodes give a value, each with whether it is verified."""
    return {
        (assertion.description, assertion.assurance == Assurance.VERIFIED)
        for node in nodes
        for assertion in node.assertions
        if assertion.description is not None and identifier_block(assertion.identifier) == key
    }


def crossing(
    policy: Policy,
    changes: Mapping[str, Delta],
    blocks: Mapping[str, Block],
    members: Mapping[str, Collection[Node]],
    silent: frozenset[str],
) -> Crossing:
    """What crosses the line. `members` holds all stored nodes of each undecided block."""
    silenced: set[str] = set()
    voiced: set[str] = set()
    concerned: set[str] = set()
    for key, delta in changes.items():
        before = silent & frozenset(watched_keys(key))
        after = _after(policy, key, blocks.get(key, EMPTY), delta, members.get(key))
        if before != after:
            silenced |= after - before
            voiced |= before - after
            concerned.add(key)
    return Crossing(frozenset(silenced), frozenset(voiced), frozenset(concerned))


def _after(
    policy: Policy, key: str, block: Block, delta: Delta, members: Collection[Node] | None
) -> frozenset[str]:
    size = block.size + len(delta.entering) - len(delta.leaving)
    if not is_identifier(key):
        return frozenset(silent_keys(policy, key, size, 0, 0))
    if members is None:
        return next(iter(_outcomes(policy, key, block, delta)))
    gone = {node.digest for node in delta.leaving}
    described = _described(key, [*(n for n in members if n.digest not in gone), *delta.entering])
    descriptions = {description for description, _ in described}
    verified = {description for description, sure in described if sure}
    return frozenset(silent_keys(policy, key, size, len(descriptions), len(verified)))


def unmoved(changes: Mapping[str, Delta], silent: frozenset[str]) -> frozenset[str]:
    """Blocks that stay as silent as they are, whatever their counts: what only grows stays too large."""
    return frozenset(
        key
        for key, delta in changes.items()
        if not delta.leaving
        and (generic_key(key) if is_identifier(key) else key) in silent
        and not any(sure for _, sure in _described(key, delta.entering))
    )
