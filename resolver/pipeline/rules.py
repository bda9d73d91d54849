"""The rules in force: the model and the policy by which records become customers, as a store keeps them.

They are settings of the store, so that every process of it decides alike, and give way to others by
adoption alone (`Pipeline.adopt`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple, Self

from graph.errors import StoreCorrupt
from graph.store import Snapshot
from resolver.intake import Refusal
from resolver.match.document import Document, check, levels, shipped, write
from resolver.match.model import Model, build
from resolver.resolve.settings import Policy

DOCUMENT: Final = "document"
_COUNTED: Final = ("policy.generic_line", "policy.block_cap", "policy.identifier_cap")
"""What silence rests on, which is kept as values come and go: a store has it for good."""


@dataclass(frozen=True)
class Rules:
    """A model document at a population (customers that the company expects to hold), and a policy."""

    document: Document = field(repr=False)
    population: int
    policy: Policy

    @cached_property
    def model(self) -> Model:
        """The document's model at the population."""
        return build(self.document, self.population)

    def terms(self) -> Mapping[str, str]:
        """The same as settings of a store."""
        return {
            "model": self.model.version,
            "population": str(self.population),
            DOCUMENT: _written(self.document),
            **self.policy.terms(),
        }

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self:
        """The rules of a store with these settings, its population among them.

        A store from before the document was kept has the one that ships; see `completed` for one that
        keeps an older document. Raises `StoreCorrupt` for a document of a newer program.
        """
        document = _document(settings[DOCUMENT]) if DOCUMENT in settings else shipped()
        return cls(document, int(settings["population"]), Policy.of(settings))


class Prevailing(NamedTuple):
    """What decides at one revision."""

    model: Model
    policy: Policy


class InForce:
    """The rules at whichever revision is read: those of the start, or what was adopted since. Any thread."""

    def __init__(self, model: Model, policy: Policy) -> None:
        """`model` and `policy` are those that the store has at revision 0, or has adopted last."""
        self._reopen_at_once = policy.reopen_at_once
        self._latest = 0, Prevailing(model, policy)

    def at(self, snapshot: Snapshot) -> Prevailing:
        """The rules in force at this snapshot."""
        revision, prevailing = self._latest
        if snapshot.adopted_revision != revision:
            rules = Rules.of(snapshot.meta())
            policy = replace(rules.policy, reopen_at_once=self._reopen_at_once)
            prevailing = Prevailing(rules.model, policy)
            self._latest = snapshot.adopted_revision, prevailing
        return prevailing


def adopted(rules: Rules, settings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The settings of a store that change where it adopts these rules; none where it has them.

    Raises `Refusal` where they differ in what cannot be adopted.
    """
    changes = tuple(sorted(item for item in rules.terms().items() if settings.get(item[0]) != item[1]))
    fixed = [name for name, _ in changes if name in _COUNTED and name in settings]
    if fixed:
        raise Refusal("field_invalid", f"{', '.join(fixed)}: a store keeps what it was made with", "policy")
    return changes


def completed(document: Document) -> Document:
    """An older document with the comparisons and levels that it lacks, as the one that ships has them.

    Its version ends in `+completed` where there are any: it weighs what it always did, and what nobody
    told apart when it was written as the shipped one does.
    """
    held, known = document["comparisons"], shipped()["comparisons"]
    if all(name in held and levels(each).keys() <= held[name].keys() for name, each in known.items()):
        return document
    comparisons = {name: {**levels(each), **held.get(name, each)} for name, each in known.items()}
    return {**document, "version": f"{document['version']}+completed", "comparisons": {**held, **comparisons}}


def _written(document: Document) -> str:
    return write(document).decode("ascii")


@lru_cache(maxsize=2)
def _document(text: str) -> Document:
    document: dict[str, Any] = json.loads(text)
    try:
        return check(completed(document))
    except ValueError as error:
        raise StoreCorrupt(f"its model is of another program: {error}") from None
