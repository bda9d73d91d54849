"""An answer of `dedupe` by record and by customer: what its page looks up again and again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graph.model import RecordKey
from resolver.batch.dedupe import Deduped
from resolver.normalise.features import Features


@dataclass(frozen=True)
class Register:
    """Looks up what belongs to a record. Rejected rows are nowhere."""

    result: Deduped

    @cached_property
    def node(self) -> Mapping[RecordKey, int]:
        """The number of each record's node."""
        return dict(self.result.evidence.records)

    @cached_property
    def customer(self) -> Mapping[RecordKey, str]:
        """The customer of each record."""
        return {row.key: row.customer for row in self.result.rows if row.key is not None}

    @cached_property
    def row(self) -> Mapping[RecordKey, int]:
        """The last row that states each record, by its number from 1."""
        return {row.key: row.number for row in self.result.rows if row.key is not None}

    def members(self, customers: Collection[str]) -> Mapping[str, Sequence[RecordKey]]:
        """The records of some customers, in the order of the file."""
        found: dict[str, list[RecordKey]] = {customer: [] for customer in customers}
        for key, customer in self.customer.items():
            if customer in found:
                found[customer].append(key)
        return found

    def features(self, key: RecordKey) -> Features:
        """What a record came to."""
        return self.result.evidence.nodes[self.node[key]]

    def nodes(self, keys: Iterable[RecordKey], most: int) -> list[Features]:
        """The distinct nodes of some records, at most so many."""
        numbers = dict.fromkeys(self.node[key] for key in keys)
        return [self.result.evidence.nodes[number] for number in list(numbers)[:most]]
