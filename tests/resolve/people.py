"""Records to try the rules on, and the partition of them in the words of a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graph.model import (
    Assurance,
    Evidence,
    IdentifierKind,
    Judgement,
    JudgementKind,
    Node,
    PartyType,
    RecordKey,
    StatedIdentifier,
)
from resolver.match.blocking import blocking_keys
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings, describe, normalise
from resolver.normalise.features import Features
from resolver.resolve import partition as partitioning
from resolver.resolve.partition import Partition, partition
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silence

KINDS = {kind.value: kind for kind in IdentifierKind}
SETTINGS = Settings(government_secret=b"a secret of these tests")


def record(
    name: str = "",
    born: str = "",
    *,
    verified: Iterable[str] = (),
    party: str = "",
    compared: str = "",
    **stated: str,
) -> Features:
    """A record as normalised, of Dutch notation.

    `stated` are identifiers by kind and parts of a place, `compared` are attributes that take part:
    `gender=f hair=red`.
    """
    given, _, family = name.partition(" ")
    place: dict[str, Any] = {
        part: stated.pop(part, "") for part in ("house_number", "street", "postcode", "city", "country")
    }
    organisation = stated.pop("organisation", "")
    identifiers = tuple(
        StatedIdentifier(
            KINDS[kind.rstrip("2")],
            raw,
            "instagram" if kind.startswith("handle") else "",
            Assurance.VERIFIED if kind in verified else Assurance.STATED,
        )
        for kind, raw in stated.items()
    )
    evidence = Evidence(
        identifiers,
        given_name=given,
        family_name=family,
        birth_date=born,
        organisation=organisation,
        party_type=PartyType(party or "unknown"),
        region="NL",
        compared_attributes=tuple(
            (name, raw) for name, _, raw in (s.partition("=") for s in compared.split())
        ),
    )
    return normalise(replace(evidence, **place), SETTINGS)


def key(name: str) -> RecordKey:
    return RecordKey("test", name)


def quiet(records: Iterable[Features], policy: Policy) -> frozenset[str]:
    """What is silent where these are all the records that there are."""
    distinct = dict.fromkeys(records)
    return silence(policy, (Node("", b"", describe(f), blocking_keys(f)) for f in distinct))


def resolved(
    records: Mapping[str, Features],
    judgements: Sequence[Judgement] = (),
    *,
    policy: Policy | None = None,
    population: int = 10_000,
    silent: frozenset[str] | None = None,
    related: bool = False,
) -> Partition:
    """The partition of named records."""
    policy = policy or Policy()
    if silent is None:
        silent = quiet(records.values(), policy)
    nodes = list(dict.fromkeys(records.values()))
    number = {features: n for n, features in enumerate(nodes)}
    evidence = partitioning.Evidence(
        nodes,
        [blocking_keys(node) for node in nodes],
        [(key(name), number[features]) for name, features in records.items()],
        judgements,
        silent,
    )
    return partition(default_model(population), policy, evidence, related=related)


def groups(found: Partition) -> set[frozenset[str]]:
    """Customers as sets of their records' names; visitors' records are none."""
    return {
        frozenset(k.record_id for k in customer)
        for component in found.components
        for customer in component.customers
    }


def customers(
    records: Mapping[str, Features], judgements: Sequence[Judgement] = (), **how: object
) -> set[str]:
    """Customers as words: the names of their records, sorted, with blanks between."""
    return {" ".join(sorted(group)) for group in groups(resolved(records, judgements, **how))}  # type: ignore[arg-type]


def judgement(*parts: str, number: int = 1) -> Judgement:
    """What a steward decided: each part's names with blanks between."""
    kind = JudgementKind.MERGE if len(parts) == 1 else JudgementKind.SPLIT
    sets = tuple(frozenset(key(name) for name in part.split()) for part in parts)
    return Judgement(f"j{number}", kind, sets, "steward", "", 0)


def doubts(found: Partition) -> dict[str, str]:
    """The reason of every doubt, by the two records that tell it, sorted."""
    return {
        " ".join(sorted((link.left.record_id, link.right.record_id))): link.reason
        for component in found.components
        for link in component.doubts
    }
