"""The policy under which records become customers: one place, checked when it is built."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Literal, Self, get_args

from resolver.match.weigh import threshold

Preset = Literal["strict", "default", "balanced"]

PRESETS: Final[Mapping[Preset, float]] = MappingProxyType(
    {"strict": 0.999, "default": 0.99, "balanced": 0.95}
)
"""The merge threshold of each preset, a probability."""

Kind = Literal[
    "phone", "email", "handle", "loyalty", "external", "government",
    "name", "birth", "place", "organisation", "attributes", "alias",
]  # fmt: skip
"""Kinds of evidence: what one attribute, or several that are one to a person, can say."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

BirthLimit = Literal["off", "generation", "different"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Which differences forbid two records to share a customer, whatever the weights.

    `loyalty`: cards of one programme that differ by more than a slip. `birth_date`: births decades
    apart (`generation`), or any that no slip explains (`different`). `external`: two ids of one system,
    where that system is trusted to hold nobody twice. `government`: two ids of one kind that differ by
    more than a slip.
    """

    loyalty: bool = True
    birth_date: BirthLimit = "generation"
    external: bool = False
    government: bool = False

    def __post_init__(self) -> None:
        if self.birth_date not in get_args(BirthLimit):
            raise ValueError(f"birth_date must be one of {', '.join(get_args(BirthLimit))}")

    def only(self, name: str) -> Limits:
        """The same limit of this name, the others off."""
        return Limits(**{**_NONE, name: getattr(self, name)})


_NONE: Final[Mapping[str, Any]] = {
    "loyalty": False,
    "birth_date": "off",
    "external": False,
    "government": False,
}


@dataclass(frozen=True)
class Policy:
    """Thresholds are probabilities; caps and lines are counts.

    `merge`: from here customers are joined. `possible`: from here a pair is suggested. `edge`: from here
    a pair of nodes is an edge. `ambiguous_within`: how near, in bits, two rivals are about equal.
    `generic_line`: distinct person descriptions from which a value is generic. `block_cap`,
    `identifier_cap`: distinct nodes above which a block falls silent. `component_cap`,
    `component_limit`: sizes from which a component drops edges, and is no longer clustered whole.
    `reopen_at_once`: how many nodes a crossing re-opens in its own commit; more are queued.
    `never_alone`: kinds of evidence that merge nobody by themselves (see `resolver.resolve.alone`).
    `limits`: what forbids two records to share a customer.
    """

    merge: float = 0.99
    possible: float = 0.5
    edge: float = 0.1
    ambiguous_within: int = 3
    generic_line: int = 8
    block_cap: int = 20
    identifier_cap: int = 500
    component_cap: int = 200
    component_limit: int = 2000
    reopen_at_once: int = 1000
    never_alone: tuple[Kind, ...] = ()
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if not 0 < self.edge < self.possible < self.merge < 1:
            raise ValueError("thresholds must be 0 < edge < possible < merge < 1")
        for name in ("generic_line", "block_cap", "identifier_cap", "component_cap", "reopen_at_once"):
            if getattr(self, name) < 2:
                raise ValueError(f"{name} must be at least 2")
        if self.component_limit < self.component_cap:
            raise ValueError("component_limit must be at least component_cap")
        unknown = set(self.never_alone) - set(KINDS)
        if unknown:
            raise ValueError(f"never_alone: known kinds are {', '.join(KINDS)}")
        object.__setattr__(self, "never_alone", tuple(sorted(set(self.never_alone))))

    def terms(self) -> Mapping[str, str]:
        """All that decides which records are one customer's, by the name of its setting, as JSON."""
        return {name: json.dumps(value) for name, value in _flat(self) if name not in _INDIFFERENT}

    @classmethod
    def of(cls, terms: Mapping[str, str]) -> Self:
        """The policy of these terms; what they do not have is as in the default one, other names are ignored.

        Raises ValueError where a term cannot be read or makes no sense.
        """
        read = {name: json.loads(terms[name]) for name, _ in _flat(cls()) if name in terms}
        limits = {name.removeprefix("limits."): v for name, v in read.items() if name.startswith("limits.")}
        rest = {name.rpartition(".")[2]: v for name, v in read.items() if not name.startswith("limits.")}
        return cls(**{**rest, "limits": Limits(**limits)})

    @cached_property
    def merge_weight(self) -> int:
        """The merge threshold as a match weight, in 1/1000 bit."""
        return threshold(self.merge)

    @cached_property
    def possible_weight(self) -> int:
        """The possible threshold as a match weight, in 1/1000 bit."""
        return threshold(self.possible)

    @cached_property
    def edge_weight(self) -> int:
        """The edge threshold as a match weight, in 1/1000 bit."""
        return threshold(self.edge)


_THRESHOLDS: Final = frozenset({"merge", "possible", "edge"})
_INDIFFERENT: Final = frozenset({"policy.reopen_at_once"})
"""What decides when something is done, never what comes of it."""


def _flat(policy: Policy) -> Iterable[tuple[str, Any]]:
    """Every setting of a policy under its name in the configuration."""
    for each in fields(policy):
        value = getattr(policy, each.name)
        if isinstance(value, Limits):
            yield from ((f"limits.{one.name}", getattr(value, one.name)) for one in fields(value))
        elif each.name == "never_alone":
            yield each.name, value
        else:
            yield f"{'thresholds' if each.name in _THRESHOLDS else 'policy'}.{each.name}", value
