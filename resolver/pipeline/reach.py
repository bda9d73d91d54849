"""What a change reaches: the nodes it adds and removes, what crosses a line, whom it meets, and where.

Reads through one snapshot, decides nothing by itself: what a crossing is, which keys there are and what
an edge weighs are the pure part's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np

from graph.keys import identifier_block
from graph.model import Block, Component, Judgement, Node, Record, RecordKey, Relation
from graph.store import Snapshot
from resolver.match.columns import Columns, generic_marks
from resolver.match.model import Model
from resolver.normalise.evidence import decode
from resolver.resolve.crossing import EMPTY, Crossing, crossing, deltas, near_a_line, undecided, unmoved
from resolver.resolve.edges import CHUNK
from resolver.resolve.plan import Met
from resolver.resolve.related import ties
from resolver.resolve.settings import Policy
from resolver.resolve.silence import is_identifier, watched_keys

features_of = lru_cache(maxsize=1 << 16)(decode)
"""Features from their encoding; neighbours come back, so the last ones are kept."""


class Reach:
    """Everything that a plan reads, gathered step by step.

    `read_blocks` and `read_records` are for the read set: what the plan rests on beside components and
    silence.
    """

    def __init__(self, snapshot: Snapshot, model: Model, policy: Policy, judging: Judging) -> None:
        """`judging` is the judgement that is being made or taken back, if one is."""
        self._snapshot = snapshot
        self._model = model
        self._policy = policy
        self._judging = judging
        self._asked: set[str] = set()
        self._silent: set[str] = set()
        self._met: dict[str, Block] = {}
        self._named: set[RecordKey] = set()
        self.read_blocks: dict[str, int] = {}
        self.components: dict[str, Component] = {}
        self.judgements: dict[str, Judgement] = {}
        self.nodes: dict[str, Node] = {}
        self.records: dict[RecordKey, Record] = {}
        self.reopened: frozenset[str] = frozenset()
        self.queued: frozenset[str] = frozenset()
        self.crossed = Crossing(frozenset(), frozenset(), frozenset())
        self.relations: tuple[Relation, ...] = ()
        self.met: Met | None = None

    def load(self, digests: Iterable[str], keys: Iterable[RecordKey] = ()) -> None:
        """Read the components of these nodes, and all that judgements tie to their records or these keys."""
        waiting, named = set(digests), set(keys)
        self._named |= named
        while waiting or named:
            found = self._snapshot.components(waiting) if waiting else ()
            fresh = [component for component in found if component.id not in self.components]
            for component in fresh:
                self.components[component.id] = component
                self.nodes.update((node.digest, node) for node in component.nodes)
                self.records.update((record.key, record) for record in component.records)
            named.update(record.key for component in fresh for record in component.records)
            waiting, named = self._tied(named), set()

    def _tied(self, keys: Collection[RecordKey]) -> set[str]:
        """Nodes, not yet read, of records that judgements name beside these keys."""
        if not keys:
            return set()
        for judgement in self._judging.in_force(self._snapshot.judgements(keys), keys):
            self.judgements[judgement.id] = judgement
        wanted = {
            key
            for judgement in self.judgements.values()
            for part in judgement.parts
            if not part.isdisjoint(self.records.keys() | keys)
            for key in part
            if key not in self.records
        }
        tied = self._snapshot.records(wanted) if wanted else {}
        self.records.update(tied)
        placed = {node.digest for component in self.components.values() for node in component.nodes}
        return {r.node for r in tied.values() if r.node is not None and r.node not in placed}

    def judged_nodes(self, keys: Iterable[RecordKey], after: Mapping[RecordKey, Record]) -> set[str]:
        """Nodes of those of these records that a judgement names or named: visitors no more, or again."""
        named = {key for judgement in self.judgements.values() for part in judgement.parts for key in part}
        named |= self._judging.keys
        nodes = {after[key].node for key in named.intersection(keys) if key in after}
        return {node for node in nodes if node is not None}

    def cross(self, added: Sequence[Node], removed: Sequence[Node]) -> None:
        """Find what falls silent or speaks again, and whom that concerns: now, or queued where too many."""
        changes = deltas(added, removed)
        silent = self.silent(key for block in changes for key in watched_keys(block))
        still = unmoved(changes, silent)
        moving = {key: delta for key, delta in changes.items() if key not in still}
        blocks = self._blocks(moving)
        moving = {
            key: delta
            for key, delta in moving.items()
            if near_a_line(self._policy, key, blocks.get(key, EMPTY), delta)
        }
        unsure = undecided(self._policy, moving, blocks)
        self.crossed = crossing(self._policy, moving, blocks, self._members(unsure, blocks), silent)
        self._silent |= self.crossed.silenced
        self._silent -= self.crossed.voiced
        self._asked |= self.crossed.silenced | self.crossed.voiced
        gone = {node.digest for node in removed}
        concerned = frozenset(self._all_members(self.crossed.blocks, blocks)) - gone
        if len(concerned) > self._policy.reopen_at_once:
            self.queued = concerned
        else:
            self.reopened = concerned

    def meet(self, dirty: Mapping[str, Node], gone: Collection[str] = ()) -> frozenset[str]:
        """The stored nodes that share a live key with a dirty one and reach the edge threshold.

        Notes what all these pairs weigh, and the relations of the dirty nodes, with each other too; nodes
        that are `gone` have none.
        """
        speaking = {key for node in dirty.values() for key in node.blocks}
        quiet = self.silent(speaking)
        speaking -= quiet
        blocks = self._blocks(speaking)
        pairs = {
            (digest, member)
            for digest, node in dirty.items()
            for key in node.blocks
            if key in blocks and key in speaking
            for member in blocks[key].members
            if member not in dirty and member not in gone
        }
        pairs.update(_among(dirty, quiet))
        return self._edges(sorted(pairs), dirty)

    def _edges(self, pairs: Sequence[tuple[str, str]], dirty: Mapping[str, Node]) -> frozenset[str]:
        if not pairs:
            return frozenset()
        met = self.known({member for _, member in pairs if member not in dirty})
        nodes = [*{d: dirty[d] for pair in pairs for d in pair if d in dirty}.values(), *met.values()]
        number = {node.digest: n for n, node in enumerate(nodes)}
        generic = self.silent(generic_keys(nodes))
        features = [features_of(node.features) for node in nodes]
        columns = Columns(self._model, features, generic)
        left = np.array([number[one] for one, _ in pairs], np.int64)
        right = np.array([number[other] for _, other in pairs], np.int64)
        weight, relations = np.empty(len(pairs), np.int64), list[Relation]()
        for at in range(0, len(pairs), CHUNK):
            some = slice(at, at + CHUNK)
            verdict = columns.verdicts(left[some], right[some])
            weight[some] = verdict.combined
            relations.extend(
                tie.between(nodes[tie.left].digest, nodes[tie.right].digest)
                for tie in ties(self._policy, columns, features, generic, left[some], right[some], verdict)
            )
        self.relations = tuple(relations)
        self.met = Met([node.digest for node in nodes], left, right, weight)
        strong = np.flatnonzero(weight >= self._policy.edge_weight)
        return frozenset(met).intersection(pairs[n][1] for n in strong.tolist())

    def known(self, digests: Iterable[str]) -> Mapping[str, Node]:
        """Stored nodes by digest."""
        wanted = set(digests)
        missing = wanted - self.nodes.keys()
        if missing:
            self.nodes.update(self._snapshot.nodes(missing))
        return {digest: self.nodes[digest] for digest in sorted(wanted) if digest in self.nodes}

    @property
    def read_records(self) -> set[RecordKey]:
        """Keys whose statements or judgements were read, those that no component holds too."""
        return self._named | {key for j in self.judgements.values() for part in j.parts for key in part}

    def silent(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of these keys that do not speak once the change is made."""
        wanted = frozenset(keys)
        unknown = wanted - self._asked
        if unknown:
            self._silent |= self._snapshot.silent(unknown)
            self._asked |= unknown
        return wanted & self._silent

    def silent_for(self, nodes: Collection[Node]) -> frozenset[str]:
        """The silent keys that matter to these nodes: blocks, and values turned generic."""
        return self.silent(relevant_keys(nodes))

    def _blocks(self, keys: Iterable[str]) -> dict[str, Block]:
        """Blocks with as many members as one that is not over its cap may have; absent where empty."""
        wanted = set(keys)
        unread = wanted - self._met.keys()
        wide = {key for key in unread if is_identifier(key) or key.startswith("verified:")}
        for some, limit in ((unread - wide, self._policy.block_cap), (wide, self._policy.identifier_cap)):
            found = self._snapshot.blocks(some, limit + 1) if some else {}
            self._met.update((key, found.get(key, EMPTY)) for key in some)
        self.read_blocks.update((key, self._met[key].version) for key in unread)
        return {key: self._met[key] for key in wanted if self._met[key].size}

    def _members(self, keys: Collection[str], blocks: Mapping[str, Block]) -> dict[str, list[Node]]:
        return {key: list(self.known(self._all_members([key], blocks)).values()) for key in keys}

    def _all_members(self, keys: Iterable[str], blocks: Mapping[str, Block]) -> set[str]:
        members: set[str] = set()
        for key in keys:
            block = blocks.get(key, EMPTY)
            if block.size > len(block.members):
                block = self._snapshot.blocks([key], block.size)[key]
            members.update(block.members)
        return members


