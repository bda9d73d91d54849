from __future__ import annotations

import pytest

from resolver.resolve.bonds import DEFAULT, find_bonds
from resolver.resolve.settings import Limits
from resolver.resolve.units import Verdicts
from tests.resolve.people import record

NOBODY = Verdicts((), ())
CARD, OTHER, SLIP = "100012349", "734981205", "100012394"


def limited(*nodes: object, verdicts: Verdicts = NOBODY, limits: Limits = DEFAULT) -> set[tuple[int, int]]:
    numbers = range(len(nodes))
    return set(find_bonds(nodes, numbers, numbers, verdicts, limits).limited)  # type: ignore[arg-type]


def test_another_card_is_a_limit_and_a_mistyped_one_is_none() -> None:
    assert limited(record(loyalty=CARD), record(loyalty=OTHER), record(loyalty=SLIP)) == {(0, 1), (1, 2)}


def test_cards_that_one_record_holds_are_no_limit_to_each_other() -> None:
    assert limited(record(loyalty=CARD), record(loyalty=OTHER), record(loyalty=CARD, loyalty2=OTHER)) == set()


def test_cards_of_records_that_a_judgement_joins_are_no_limit_to_each_other() -> None:
    cards = record(loyalty=CARD), record(loyalty=OTHER), record(loyalty=OTHER, city="Utrecht")
    assert limited(*cards) == {(0, 1), (0, 2)}
    assert limited(*cards, verdicts=Verdicts(((0, 1),), ())) == set()


def test_a_generation_between_births_is_a_limit_and_a_mistyped_year_is_none() -> None:
    born = [record(born=date) for date in ("1960-05-03", "1988-11-30", "1980-05-03", "1961-05-03")]
    assert limited(*born) == {(0, 1), (1, 3)}


def test_births_beside_one_government_id_are_no_limit_even_for_others() -> None:
    one = record(born="1988-11-30", government="123456782")
    mistyped = record(born="1952-02-14", government="123456782")
    assert limited(one, mistyped, record("Jan Bos", "1988-11-30")) == set()


def test_limits_are_switched_off_and_on() -> None:
    cards = record(loyalty=CARD), record(loyalty=OTHER)
    assert limited(*cards, limits=Limits(loyalty=False)) == set()
    born = [record(born=date) for date in ("1960-05-03", "1988-11-30", "1961-09-14")]
    assert limited(*born, limits=Limits(birth_date="off")) == set()
    assert limited(*born) == {(0, 1), (1, 2)}
    assert limited(*born, limits=Limits(birth_date="different")) == {(0, 1), (0, 2), (1, 2)}


@pytest.mark.parametrize(
    ("kind", "one", "other"), [("external", "C-1001", "C-1002"), ("government", "123456782", "111222333")]
)
def test_two_ids_of_one_system_are_a_limit_where_the_company_says_so(kind: str, one: str, other: str) -> None:
    ids = record(**{kind: one}), record("Jan Bos", **{kind: other}), record("Jan Bos", **{kind: one})
    assert limited(*ids) == set()
    assert limited(*ids, limits=Limits(**{kind: True})) == {(0, 1), (1, 2)}  # type: ignore[arg-type]
    both = record(**{kind: one, f"{kind}2": other})
    assert limited(*ids, both, limits=Limits(**{kind: True})) == set()  # type: ignore[arg-type]


def test_a_government_id_a_slip_away_is_no_other() -> None:
    ids = (record(government=number) for number in ("123456782", "123456728", "111222333"))
    assert limited(*ids, limits=Limits(government=True)) == {(0, 2), (1, 2)}


def test_a_person_and_an_organisation_are_alien_and_judgements_keep_apart() -> None:
    nodes = [
        record("Jan Bos", party="person"),
        record(organisation="Bos BV", party="organisation"),
        record("Jan Bos"),
    ]
    bonds = find_bonds(nodes, [0, 1, 2], [7, 8, 9], Verdicts(((8, 9),), ((9, 7), (7, 99))))
    assert set(bonds.alien) == {(0, 1)} and set(bonds.judged) == {(0, 2)}
    assert list(bonds.compelled) == [(1, 2)]
