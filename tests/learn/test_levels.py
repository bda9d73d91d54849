from __future__ import annotations

import numpy as np
import pytest

from graph.model import Evidence
from resolver.learn.levels import NONE, Observer, Variable, variables
from resolver.match.document import levels, shipped
from resolver.match.model import build
from resolver.normalise.evidence import DEFAULT, normalise
from resolver.normalise.features import Features
from tests.learn.people import record

DOCUMENT = shipped()
MODEL = build(DOCUMENT, 10_000)


def told(one: Features, other: Features, attributes: tuple[str, ...] = ()) -> dict[str, str]:
    """The level of each variable of a pair that was compared."""
    known = variables(DOCUMENT, attributes)
    observer = Observer(MODEL, DOCUMENT, known, [one, other], frozenset())
    seen = observer.observe(np.array([0]), np.array([1]))
    assert (seen.level == observer.observe(np.array([1]), np.array([0])).level).all()
    return {
        each.name: each.levels[int(level)]
        for each, level in zip(known, seen.level[:, 0], strict=True)
        if level != NONE
    }


def place(street: str, house_number: str, postcode: str, city: str, country: str) -> Features:
    evidence = Evidence(
        given_name="Jan",
        family_name="Jansen",
        street=street,
        house_number=house_number,
        postcode=postcode,
        city=city,
        country=country,
    )
    return normalise(evidence, DEFAULT)


def test_every_level_of_a_variable_is_one_of_the_document() -> None:
    for each in variables(DOCUMENT):
        assert set(each.levels) <= set(levels(DOCUMENT["comparisons"][each.comparison]))


def test_names_written_out_and_initials_are_two_variables() -> None:
    full = record(given="Pieter", family="Jansen")
    assert told(full, record(given="Pieter", family="Jansen", phone="+31612345678"))["given"] == "equal"
    initial = told(full, record(given="P", family="Jansen"))
    assert initial["given:initial"] == "initial"
    assert "given" not in initial


def test_fixed_lines_and_others_are_two_variables() -> None:
    line = record(phone="+31 20 624 1111")
    other = record(phone="+31 20 624 1111", country="NL")
    assert told(line, other) == {"phone:landline": "landline"}
    mobile = record(phone="+31612007919")
    assert told(mobile, record(phone="+31612007919", country="NL")) == {"phone": "equal"}
    assert told(line, mobile) == {"phone": "different"}


def test_a_street_within_one_postcode_is_another_variable() -> None:
    one = place(street="Dorpsstraat", house_number="5", postcode="1234 AB", city="Ons Dorp", country="NL")
    other = place(street="Dorpsstraat", house_number="5", postcode="1234 AB", city="Dorp", country="NL")
    assert told(one, other)["street:within"] == "equal_in_postcode"
    assert told(one, other)["country"] == "equal"
    moved = place(street="Kerkweg", house_number="5", postcode="9999 ZZ", city="Dorp", country="NL")
    assert told(one, moved)["postcode:fine"] == told(one, moved)["street"] == "different"


def test_what_one_side_lacks_is_not_compared() -> None:
    assert told(record(given="Jan", family="Jansen"), record(phone="+31612345678")) == {}


def test_of_several_values_the_best_agreement_is_seen() -> None:
    one = record(attributes=[("occupation", "baker"), ("occupation", "farmer")])
    other = record(attributes=[("occupation", "farmer")])
    assert told(one, other, ("occupation",)) == {"attributes.occupation": "equal"}


def test_the_rarity_of_a_name_is_the_strangers_chance() -> None:
    pair = [
        record(given="Maria", family="Jansen"),
        record(given="Maria", family="Jansen", birth="1980-02-03"),
    ]
    known = variables(DOCUMENT)
    seen = Observer(MODEL, DOCUMENT, known, pair, frozenset()).observe(np.array([0]), np.array([1]))
    number = [each.name for each in known].index("given")
    assert seen.rarity[number, 0] == pytest.approx(-MODEL.given_bits("maria") / 1000, abs=0.01)
    hidden = seen.without([number])
    assert hidden.level[number, 0] == NONE
    assert hidden.rarity[number, 0] == 0


def test_a_level_that_the_program_adds_is_seen_without_being_listed() -> None:
    phone = {**DOCUMENT["comparisons"]["phone"], "odd": {"m": 0.1, "u": 0.1, "h": 0.1}}
    wider = {**DOCUMENT, "comparisons": {**DOCUMENT["comparisons"], "phone": phone}}
    assert next(each for each in variables(wider) if each.name == "phone").levels[-1] == "odd"
    assert isinstance(variables(wider)[0], Variable)
