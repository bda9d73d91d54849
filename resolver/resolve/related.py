"""Related and not one: whom the evidence shows to live or work together.

With three hypotheses the weights of *same person* against strangers and against the household also tell
the household from strangers: the one less the other, for what speaks against one person (another given
name, another card) speaks against neither. Two nodes that share a live blocking key are *related* where
the household reaches the merge threshold against strangers, and they are not one person either: same
person stays below the possible threshold, or a limit forbids it (father and son of one name), or one is
a person and the other an organisation. Pure, of two nodes at a time: what else is known, and in which
order it came, does not count.

Customers are related where a node of one is related to a node of the other. They are not compared
anew as customers: a surname that one of them once spelt otherwise makes nobody a stranger, and so the
answer is one read of what is stored, the same in a store and in a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from graph.keys import identifier_block
from graph.model import Identifier, IdentifierKind, PartyType, Relation, RelationKind
from resolver.match.columns import Columns, generic_key
from resolver.match.weigh import ATTRIBUTES, Attribute, Ints, Saying, Verdict, counted
from resolver.normalise.features import Features, Flag
from resolver.resolve.alone import SPEAKS
from resolver.resolve.bonds import find_bonds
from resolver.resolve.settings import Policy
from resolver.resolve.units import Verdicts

_OF_ORGANISATIONS: Final = frozenset({IdentifierKind.PHONE, IdentifierKind.EMAIL})
_LIMITED: Final = frozenset({IdentifierKind.LOYALTY, IdentifierKind.EXTERNAL, IdentifierKind.GOVERNMENT})
_PAIR: Final = (0, 1)


class Tie(NamedTuple):
    """Two nodes, by number, that are related; the rest as `graph.model.Relation` has it."""

    left: int
    right: int
    kind: RelationKind
    stranger: int
    household: int
    shared: tuple[Attribute, ...]

    def between(self, left: str, right: str) -> Relation:
        """The same of the two nodes by their digests, as a store keeps it."""
        least, other = sorted((left, right))
        return Relation(least, other, self.kind, self.stranger, self.household, self.shared)


def ties(
    policy: Policy,
    columns: Columns,
    nodes: Sequence[Features],
    silent: frozenset[str],
    left: Ints,
    right: Ints,
    verdict: Verdict,
) -> Iterator[Tie]:
    """Those of these pairs of nodes that are related, in their order.

    `verdict` is what `columns` weigh of the pairs; a node is not related to itself.
    """
    together = verdict.stranger - verdict.household
    near = np.flatnonzero((together >= policy.merge_weight) & (left != right))
    if not len(near):
        return
    lost = verdict.combined[near] < policy.possible_weight
    apart = [
        lost_ or _parted(policy, nodes[one], nodes[other])
        for lost_, one, other in zip(lost.tolist(), left[near].tolist(), right[near].tolist(), strict=True)
    ]
    found = near[np.array(apart, bool)]
    pairs = columns.pairs(left[found], right[found])
    for n, pair in zip(found.tolist(), pairs, strict=True):
        one, other = int(left[n]), int(right[n])
        yield Tie(
            one,
            other,
            kind_of(nodes[one], nodes[other], silent),
            int(verdict.stranger[n]),
            int(verdict.household[n]),
            _shared(pair.said),
        )


def kind_of(one: Features, other: Features, silent: frozenset[str]) -> RelationKind:
    """What two who are related are to each other.

    They belong to one organisation where one of them is an organisation, or where both name the same one;
    and people of different surnames where a number or mailbox that both have is an organisation's: a role
    mailbox, a service number, or one of so many people that it has turned generic, as no household's is.
    `silent` are the keys that do not speak.
    """
    if PartyType.ORGANISATION in {one.party, other.party}:
        return RelationKind.SAME_ORGANISATION
    if one.organisation and one.organisation == other.organisation:
        return RelationKind.SAME_ORGANISATION
    theirs = _organisations(one, silent) & _organisations(other, silent)
    if theirs and _surname(one).isdisjoint(_surname(other)):
        return RelationKind.SAME_ORGANISATION
    return RelationKind.SAME_HOUSEHOLD


def _surname(node: Features) -> frozenset[str]:
    return frozenset(node.name.family if node.name else ())


def _organisations(node: Features, silent: frozenset[str]) -> set[Identifier]:
    """Those of a node's numbers and mailboxes that are an organisation's and not a person's."""
    return {
        value.identifier
        for value in node.values
        if value.identifier.kind in _OF_ORGANISATIONS
        and not {Flag.RUBBISH, Flag.OWNED}.intersection(value.flags)
        and (Flag.ROLE in value.flags or generic_key(identifier_block(value.identifier)) in silent)
    }


def _parted(policy: Policy, one: Features, other: Features) -> bool:
    """Whether a limit, or their kind, keeps two nodes apart."""
    if one.party == other.party and not _differ(one, other):
        return False
    bonds = find_bonds((one, other), _PAIR, _PAIR, Verdicts((), ()), policy.limits)
    return bool(bonds.limited or bonds.alien)


def _differ(one: Features, other: Features) -> bool:
    """Whether two nodes hold anything, and not the same, that a limit may be about: most do not."""
    if one.birth and other.birth and one.birth != other.birth:
        return True
    mine, theirs = (
        {value.identifier for value in node.values if value.identifier.kind in _LIMITED}
        for node in (one, other)
    )
    return bool(mine and theirs) and mine != theirs


def _shared(said: Saying) -> tuple[Attribute, ...]:
    """The attributes that bind: each at least doubles the odds of a household against strangers."""
    said = counted(said)
    return tuple(ATTRIBUTES[row] for row in sorted(said) if said[row][0] - said[row][1] >= SPEAKS)


class Related(NamedTuple):
    """Two customers that are related: what the strongest relation between their nodes says of them.

    Weights of one person, in 1/1000 bit, as in `graph.model.Relation`.
    """

    stranger: int
    household: int
    kind: RelationKind
    shared: tuple[str, ...]


R = TypeVar("R", Tie, Relation)


def _strength(related: Related) -> tuple[int, Related]:
    return related.stranger - related.household, related


def customers_related(
    relations: Iterable[R], customers: Mapping[Any, Collection[str]]
) -> Mapping[tuple[str, str], Related]:
    """The pairs of customers, the lesser first, that have related nodes, in order.

    `customers` are the customers of each node. The strongest relation is the one in which a household
    weighs most against strangers.
    """
    found: dict[tuple[str, str], Related] = {}
    for each in relations:
        told = Related(each.stranger, each.household, each.kind, each.shared)
        for one, other in product(customers.get(each.left, ()), customers.get(each.right, ())):
            if one != other:
                pair = (one, other) if one < other else (other, one)
                found[pair] = max(told, found.get(pair, told), key=_strength)
    return dict(sorted(found.items()))
