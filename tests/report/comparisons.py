"""Comparisons with chosen figures, whatever the model says of them."""

from __future__ import annotations

from dataclasses import replace

from graph.model import Evidence
from resolver.match.model import default_model
from resolver.normalise.evidence import normalise
from resolver.resolve.explain import Compared, Comparison, compare_customers

_NOTHING = normalise(Evidence())
BLANK = replace(
    compare_customers(default_model(1000), frozenset(), [_NOTHING], [_NOTHING]),
    prior=-18_000,
    prior_household=2000,
    limits=(),
)


def comparison(*attributes: Compared, weight: int = -6000, probability: float = 0.0154) -> Comparison:
    """Of these attributes, every bit of which counts."""
    return replace(
        BLANK,
        attributes=attributes,
        stranger=BLANK.prior + sum(each.stranger for each in attributes),
        household=BLANK.prior_household + sum(each.household for each in attributes),
        weight=weight,
        probability=probability,
    )
