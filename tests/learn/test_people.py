from __future__ import annotations

import numpy as np
import pytest

from resolver.learn import people
from resolver.learn.chances import begin
from resolver.learn.em import HOUSEHOLD, SAME, Fit, Patterns
from resolver.learn.levels import NONE, variables
from resolver.match.document import shipped

DOCUMENT = shipped()
KNOWN = variables(DOCUMENT)
BEGUN = [begin(DOCUMENT, each, 10_000).chances for each in KNOWN]
PAIRS = 2000


def fitted(**reached: str) -> Fit:
    """What many pairs teach that all reach these levels."""
    level = np.full((len(KNOWN), PAIRS), NONE, np.int8)
    for number, each in enumerate(KNOWN):
        if each.name in reached:
            level[number] = each.levels.index(reached[each.name])
    patterns = Patterns(level, np.zeros(PAIRS), np.zeros(PAIRS, np.int64), np.ones(PAIRS))
    return people.fit_people(patterns, 1, KNOWN, BEGUN, BEGUN)


def chance(found: Fit, variable: str, level: str, class_: int) -> tuple[float, float]:
    """The chance of a level before and after."""
    number = next(n for n, each in enumerate(KNOWN) if each.name == variable)
    at = KNOWN[number].levels.index(level)
    return float(BEGUN[number][class_, at]), float(found.mixture.chances[number][class_, at])


def twins() -> tuple[float, float]:
    found = fitted(given="different", birth="equal", email="equal", handle="equal", loyalty="equal")
    return chance(found, "given", "different", SAME)


def families() -> tuple[float, float]:
    found = fitted(given="different", birth="different", phone="equal", family="equal")
    return chance(found, "phone", "equal", HOUSEHOLD)


def test_twins_do_not_teach_that_people_change_their_given_names(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = twins()
    assert after == pytest.approx(2 * before)
    monkeypatch.setattr(people, "DIFFER", 100.0)
    assert twins()[1] > 3 * before


def test_families_on_one_number_hardly_change_how_often_one_is_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after = families()
    assert after == pytest.approx(2 * before)
    monkeypatch.setattr(people, "SHARE", 100.0)
    assert families()[1] > 3 * before
