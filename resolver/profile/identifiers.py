"""The identifiers that a customer has, over all of the customer's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graph.keys import identifier_block
from graph.model import Assurance, Identifier, IdentifierKind, RecordKey
from resolver.match.columns import generic_marks, voices
from resolver.normalise import evidence
from resolver.normalise.evidence import DEFAULT, Settings, region_of
from resolver.normalise.features import Flag, Value
from resolver.profile.golden import Sighting


@dataclass(frozen=True, slots=True)
class KnownIdentifier:
    """One identifier of a customer.

    `raw` are the sources' spellings, sorted, each once. `address` is the form to reach the customer by,
    empty where it has none. `assurance` is the surest of all records, `sources` and `records` are
    sorted. `first_seen` and `last_seen` are the least and the greatest version of the records that
    assert it, None where none has one. `generic`: shared by too many to carry weight here now.
    `voiced`: it carries weight for this customer. Of a government id neither value nor raw is shown.
    """

    identifier: Identifier
    raw: tuple[str, ...]
    address: str
    assurance: Assurance
    sources: tuple[str, ...]
    records: tuple[RecordKey, ...]
    first_seen: int | None
    last_seen: int | None
    flags: tuple[Flag, ...]
    generic: bool
    voiced: bool

    @property
    def shared(self) -> bool:
        """Whether others use it as well: generic, a role mailbox, the company's own."""
        return not self.voiced and Flag.RUBBISH not in self.flags

    @property
    def reaches(self) -> str:
        """The address to use, empty where it must not be used or is none. A device's is its id."""
        if not self.voiced:
            return ""
        return self.identifier.value if self.identifier.kind is IdentifierKind.DEVICE else self.address


def generic_keys(records: Iterable[Sighting]) -> frozenset[str]:
    """Return the keys to ask the store about: `known_identifiers` needs those of them that are silent."""
    blocks = {identifier_block(value.identifier) for each in records for value in each.features.values}
    return frozenset(key for block in blocks for key in generic_marks(block))


def known_identifiers(
    records: Sequence[Sighting], silent: frozenset[str] = frozenset(), settings: Settings = DEFAULT
) -> tuple[KnownIdentifier, ...]:
    """Return the customer's identifiers in order of kind, namespace and value.

    `silent` are those of `generic_keys` that do not speak now. `settings` are those under which the
    features were made; they tell which raw value an identifier was written as.
    """
    asserted: dict[Identifier, list[tuple[Value, Sighting]]] = {}
    for sighting in records:
        for value in sighting.features.values:
            asserted.setdefault(value.identifier, []).append((value, sighting))
    raw = _spellings(records, settings)
    return tuple(
        _known(identifier, asserted[identifier], raw.get(identifier, set()), silent)
        for identifier in sorted(asserted)
    )


def _known(
    identifier: Identifier,
    asserted: Sequence[tuple[Value, Sighting]],
    raw: set[str],
    silent: frozenset[str],
) -> KnownIdentifier:
    keys = sorted({sighting.record.key for _, sighting in asserted})
    versions = [sighting.record.statement.version for _, sighting in asserted]
    told = [version for version in versions if version is not None]
    speaks = [
        each for each in asserted if not each[0].flags or voices(each[1].features, each[0], frozenset())
    ]
    voiced = any(voices(each.features, value, silent) for value, each in speaks) if silent else bool(speaks)
    secret = identifier.kind is IdentifierKind.GOVERNMENT
    return KnownIdentifier(
        identifier=identifier._replace(value="") if secret else identifier,
        raw=() if secret else tuple(sorted(raw)),
        address="" if secret else _address(asserted),
        assurance=max(value.assurance for value, _ in asserted),
        sources=tuple(sorted({key.source for key in keys})),
        records=tuple(keys),
        first_seen=min(told, default=None),
        last_seen=max(told, default=None),
        flags=asserted[0][0].flags if len(asserted) == 1 else _flags(asserted),
        generic=bool(speaks) and not voiced,
        voiced=voiced,
    )


def _flags(asserted: Iterable[tuple[Value, Sighting]]) -> tuple[Flag, ...]:
    return tuple(sorted({flag for value, _ in asserted for flag in value.flags}))


def _address(asserted: Sequence[tuple[Value, Sighting]]) -> str:
    """Variants of one line may come with different numbers to dial: the surest, then the latest."""
    if len(asserted) == 1:
        return asserted[0][0].address
    reaching = [(value, sighting) for value, sighting in asserted if value.address]
    best = max(
        (
            (value.assurance, sighting.record.statement.rank[:2], value.address)
            for value, sighting in reaching
        ),
        default=None,
    )
    return best[-1] if best else ""


def _spellings(records: Iterable[Sighting], settings: Settings) -> dict[Identifier, set[str]]:
    found: dict[Identifier, set[str]] = {}
    for identifier, raw in (pair for sighting in records for pair in _written(sighting, settings)):
        found.setdefault(identifier, set()).add(raw)
    return found


def _written(sighting: Sighting, settings: Settings) -> Iterator[tuple[Identifier, str]]:
    """Each identifier of a record with a raw value that it was made from."""
    stated, values = sighting.record.evidence.identifiers, sighting.features.values
    by_kind = {value.identifier.kind: value.identifier for value in values}
    if len(stated) == len(values) == len(by_kind) and by_kind.keys() == {each.kind for each in stated}:
        # One of each kind: which is made of which needs no normalising.
        for each in stated:
            yield by_kind[each.kind], each.raw
        return
    region = region_of(sighting.record.evidence, settings)
    for each in stated:
        value = evidence.value(each, region, settings)
        if value is not None:
            yield value.identifier, each.raw
