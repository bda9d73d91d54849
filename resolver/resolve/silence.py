"""What falls silent: values shared by too many to speak for anyone, and blocks too large to search.

Functions of counts over live nodes, never over customers, and one line in both directions, so that it
does not matter which came first, the value's spread or the merge that rested on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from graph.keys import identifier_block
from graph.model import Assurance, IdentifierKind, Node
from resolver.match.columns import generic_key, generic_marks, verified_block
from resolver.resolve.settings import Policy

_IDENTIFIER = tuple(f"{kind.value}:" for kind in IdentifierKind)


def is_identifier(key: str) -> bool:
    """Whether a blocking key is an identifier's own, so that it counts descriptions."""
    return key.startswith(_IDENTIFIER)


def silent_keys(policy: Policy, key: str, size: int, descriptions: int, verified: int) -> Iterator[str]:
    """The keys that are silent where a block has this many nodes and distinct person descriptions.

    A generic value's block and weight both fall silent. What is held verified falls silent only where
    too many hold it verified.
    """
    if not is_identifier(key):
        if size > (policy.identifier_cap if key.startswith("verified:") else policy.block_cap):
            yield key
        return
    if descriptions >= policy.generic_line:
        yield key
        yield generic_key(key)
    elif size > policy.identifier_cap:
        yield key
    if verified >= policy.generic_line:
        yield generic_key(verified_block(key))


def watched_keys(key: str) -> tuple[str, ...]:
    """All the keys whose silence a block's counts decide."""
    if not is_identifier(key):
        return (key,)
    return (key, *generic_marks(key))


def silence(policy: Policy, nodes: Iterable[Node]) -> frozenset[str]:
    """All silent keys of a whole population of nodes."""
    sizes: dict[str, int] = defaultdict(int)
    described: dict[str, set[str]] = defaultdict(set)
    verified: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        for key in node.blocks:
            sizes[key] += 1
        blocks = frozenset(node.blocks)
        for assertion in node.assertions:
            key = identifier_block(assertion.identifier)
            if assertion.description is not None and key in blocks:
                described[key].add(assertion.description)
                if assertion.assurance == Assurance.VERIFIED:
                    verified[key].add(assertion.description)
    return frozenset(
        silent
        for key, size in sizes.items()
        for silent in silent_keys(policy, key, size, len(described.get(key, ())), len(verified.get(key, ())))
    )
