from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from graph.model import Evidence, IdentifierKind, StatedIdentifier
from resolver.learn.effort import Effort
from resolver.learn.partners import keep_apart, stay_apart
from resolver.learn.train import train
from resolver.learn.words import explain
from resolver.match.columns import Columns
from resolver.match.document import Document, check, levels, shipped
from resolver.match.model import build
from resolver.match.weigh import threshold
from resolver.normalise.evidence import DEFAULT, normalise
from tests.learn.people import customers

POPULATION = 10_000
MERGE = 0.99


def learnt(**changes: object) -> Document:
    """What ships, changed and with an account of given names, as if it had been learnt."""
    told = {"learnt": ["m"], "pairs": {}, "prior": []}
    accounts = {"given": dict(told), "given:initial": dict(told), "phone": dict(told)}
    return check({**shipped(), "learnt": {"comparisons": accounts, "prior": {}}, **changes})


def given(m: float) -> Mapping[str, Any]:
    """The comparisons that ship, one person's given names differing so often, a household's seldom."""
    known = shipped()["comparisons"]
    names: dict[str, Any] = {
        name: {**each, "m": m, "h": 0.01} if name in {"different", "unknown"} else each
        for name, each in levels(known["given"]).items()
    }
    return {**known, "given": names}


def weight(document: Document) -> int:
    """What partners weigh when their records are compared as any are."""
    one, other = (
        normalise(
            Evidence(
                identifiers=(
                    StatedIdentifier(IdentifierKind.PHONE, "+31 20 624 1111"),
                    StatedIdentifier(IdentifierKind.EMAIL, "home@ons-dorp.nl"),
                ),
                given_name=name,
                family_name="Zwartendijk",
                street="Kerkweg",
                house_number="5",
                postcode="1234 AB",
                city="Ons Dorp",
                country="NL",
            ),
            DEFAULT,
        )
        for name in ("Maria", "Peter")
    )
    columns = Columns(build(document, POPULATION), [one, other], frozenset())
    return int(columns.verdicts(np.array([0]), np.array([1])).combined[0])


def test_partners_stay_apart_under_what_ships() -> None:
    assert stay_apart(shipped(), POPULATION, MERGE)
    kept = keep_apart(learnt(), shipped(), POPULATION, MERGE)
    assert kept["comparisons"] == shipped()["comparisons"]
    assert kept["learnt"]["partners"].endswith("stay two customers")


def test_given_names_that_would_join_partners_stay_as_before() -> None:
    bold = learnt(comparisons=given(1.0))
    assert weight(bold) >= threshold(MERGE)
    assert not stay_apart(bold, POPULATION, MERGE)
    kept = keep_apart(bold, shipped(), POPULATION, MERGE)
    assert stay_apart(kept, POPULATION, MERGE)
    assert weight(kept) < threshold(MERGE)
    assert kept["comparisons"]["given"] == shipped()["comparisons"]["given"]
    assert "given names are weighed as before" in kept["learnt"]["partners"]
    accounts = kept["learnt"]["comparisons"]
    assert accounts["given"]["learnt"] == accounts["given:initial"]["learnt"] == []
    assert accounts["phone"]["learnt"] == ["m"]


def test_a_prior_that_would_join_partners_stays_as_before() -> None:
    bold = learnt(prior={**shipped()["prior"], "person_to_household": 1e6, "records_per_customer": 3.0})
    kept = keep_apart(bold, shipped(), POPULATION, MERGE)
    assert stay_apart(kept, POPULATION, MERGE)
    assert kept["prior"] == {**shipped()["prior"], "records_per_customer": 3.0}
    assert "person_to_household" in kept["learnt"]["partners"]


def test_a_start_that_joins_partners_itself_is_told() -> None:
    bold = learnt(comparisons=given(1.0))
    assert "they become one, too" in keep_apart(bold, bold, POPULATION, MERGE)["learnt"]["partners"]


@pytest.mark.parametrize("count", [0, 60])
def test_training_asks_and_tells(count: int) -> None:
    found = train(customers(count), population=1000, rows=2 * count, effort=Effort(random=1000))
    assert stay_apart(found, 1000, MERGE)
    assert found["learnt"]["partners"] in explain(found, 1000).learnt
