from __future__ import annotations

import numpy as np
import pytest

from resolver.learn.chances import account, begin, tell
from resolver.learn.effort import Effort
from resolver.learn.em import HOUSEHOLD, SAME, STRANGER
from resolver.learn.levels import variables
from resolver.learn.people import adopt
from resolver.learn.strangers import learn_chances, learn_shared
from resolver.match.document import check, shipped

DOCUMENT = check(shipped())
POPULATION = 1000
EFFORT = Effort()
VARIABLES = {each.name: each for each in variables(DOCUMENT)}
BIRTH = VARIABLES["birth"]
PLAIN = [False] * len(BIRTH.levels)


def test_a_level_that_was_never_met_stays_near_its_prior() -> None:
    learnt = begin(DOCUMENT, BIRTH, POPULATION)
    prior = learnt.chances[STRANGER].copy()
    counts = np.zeros(len(BIRTH.levels))
    counts[-1] = 20_000
    learn_chances(learnt, prior, PLAIN, counts, EFFORT)
    equal = learnt.chances[STRANGER, 0]
    assert prior[0] / 2 < equal < prior[0]
    assert learnt.chances[STRANGER].sum() == pytest.approx(1)


def test_a_level_that_was_met_often_is_what_was_met() -> None:
    learnt = begin(DOCUMENT, BIRTH, POPULATION)
    counts = np.zeros(len(BIRTH.levels))
    counts[0], counts[-1] = 2000, 98_000
    learn_chances(learnt, learnt.chances[STRANGER].copy(), PLAIN, counts, EFFORT)
    assert learnt.chances[STRANGER, 0] == pytest.approx(0.02, rel=0.6)
    assert "u" in learnt.letters


def test_too_few_strangers_teach_nothing() -> None:
    learnt = begin(DOCUMENT, BIRTH, POPULATION)
    before = learnt.chances.copy()
    learn_chances(learnt, before[STRANGER], PLAIN, np.full(len(BIRTH.levels), 3.0), EFFORT)
    assert (learnt.chances == before).all()
    assert "are needed" in learnt.why["u"]


def test_strangers_who_share_one_are_as_many_as_were_found() -> None:
    phone = VARIABLES["phone"]
    told = DOCUMENT["comparisons"]["phone"]["equal"]

    def shared(strangers: float) -> float | None:
        learnt = begin(DOCUMENT, phone, POPULATION)
        learn_shared(
            learnt,
            told,
            strangers=strangers,
            telling=1000,
            exposure=100_000,
            population=POPULATION,
            effort=EFFORT,
        )
        return learnt.shared

    none, some = shared(0), shared(10_000)
    assert none is not None and some is not None
    assert none < told["shared"]
    assert some == pytest.approx(0.1, rel=0.02)


def test_a_session_that_tells_nothing_leaves_what_is_shared() -> None:
    learnt = begin(DOCUMENT, VARIABLES["phone"], POPULATION)
    learn_shared(
        learnt, {"shared": 0.01}, strangers=50, telling=3, exposure=1, population=POPULATION, effort=EFFORT
    )
    assert learnt.shared is None
    assert "3 pairs" in learnt.why["shared"]


def adopted(name: str, found: list[list[float]], seen: list[float]) -> tuple[str, bool]:
    """Why m of a variable stays, and whether it did, where this was found and so many pairs were seen."""
    variable = VARIABLES[name]
    learnt = begin(DOCUMENT, variable, POPULATION)
    prior = learnt.chances.copy()
    chances = np.full((3, len(variable.levels)), 0.01)
    for each in (SAME, HOUSEHOLD):
        chances[each, 0], chances[each, -1] = found[each]
    counts = np.array([np.full(len(variable.levels), each / len(variable.levels)) for each in seen])
    tabled = [name == "given" and level != "different" for level in variable.levels]
    adopt(variable, learnt, prior, chances, counts, tabled, EFFORT)
    return learnt.why.get("m", ""), "m" not in learnt.letters and bool(
        (learnt.chances[SAME] == prior[SAME]).all()
    )


def test_an_estimate_that_makes_sense_is_taken() -> None:
    assert adopted("phone", [[0.8, 0.1], [0.1, 0.8]], [5000, 10, 0]) == ("", False)


def test_an_estimate_that_collapsed_is_not() -> None:
    reason, stayed = adopted("city", [[0.001, 0.99], [0.1, 0.8]], [5000, 10, 0])
    assert "collapsed" in reason and stayed
    reason, stayed = adopted("given", [[0.2, 0.7], [0.1, 0.8]], [5000, 10, 0])
    assert "collapsed" in reason and stayed


def test_an_estimate_of_few_pairs_is_not() -> None:
    reason, stayed = adopted("phone", [[0.8, 0.1], [0.1, 0.8]], [60, 10, 0])
    assert "60 pairs of one person were compared, 100 are needed" in reason and stayed


def test_a_place_that_is_learnt_for_a_person_tells_the_household_no_more_than_before() -> None:
    variable = VARIABLES["city"]
    learnt = begin(DOCUMENT, variable, POPULATION)
    prior = learnt.chances.copy()
    found = np.array([[0.95, 0.05], [0.5, 0.5], [0.1, 0.9]])
    seen = np.array([[950.0, 50.0], [3.0, 3.0], [0.0, 0.0]])
    adopt(variable, learnt, prior, found, seen, [False, False], EFFORT)
    before, after = (chances[SAME] / chances[HOUSEHOLD] for chances in (prior, learnt.chances))
    assert after == pytest.approx(before)
    assert "follows m" in learnt.why["h"]


def test_what_was_learnt_is_told_and_the_rest_is_untouched() -> None:
    variable = VARIABLES["phone"]
    learnt = begin(DOCUMENT, variable, POPULATION)
    learnt.chances[SAME, 0] = 0.87654321
    learnt.letters.add("m")
    document = tell(DOCUMENT, [(variable, learnt)])
    equal = document["comparisons"]["phone"]["equal"]
    assert equal == {**DOCUMENT["comparisons"]["phone"]["equal"], "m": 0.8765}
    assert document["comparisons"]["email"] == DOCUMENT["comparisons"]["email"]
    assert account([(variable, learnt)])["phone"]["learnt"] == ["m"]


def test_a_level_of_two_conditions_is_told_by_one_that_knows_both_sides() -> None:
    outside, within = (begin(DOCUMENT, VARIABLES[name], POPULATION) for name in ("street", "street:within"))
    within.letters.add("m")
    within.pairs[SAME] = 500
    within.chances[SAME] = [0.9, 0.05, 0.05]
    found = [(VARIABLES["street"], outside), (VARIABLES["street:within"], within)]
    street = tell(DOCUMENT, found)["comparisons"]["street"]
    assert street["equal_in_postcode"]["m"] == 0.9
    assert street["road"] == DOCUMENT["comparisons"]["street"]["road"]
    assert street["different"] == DOCUMENT["comparisons"]["street"]["different"]
