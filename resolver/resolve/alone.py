"""Evidence that stands alone: kinds that a company does not let merge two customers by themselves.

Two customers are compared attribute by attribute, as everywhere. A kind *speaks for* them where one of
its attributes at least doubles the odds of one person against strangers. Where exactly one kind speaks
and it is one that the policy names in `never_alone`, the join is refused, whatever its weight, and is
told to a steward. Any second kind that speaks lets it pass, also one that is named too: the evidence is
then not alone. What a judgement joins is joined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final, cast

from resolver.match.model import MILLIBIT
from resolver.match.weigh import ATTRIBUTES, Attribute, Saying, counted
from resolver.resolve.settings import Kind

_ONE_KIND: Final[Mapping[Attribute, Kind]] = {"given": "name", "family": "name", "alias_name": "alias"}
KIND_OF: Final[Mapping[Attribute, Kind]] = MappingProxyType(
    {attribute: _ONE_KIND.get(attribute, cast(Kind, attribute)) for attribute in ATTRIBUTES}
)
"""The kind of evidence of each attribute: given name and surname are one name. A company's own attributes,
however many, are one kind together."""

SPEAKS: Final = MILLIBIT
"""From this weight against strangers on an attribute speaks for one person: it doubles the odds."""


def alone(never: Collection[Kind], said: Saying) -> bool:
    """Whether all that speaks for one person is of one kind, and that one may not merge by itself.

    `said` is what the attributes of two customers, or of two records, say of each other.
    """
    return bool(never) and alone_among(
        never, ((ATTRIBUTES[row], stranger) for row, (stranger, _) in counted(said).items())
    )


def alone_among(never: Collection[Kind], weights: Iterable[tuple[Attribute, int]]) -> bool:
    """The same of attributes that count, each with its weight against strangers in 1/1000 bit."""
    speaking = {KIND_OF[each] for each, stranger in weights if stranger >= SPEAKS and each in KIND_OF}
    return len(speaking) == 1 and not speaking.isdisjoint(never)
