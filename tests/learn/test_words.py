from __future__ import annotations

import pytest

from resolver.learn.levels import TABLED
from resolver.learn.words import SAMPLES, explain
from resolver.match import compare
from resolver.match.document import check, levels, shipped
from resolver.match.model import build

DOCUMENT = check(shipped())
MODEL = build(DOCUMENT, 10_000)


def test_every_level_of_every_comparison_is_told() -> None:
    told = explain(DOCUMENT, 10_000)
    assert told.version == MODEL.version
    for each in told.comparisons:
        section = DOCUMENT["comparisons"].get(each.name)
        if section is not None:
            assert [level.name for level in each.levels] == list(levels(section))
            assert each.why == section["why"]
        assert all(level.meaning for level in each.levels)
    assert {each.name for each in told.comparisons} >= set(DOCUMENT["comparisons"])
    assert told.learnt == ("not learnt from data",)


def test_what_is_told_is_what_weighs() -> None:
    phone = next(each for each in explain(DOCUMENT, 10_000).comparisons if each.name == "phone")
    for level in phone.levels:
        assert level.stranger == MODEL.level("phone", level.name).stranger / 1000
        assert level.household == MODEL.level("phone", level.name).household / 1000
        assert not level.rare


@pytest.mark.parametrize(("comparison", "level"), sorted(TABLED))
def test_each_sample_reaches_its_level(comparison: str, level: str) -> None:
    one, other = (words.split() for words in SAMPLES[comparison, level])
    compared = compare.compare_given if comparison == "given" else compare.compare_family
    assert compared(MODEL, one, other).level == level


def test_an_attribute_with_frequencies_is_told_by_its_rarity() -> None:
    frequencies = {"occupation": {"rarest_ppm": 50.0, "values": {"baker": 900.0}}}
    wider = check({**DOCUMENT, "attributes": {**DOCUMENT["attributes"], "frequencies": frequencies}})
    told = {each.name: each for each in explain(wider, 10_000).comparisons}["attributes.occupation"]
    equal = next(level for level in told.levels if level.name == "equal")
    assert equal.rare
    assert "short" not in [level.name for level in told.levels]
