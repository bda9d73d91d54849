from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from graph.model import Assurance, PartyType
from resolver.profile.golden import Golden, Rule, Sighting, golden_record
from tests.profile.samples import OBSERVED, STATED, VERIFIED, device, email, key, sighting

_names = st.sampled_from(["Jan", "jan", "J.", "Piet", "Kees", "JAN", "n/a", ""])
_surnames = st.sampled_from(["de Vries", "De Vries", "Vries", "Smit", "S.", ""])
_births = st.sampled_from(
    ["1984-03-05", "5 March 1984", "05-03-1984", "1984", "1990-01-31", "1900-01-01", ""]
)
_cities = st.sampled_from(["Utrecht", "UTRECHT", "Amsterdam", ""])


@st.composite
def sightings(draw: st.DrawFn, assurances: tuple[Assurance, ...] = tuple(Assurance)) -> list[Sighting]:
    return [
        sighting(
            str(number),
            email(f"jan{number}@klant.nl", draw(st.sampled_from(assurances))),
            version=draw(st.none() | st.integers(0, 3)),
            source=draw(st.sampled_from(["crm", "pos"])),
            given_name=draw(_names),
            family_name=draw(_surnames),
            birth_date=draw(_births),
            city=draw(_cities),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


def fields(golden: Golden) -> dict[str, object]:
    names = ("given_name", "family_name", "full_name", "birth_date", "city", "postcode")
    return {name: getattr(golden, name).value for name in names if getattr(golden, name) is not None}


@given(sightings(), st.randoms(use_true_random=False))
def test_order_of_records_makes_no_difference(records: list[Sighting], random: Random) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)
    assert golden_record(shuffled) == golden_record(records)


@given(sightings((VERIFIED,)), sightings((STATED, OBSERVED)))
def test_what_is_stated_never_displaces_what_is_verified(
    verified: list[Sighting], stated: list[Sighting]
) -> None:
    renamed = [
        sighting(
            f"late {number}",
            *each.record.evidence.identifiers,
            version=9,
            given_name=each.record.evidence.given_name,
            family_name=each.record.evidence.family_name,
            birth_date=each.record.evidence.birth_date,
            city=each.record.evidence.city,
        )
        for number, each in enumerate(stated)
    ]
    alone, together = fields(golden_record(verified)), fields(golden_record([*verified, *renamed]))
    # A record's name is one value: the name chosen is of verified records alone, or of none of them.
    name = {"given_name", "family_name", "full_name"}
    if name & alone.keys():
        assert {field: alone.get(field) for field in name} == {field: together.get(field) for field in name}
    for field in alone.keys() - name:
        assert alone[field] == together[field]


@given(sightings())
def test_every_value_is_of_a_record_that_writes_it(records: list[Sighting]) -> None:
    golden = golden_record(records)
    by_key = {each.record.key: each.record.evidence for each in records}
    for field in ("given_name", "family_name", "city"):
        surviving = getattr(golden, field)
        if surviving is not None:
            assert getattr(by_key[surviving.record], field) == surviving.value
            assert 1 <= surviving.record_count <= len(records)


def test_no_records_no_values() -> None:
    assert golden_record([]) == Golden()


def test_all_agree_whatever_the_spelling() -> None:
    golden = golden_record(
        [
            sighting(str(n), given_name=raw, family_name="Smit")
            for n, raw in enumerate(["José", "JOSE", "José"])
        ]
    )
    assert golden.given_name is not None
    assert (golden.given_name.value, golden.given_name.rule) == ("José", Rule.AGREED)
    assert (golden.given_name.record, golden.given_name.record_count) == (key("0"), 3)
    assert golden.display_name == "José Smit"


def test_verified_wins_over_many() -> None:
    sure = sighting("9", email("a@klant.nl", VERIFIED), given_name="Jan", family_name="Smit", version=0)
    others = [
        sighting(str(n), email("a@klant.nl"), given_name="Piet", family_name="Bakker", version=5)
        for n in range(4)
    ]
    golden = golden_record([*others, sure])
    assert golden.display_name == "Jan Smit"
    assert golden.given_name is not None and golden.given_name.rule is Rule.VERIFIED
    assert golden.given_name.record_count == 1


def test_stated_wins_over_observed() -> None:
    golden = golden_record(
        [
            sighting("1", email("a@klant.nl", OBSERVED), city="Utrecht", version=5),
            sighting("2", email("a@klant.nl", STATED), city="Delft", version=1),
        ]
    )
    assert golden.city is not None and golden.city.value == "Delft"


def test_a_verified_device_makes_no_record_surer() -> None:
    golden = golden_record(
        [
            sighting("1", email("a@klant.nl"), device("d1", VERIFIED), city="Utrecht", version=1),
            sighting("2", email("a@klant.nl"), city="Delft", version=2),
        ]
    )
    assert golden.city is not None and (golden.city.value, golden.city.rule) == ("Delft", Rule.LATEST)


def test_a_whole_name_wins_over_initials_that_are_stated_more_often() -> None:
    initials = [sighting(str(n), given_name="J.", family_name="de Vries", version=9) for n in range(3)]
    golden = golden_record([*initials, sighting("8", given_name="Jan", family_name="de Vries")])
    assert golden.given_name is not None
    assert (golden.given_name.value, golden.given_name.rule) == ("Jan", Rule.MOST_COMPLETE)


def test_a_whole_address_wins_as_one_block() -> None:
    golden = golden_record(
        [
            sighting("1", city="Utrecht", country="NL", version=9),
            sighting("2", street="Damrak", house_number="1", postcode="1012 LG", city="Amsterdam"),
        ]
    )
    assert golden.street is not None and golden.street.value == "Damrak"
    assert golden.city is not None and golden.city.value == "Amsterdam"
    assert golden.country is None


def test_most_often_then_latest_then_first_key() -> None:
    def chosen(*written: tuple[str, str, int | None]) -> tuple[str, Rule]:
        golden = golden_record(
            [sighting(id_, birth_date=raw, version=version) for id_, raw, version in written]
        )
        assert golden.birth_date is not None
        return golden.birth_date.value, golden.birth_date.rule

    first, second = "1984-03-05", "1990-01-31"
    assert chosen(("1", first, 9), ("2", second, 1), ("3", second, 1)) == (second, Rule.MOST_FREQUENT)
    assert chosen(("1", first, None), ("2", second, 0)) == (second, Rule.LATEST)
    assert chosen(("1", first, 7), ("2", second, 7)) == (first, Rule.FIRST_KEY)


def test_a_birth_date_is_answered_as_iso_8601() -> None:
    for raw, expected in (("5 March 1984", "1984-03-05"), ("1984-03", "1984-03"), ("1984", "1984")):
        golden = golden_record([sighting("1", birth_date=raw)])
        assert golden.birth_date is not None and golden.birth_date.value == expected


def test_parts_of_a_name_before_the_same_name_in_one_field() -> None:
    golden = golden_record(
        [
            sighting("1", full_name="Vries, Jan de", version=9),
            sighting("2", full_name="Jan de Vries", version=9),
            sighting("3", given_name="Jan", family_name="de Vries", version=1),
        ]
    )
    assert golden.given_name is not None and golden.given_name.record == key("3")
    assert golden.full_name is None
    assert golden.display_name == "Jan de Vries"


def test_a_display_name_where_no_record_has_parts() -> None:
    golden = golden_record([sighting("1", full_name="Jan de Vries")])
    assert golden.full_name is not None and golden.full_name.value == "Jan de Vries"
    assert golden.given_name is None


def test_rubbish_is_no_value() -> None:
    golden = golden_record(
        [
            sighting(
                "1",
                given_name="n/a",
                family_name="Smit",
                city="unknown",
                postcode="1012 LG",
                birth_date="1900-01-01",
            )
        ]
    )
    assert golden.given_name is None and golden.birth_date is None and golden.city is None
    assert golden.display_name == "Smit"


def test_an_organisation() -> None:
    golden = golden_record(
        [sighting("1", organisation="Bakkerij Smit B.V."), sighting("2", full_name="BAKKERIJ SMIT BV")]
    )
    assert golden.party_type is PartyType.ORGANISATION
    assert golden.display_name == "Bakkerij Smit B.V."
    assert golden.organisation is not None and golden.organisation.record_count == 2


def test_an_organisation_is_shown_by_its_own_name_and_a_person_by_theirs() -> None:
    named = {"given_name": "Jan", "family_name": "Smit", "organisation": "Bakkerij Smit B.V."}
    firm = golden_record([sighting("1", party_type=PartyType.ORGANISATION, **named)])
    person = golden_record([sighting("1", **named)])
    assert (firm.display_name, person.display_name) == ("Bakkerij Smit B.V.", "Jan Smit")
    assert person.organisation is not None


def test_attributes_by_key() -> None:
    golden = golden_record(
        [
            sighting("1", city="Delft", attributes=(("Language", "nl"), ("tier", "n/a"))),
            sighting("2", city="Delft", attributes=(("language", "NL"), ("segment", "b"))),
            sighting("3", city="Delft", attributes=(("language", "en"),), version=9),
        ]
    )
    values = {name: (surviving.value, surviving.rule) for name, surviving in golden.attributes}
    assert values == {"Language": ("nl", Rule.MOST_FREQUENT), "segment": ("b", Rule.AGREED)}


def test_compared_attributes_are_shown_beside_the_others() -> None:
    golden = golden_record(
        [
            sighting(
                "1", attributes=(("tier", "gold"),), compared_attributes=(("Beruf", "Koch"), ("hair", "n/a"))
            ),
            sighting("2", compared_attributes=(("occupation", "koch"),)),
            sighting("3", compared_attributes=(("occupation", "Maurer"),)),
        ]
    )
    assert {name: surviving.value.casefold() for name, surviving in golden.attributes} in (
        {"tier": "gold", "Beruf": "koch"},
        {"tier": "gold", "occupation": "koch"},
    )
