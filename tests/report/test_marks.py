from __future__ import annotations

from resolver.report.marks import marks
from resolver.resolve.explain import Compared
from tests.report.comparisons import comparison


def test_a_field_bears_the_mark_of_what_is_compared_of_it() -> None:
    found = marks(
        comparison(
            Compared("phone", "slip", 9000, 1000, ("1",), ("2",)),
            Compared("given", "equal", 5000, 5000, ("jan",), ("jan",)),
            Compared("family", "different", -5000, -500, ("smit",), ("bakker",)),
            Compared("place", "postcode fine, street road", 3000, 100, ("a",), ("b",)),
            Compared("attributes", "eye colour different", -10, 0, ("a",), ("b",)),
        )
    )
    assert found == {
        "phone": "near",
        "given_name": "same",
        "family_name": "other",
        "full_name": "other",
        "postcode": "same",
        "street": "near",
        "house_number": "other",
        "eye colour": "other",
    }


def test_what_is_alike_and_speaks_against_is_another() -> None:
    assert marks(comparison(Compared("birth", "loose", -100, -100, ("a",), ("b",)))) == {
        "birth_date": "other"
    }


def test_a_name_that_cannot_be_read_in_the_other_script_has_no_mark_unless_it_speaks_against() -> None:
    unread = Compared("given", "unread", 0, 0, ("ji-ho",), ("지호",))
    assert marks(comparison(unread)) == {}
    assert marks(comparison(unread._replace(stranger=-3000))) == {"given_name": "other", "full_name": "other"}


def test_what_was_not_compared_has_no_mark() -> None:
    assert marks(comparison()) == {}
