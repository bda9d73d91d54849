"""Which change sets can be written together, in any order, with the outcome of one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from graph.model import ChangeSet

_ONCE: Final = (
    ("nodes_added",),
    ("relations", "reweighed"),
    ("silenced", "voiced"),
    ("reopened", "settled"),
    ("imports",),
)
"""What only one change set of a run may hold: the order of two of them could matter."""


class Numbered(NamedTuple):
    """A change set and the revision that it is written at."""

    revision: int
    change_set: ChangeSet


def runs(numbered: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """Change sets in order, each with as many of those after it as touch nothing that those before do.

    The changes of several components, planned together, are one run.
    """
    run: list[Numbered] = []
    named: set[object] = set()
    for one in numbered:
        names = _named(one.change_set)
        if run and (_ends(run[-1].change_set) or one.change_set.adopted or not named.isdisjoint(names)):
            yield run
            run, named = [], set()
        run.append(one)
        named |= names
    if run:
        yield run


def _ends(change_set: ChangeSet) -> bool:
    """Whether nothing may be written together with what comes after: a node removed is one that was free."""
    return bool(change_set.nodes_removed or change_set.adopted)


def _named(change_set: ChangeSet) -> set[object]:
    """What no two change sets of a run may both touch."""
    names: set[object] = {("record", one.key) for one in change_set.records}
    names.update(("record", key) for key, _ in (*change_set.raised, *change_set.moved))
    names.update(
        ("component", name) for name in (*change_set.components, *change_set.suggestions, *change_set.matches)
    )
    names.update(("node", digest) for digests in change_set.components.values() for digest in digests)
    names.update(("customer", one.id) for one in change_set.ids)
    names.update(("judgement", one.id) for one in change_set.judgements)
    names.update(group for group in _ONCE if any(getattr(change_set, name) for name in group))
    return names
