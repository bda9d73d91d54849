"""Who lives or works together with a customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.model import Record
from graph.store import Snapshot
from resolver.resolve.related import Related, customers_related


@dataclass(frozen=True, slots=True)
class Relative:
    """Another customer, and what the strongest relation between the two says."""

    customer: str
    related: Related


def relatives(snapshot: Snapshot, customer: str, records: Sequence[Record]) -> tuple[Relative, ...]:
    """Return those who are related to the customer whose live records these all are, in order of id.

    A visitor, who is no customer, has none. Two reads, however many there are.
    """
    if not customer:
        return ()
    relations = snapshot.relations({record.node for record in records if record.node is not None})
    bearers = snapshot.bearers({digest for each in relations for digest in (each.left, each.right)})
    found = {
        other: related
        for pair, related in customers_related(relations, bearers).items()
        for other in pair
        if customer in pair and other != customer
    }
    return tuple(Relative(other, related) for other, related in sorted(found.items()))
