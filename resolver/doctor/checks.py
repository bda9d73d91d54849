"""All checks over one reading of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from graph.errors import StoreCorrupt
from graph.whole import SECTIONS, Contents, Item, items
from resolver.doctor import standing
from resolver.doctor.census import Census
from resolver.doctor.finding import Finding
from resolver.doctor.passing import Contacts, Evidence, Feed, Revisions, Seen, Silence

STANDING: Final[Mapping[str, Callable[[Census], Iterator[Finding]]]] = {
    "settings": standing.settings,
    "records": standing.records,
    "components": standing.components,
    "ids": standing.ids,
    "judgements": standing.judgements,
    "suggestions": standing.suggestions,
}
"""Checks of what stands, by name, each a function of the census."""

PASSING: Final[Mapping[str, Callable[[Census], Seen]]] = {
    "evidence": Evidence,
    "touchpoints": Contacts,
    "feed": Feed,
    "revisions": Revisions,
    "silence": Silence,
}
"""Checks that see every item pass by."""

CHECKS: Final = (*STANDING, *PASSING, "derived")
"""All checks by name; `derived` is the store's own: what it derives agrees with what it is derived from."""


def examine(
    contents: Contents,
    watch: Callable[[Iterable[Item]], Iterable[Item]] = iter,
    begin: Callable[[str], object] = str,
) -> Iterator[Finding]:
    """All that should not be so in a store.

    `watch` sees the items pass by and gives them on; `begin` is told what is looked at after that.
    """
    census = Census()
    seeing = {name: make(census) for name, make in PASSING.items()}
    sees = {kind: [each.see for each in seeing.values() if kind in each.kinds] for kind in SECTIONS}
    try:
        for item in watch(items(contents)):
            census.count(item)
            for see in sees[type(item)]:
                see(item)
    except StoreCorrupt:
        # What names something that is not there ends the reading; which it is, the store's own check tells.
        yield Finding("derived", "items cannot be read, and other checks did not end", 1)
    else:
        begin("checks")
        for check in STANDING.values():
            yield from check(census)
        for each in seeing.values():
            yield from each.findings(contents)
    begin("derived")
    for fault in contents.faults():
        yield Finding("derived", *fault[1:])
