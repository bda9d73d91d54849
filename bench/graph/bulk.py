"""A store of many records without recording them one by one: what the pipeline would have come to.

The records of a file are divided into customers all at once, by the functions that the pipeline divides
them with a few at a time, and told as the items that a store can be filled with. Since the partition is a
function of what was said, whatever came first, the store is the one that recording them would have made;
but that all of it came at one revision, and that what resolving never reads is left out: relations between
customers and the history of changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from graph.model import Record, RecordKey, Suggestion
from graph.whole import Head, HeldCustomer, HeldKey, HeldNode, HeldSuggestion, Item, SilentKey
from resolver.batch.arrivals import arrival
from resolver.batch.dedupe import collect
from resolver.batch.readers import Reject, Row
from resolver.batch.workers import usual, workers
from resolver.normalise.evidence import normalise
from resolver.pipeline.ledger import Entry, enter
from resolver.pipeline.nodes import make_node
from resolver.pipeline.pipeline import MINTED_SHIFT
from resolver.resolve.partition import Evidence, Partition, partition
from resolver.resolve.plan import encode_grounds
from resolver.serve.process import mint
from resolver.serve.terms import Terms

REVISION: Final = 1
"""All of it comes at one."""

Rows = Callable[[], Iterable[Row | Reject]]


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many records divided into customers.

    `rows` reads them anew each time; `settings` are what the store is to keep of `terms`.
    """

    rows: Rows
    terms: Terms
    settings: Mapping[str, str]
    evidence: Evidence
    found: Partition

    @classmethod
    def of(cls, rows: Rows, terms: Terms, settings: Mapping[str, str]) -> Bulk:
        """Divide the records of a file; minutes, for a million."""
        evidence = collect(rows(), settings=terms.settings, policy=terms.policy).evidence
        found = partition(terms.model, terms.policy, evidence, spread=workers(usual()))
        return cls(rows, terms, settings, evidence, found)

    def items(self) -> Iterator[Item]:
        """What a store is filled with, in the order in which it takes it."""
        digests: list[str] = []
        component_of = {node: each.nodes[0] for each in self.found.components for node in each.nodes}
        yield Head(REVISION, REVISION if self.evidence.silent else 0, 0, tuple(sorted(self.settings.items())))
        for number, features in enumerate(self.evidence.nodes):
            node = make_node(features)
            digests.append(node.digest)
            yield HeldNode(node, f"c{component_of.get(number, number)}")
        customer_of, customers = self._customers()
        node_of = {key: digests[number] for key, number in self.evidence.records}
        standing = self._standing()
        for key, entry in standing.items():
            if entry.statement is None:
                raise ValueError("a row says nothing of its record")
            record = Record(
                key, entry.statement, entry.evidence, node_of[key], customer_of.get(key), REVISION
            )
            yield HeldKey(key, REVISION, record)
        yield from customers
        for each in self.found.components:
            for doubt in each.doubts:
                grounds = encode_grounds(self.terms.model, [doubt])
                told = Suggestion(doubt.left, doubt.right, doubt.weight, doubt.reason, grounds)
                yield HeldSuggestion(f"c{each.nodes[0]}", told)
        yield from (entry.touchpoint for entry in self._entries() if entry.touchpoint is not None)
        yield from map(SilentKey, sorted(self.evidence.silent))

    def _customers(self) -> tuple[Mapping[RecordKey, str], list[HeldCustomer]]:
        numbers = count(REVISION << MINTED_SHIFT)
        customer_of: dict[RecordKey, str] = {}
        customers = []
        for each in self.found.components:
            for keys in each.customers:
                name = mint()
                customer_of.update(dict.fromkeys(keys, name))
                customers.append(HeldCustomer(name, next(numbers), keys[0], erased=False, touched=REVISION))
        return customer_of, customers

    def _standing(self) -> Mapping[RecordKey, Entry]:
        """Each record's greatest statement."""
        standing: dict[RecordKey, Entry] = {}
        for entry in self._entries():
            held = standing.get(entry.record)
            if entry.statement is None:
                continue
            if held is None or held.statement is None or entry.statement.rank > held.statement.rank:
                standing[entry.record] = entry
        return standing

    def _entries(self) -> Iterator[Entry]:
        settings = self.terms.settings
        for row in self.rows():
            if isinstance(row, Row):
                entry = enter(arrival(row, 0), settings, lambda said: normalise(said, settings))
                if isinstance(entry, Entry):
                    yield entry
