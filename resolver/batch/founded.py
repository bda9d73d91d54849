"""What an initial load founds: an empty store's contents once all is planned, little of it held in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from graph.model import Change, ChangeSet, RecordKey, Suggestion
from graph.whole import HeldCustomer, HeldSuggestion
from resolver.batch.packing import Packing

_SUGGESTION: Final = Packing(Suggestion)
_CHANGE: Final = Packing(Change)


class Founded:
    """What an empty store holds once change sets that only add were applied, each at the next revision."""

    def __init__(self) -> None:
        self.revision = 0
        self.components: dict[str, str] = {}
        self.records: dict[RecordKey, tuple[int, str | None]] = {}
        self.customers: list[HeldCustomer] = []
        self.suggestions: list[HeldSuggestion] = []
        self.changes: list[Change] = []

    def apply(self, change_set: ChangeSet) -> None:
        """Apply the next one."""
        self.revision += 1
        for name, digests in change_set.components.items():
            self.components.update(dict.fromkeys(digests, name))
        for record in change_set.records:
            self.records[record.key] = self.revision, record.customer
        for identity in change_set.ids:
            self.customers.append(HeldCustomer(*identity, touched=self.revision))
        for name, suggestions in change_set.suggestions.items():
            self.suggestions.extend(HeldSuggestion(name, each) for each in suggestions)
        if change_set.change is not None:
            self.changes.append(replace(change_set.change, revision=self.revision))
