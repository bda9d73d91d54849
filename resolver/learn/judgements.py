"""Stewards' decisions calibrate the prior: how far the weights' zero is off, against each alternative.

A logistic fit in two unknowns (Platt, 1999, its slope kept at one): `a` bits are added to the weight
against strangers and `b` to that against the household, so that the decisions become as likely as may be,
held to zero by a normal prior. What is changed in the document is `prior`, and nothing else: the weights
stay logarithms of the probabilities that stand beside them, which a slope would make untrue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from resolver.match.columns import Columns
from resolver.match.document import Document, check
from resolver.match.model import MILLIBIT, build
from resolver.match.weigh import verdict
from resolver.normalise.features import Features

Floats = NDArray[np.float64]

SPREAD: Final = 2.0
"""Standard deviation, in bits, of the shifts that are expected before anybody has decided."""
LARGEST: Final = 8.0
"""No shift is larger, in bits: beyond it the model is wrong, not its zero."""
FEWEST: Final = 10
"""Decisions of either kind below which nothing is changed."""


class Judged(NamedTuple):
    """Two records' evidence, and whether a steward takes them for one customer's."""

    left: Features
    right: Features
    same: bool


def calibrate(
    document: Document, judged: Sequence[Judged], *, population: int, silent: frozenset[str] = frozenset()
) -> Document:
    """The document with its prior moved to what was decided; told under `learnt.judgements`.

    Decisions may be of any pairs, near the threshold or far from it, if only they were not chosen by the
    answer. With fewer than ten of either kind the prior stays.
    """
    told: dict[str, Any] = {"same": sum(each.same for each in judged)}
    told["different"] = len(judged) - told["same"]
    prior = dict(document["prior"])
    if min(told["same"], told["different"]) < FEWEST:
        told["changed"] = f"nothing: {FEWEST} decisions of either kind are needed"
    else:
        shifts = _shifts(*_weights(document, judged, population, silent))
        for name, shift in zip(("records_per_customer", "person_to_household"), shifts, strict=True):
            before = prior[name]
            prior[name] = float(f"{before * 2**shift:.4g}")
            told[name] = {"before": before, "after": prior[name], "bits": round(shift, 3)}
        told["changed"] = "prior.records_per_customer and prior.person_to_household"
    learnt: Mapping[str, Any] = {**document.get("learnt", {}), "judgements": told}
    return check({**document, "prior": prior, "learnt": learnt})


def _weights(
    document: Document, judged: Sequence[Judged], population: int, silent: frozenset[str]
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Bits against strangers and against the household of each pair, and what was decided."""
    model = build(document, population)
    nodes = [node for each in judged for node in (each.left, each.right)]
    left = np.arange(0, len(nodes), 2)
    weighed = verdict(model, Columns(model, nodes, silent).weights(left, left + 1))
    same = np.array([each.same for each in judged], bool)
    return weighed.stranger / MILLIBIT, weighed.household / MILLIBIT, same


def _shifts(stranger: Floats, household: Floats, same: NDArray[np.bool_]) -> tuple[float, float]:
    """The shifts in bits that make the decisions most likely, pulled towards none."""

    def regret(shifts: Floats) -> float:
        odds = -np.logaddexp2(-(stranger + shifts[0]), -(household + shifts[1]))
        # In bits, as are the shifts: minus log2 of the chance of each decision.
        missed = np.logaddexp2(0.0, np.where(same, -odds, odds)).sum()
        return float(missed + (shifts**2).sum() / (2 * SPREAD**2))

    found = minimize(regret, np.zeros(2), method="L-BFGS-B", bounds=[(-LARGEST, LARGEST)] * 2)
    return float(found.x[0]), float(found.x[1])


__all__ = ["Judged", "calibrate"]
