"""Disjoint sets: what follows from *together*, whatever is joined."""

from __future__ import annotations

from collections.abc import Hashable


class Disjoint:
    """Disjoint sets of whatever can be hashed (Tarjan 1975, path halving)."""

    def __init__(self) -> None:
        """Start with every item alone."""
        self._parent: dict[Hashable, Hashable] = {}

    def find(self, item: Hashable) -> Hashable:
        """The item that stands for the set of this one."""
        parent = self._parent.setdefault(item, item)
        while parent != item:
            grandparent = self._parent[parent]
            self._parent[item] = grandparent
            item, parent = grandparent, self._parent[grandparent]
        return item

    def join(self, first: Hashable, *others: Hashable) -> None:
        """Make the sets of all these one."""
        root = self.find(first)
        for other in others:
            self._parent[self.find(other)] = root
