from __future__ import annotations

import pytest

from resolver.normalise import custom


@pytest.mark.parametrize(
    ("raw", "given", "family"),
    [
        ("Nguyễn An", "an", "nguyen"),
        ("Nguyen Van An", "van an", "nguyen"),
        ("Lê Văn An", "van an", "le"),
        ("Иванов Иван Иванович", "ivan ivanovich", "ivanov"),
        ("Адам Иосифович Мицкевич", "adam iosifovich", "mitskevich"),
        ("Ivanova Anna Petrovna", "anna petrovna", "ivanova"),
        ("Smith J P", "j p", "smith"),
    ],
)
def test_a_family_name_that_stands_first(raw: str, given: str, family: str) -> None:
    words = {
        "Иванов Иван Иванович": "ivanov ivan ivanovich",
        "Адам Иосифович Мицкевич": "adam iosifovich mitskevich",
    }
    folded = words.get(raw, raw.lower().replace("ễ", "e").replace("ă", "a").replace("ê", "e")).split()
    found = custom.family_first(raw, folded)
    assert found is not None and found.ordered
    assert (list(found.given), list(found.family)) == (given.split(), family.split())


@pytest.mark.parametrize(
    "raw",
    ["Le Van Damme", "Ho Chi", "Kevin Nguyen", "John Michael Abramovich", "Anna Maria Smith", "Nguyen", ""],
)
def test_other_names_keep_their_order(raw: str) -> None:
    assert custom.family_first(raw, raw.lower().split()) is None


def test_two_surnames_where_people_have_two() -> None:
    words = ["ana", "maria", "garcia", "lopez"]
    assert custom.two_surnames(words, "ES") == (["ana", "maria"], ["garcia", "lopez"], False)
    assert custom.two_surnames(words[1:], "MX") == (["maria"], ["garcia", "lopez"], False)
    assert custom.two_surnames(words[:3], "ES") == (["ana", "maria"], ["garcia"], False)
    assert custom.two_surnames(words, "NL") is None
    assert custom.two_surnames(words[2:], "ES") is None


def test_a_vietnamese_is_called_by_the_last_given_name() -> None:
    assert custom.called_by(("van", "an"), ("nguyen",)) == ("an", "van")
    assert custom.called_by(("kevin", "minh"), ("nguyen",)) == ("kevin", "minh")
    assert custom.called_by(("van", "an"), ("smit",)) == ("van", "an")