def _among(nodes: Mapping[str, Node], quiet: frozenset[str]) -> set[tuple[str, str]]:
    """The pairs of these nodes, by digest, that share a key which is not quiet."""
    holders: dict[str, list[str]] = {}
    for digest, node in sorted(nodes.items()) if len(nodes) > 1 else ():
        for key in node.blocks:
            holders.setdefault(key, []).append(digest)
    met = (held for key, held in holders.items() if len(held) > 1 and key not in quiet)
    return {pair for held in met for pair in combinations(held, 2)}


class Judging(NamedTuple):
    """The judgement that is being made (`added`) or taken back (`retracted`), if one is."""

    added: Judgement | None = None
    retracted: Judgement | None = None

    @property
    def id(self) -> str:
        """The judgement's id, empty where there is none."""
        judgement = self.added or self.retracted
        return judgement.id if judgement is not None else ""

    @property
    def keys(self) -> frozenset[RecordKey]:
        """All records that it names."""
        judgement = self.added or self.retracted
        return frozenset().union(*judgement.parts) if judgement is not None else frozenset()

    def in_force(self, stored: Iterable[Judgement], keys: Collection[RecordKey]) -> Iterable[Judgement]:
        """The judgements that hold once this one is made or taken back, of those that name the keys."""
        yield from (j for j in stored if self.retracted is None or j.id != self.retracted.id)
        if self.added is not None and not self.keys.isdisjoint(keys):
            yield self.added


NOT_JUDGING: Final = Judging()
"""Nothing is judged."""


def relevant_keys(nodes: Iterable[Node]) -> set[str]:
    """The keys whose silence matters to these nodes: their blocks, and their values as generic ones."""
    nodes = list(nodes)
    return {key for node in nodes for key in node.blocks} | generic_keys(nodes)


def generic_keys(nodes: Iterable[Node]) -> set[str]:
    """The keys under which these nodes' values are noted where they have turned generic."""
    blocks = {identifier_block(assertion.identifier) for node in nodes for assertion in node.assertions}
    return {key for block in blocks for key in generic_marks(block)}
