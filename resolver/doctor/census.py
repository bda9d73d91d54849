"""What several checks ask of a store, gathered in one reading: small values by name, no evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from graph.model import Judgement, RecordKey
from graph.whole import Head, HeldCustomer, HeldKey, HeldNode, HeldSuggestion, Item


class Stands(NamedTuple):
    """A record as it stands: what it says apart. `node` is None for a tombstone."""

    deleted: bool
    node: str | None
    customer: str | None
    first_revision: int
    changed: int


_NOTHING: Final = Head(0, 0, 0, ())


@dataclass(slots=True)
class Census:
    """`components` are those of nodes, by digest; `records` have None for a key that was merely named.

    Some 600 bytes a record.
    """

    head: Head = field(default=_NOTHING)
    components: dict[str, str | None] = field(default_factory=dict)
    records: dict[RecordKey, Stands | None] = field(default_factory=dict)
    customers: dict[str, HeldCustomer] = field(default_factory=dict)
    judgements: list[Judgement] = field(default_factory=list)
    suggestions: list[tuple[str, RecordKey, RecordKey]] = field(default_factory=list)

    @property
    def settings(self) -> Mapping[str, str]:
        """The store's settings."""
        return dict(self.head.settings)

    def live(self) -> dict[RecordKey, Stands]:
        """The records that are not deleted."""
        return {k: r for k, r in self.records.items() if r is not None and not r.deleted}

    def count(self, item: Item) -> None:
        """Take an item in, if any of it is asked for later."""
        match item:
            case Head():
                self.head = item
            case HeldNode(node, component):
                self.components[node.digest] = component
            case HeldKey(key, changed, record):
                self.records[key] = (
                    None
                    if record is None
                    else Stands(
                        record.statement.deleted, record.node, record.customer, record.first_revision, changed
                    )
                )
            case HeldCustomer():
                self.customers[item.id] = item
            case Judgement():
                self.judgements.append(item)
            case HeldSuggestion(component, suggestion):
                self.suggestions.append((component, suggestion.left, suggestion.right))
            case _:
                pass
