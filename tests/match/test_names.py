"""The table of names that ships: its form, and that no common name of any country says much."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any, Final

import pytest

from resolver.match.compare import compare_family, compare_given
from resolver.match.model import default_model
from resolver.normalise import name as normalise_name
from resolver.normalise import text
from resolver.normalise.features import Name

TEXT: Final = (files("resolver.match") / "data" / "names.json").read_text("utf-8")
TABLE: Final[Any] = json.loads(TEXT)
PARTS: Final = ("given", "family")
MODEL: Final = default_model(100_000)

COMMON: Final = 8000
"""1/1000 bit; so much says a name that one in 256 bears."""

COMMONEST: Final = {
    "Brazil": "Silva", "Bulgaria": "Иванова", "China": "王", "Czechia": "Nováková", "Denmark": "Nielsen",
    "Egypt": "محمد", "Ethiopia": "Tesfaye", "Germany": "Müller", "Ghana": "Mensah", "Guinea": "Diallo",
    "Greece": "Παπαδόπουλος", "Hong Kong": "Chan", "Hungary": "Kovács", "India": "Devi", "Iran": "محمدی",
    "Ireland": "Murphy", "Israel": "כהן", "Japan": "佐藤", "Kenya": "Mwangi", "Korea": "김",
    "Mexico": "Hernández", "Nigeria": "Musa", "Norway": "Hansen", "Pakistan": "Khan", "Peru": "Quispe",
    "Philippines": "dela Cruz", "Poland": "Nowak", "Portugal": "Ferreira", "Russia": "Смирнова",
    "Saudi Arabia": "القحطاني", "Serbia": "Јовановић", "Singapore": "Tan", "Somalia": "Ali",
    "Spain": "García", "Sweden": "Johansson", "Taiwan": "陳", "Turkey": "Yılmaz", "Ukraine": "Мельник",
    "United States": "Smith", "Vietnam": "Nguyễn",
}  # fmt: skip

CALLED: Final = {
    "Arabia": "أحمد", "Brazil": "João", "China": "伟", "Greece": "Γεώργιος", "Hungary": "László",
    "Indonesia": "Siti", "Iran": "علی", "Israel": "משה", "Korea": "Young", "Poland": "Małgorzata",
    "Romania": "Andrei", "Russia": "Сергей", "Senegal": "Mamadou", "Somalia": "Maxamed", "Turkey": "Ayşe",
    "Ukraine": "Олександр", "Vietnam": "Hương",
}  # fmt: skip


def read(given: str, family: str) -> Name:
    found = normalise_name.normalise(given_name=given, family_name=family)
    assert found is not None
    return found


@pytest.mark.parametrize("part", PARTS)
def test_names_stand_as_they_are_looked_up(part: str) -> None:
    assert [name for name in TABLE[part] if not re.fullmatch("[a-z]{2,}", name)] == []
    assert [name for name in TABLE[part] if text.fold(name) != name] == []


@pytest.mark.parametrize("part", PARTS)
def test_figures_lie_between_the_rarest_that_is_told_apart_and_everybody(part: str) -> None:
    figures = TABLE[part].values()
    assert min(figures) >= TABLE[f"rarest_{part}_ppm"] > 0
    assert max(figures) < 1_000_000


def test_the_file_has_a_sorted_name_a_line() -> None:
    for part in PARTS:
        assert list(TABLE[part]) == sorted(TABLE[part])
    assert json.dumps(TABLE, indent=0, separators=(",", ":")) == TEXT


@pytest.mark.parametrize("country", sorted(COMMONEST))
def test_the_commonest_surname_of_a_country_says_little(country: str) -> None:
    family = read("X", COMMONEST[country]).family
    assert compare_family(MODEL, family, family).stranger < COMMON


@pytest.mark.parametrize("country", sorted(CALLED))
def test_a_given_name_that_many_of_a_country_bear_says_little(country: str) -> None:
    given = read(CALLED[country], "X").given
    assert compare_given(MODEL, given, given).stranger < COMMON


@pytest.mark.parametrize(
    "spellings", [("yoon", "yun"), ("jeong", "jung", "chung"), ("lee", "yi", "rhee"), ("choi", "choe")]
)
def test_a_surname_is_as_common_in_every_usual_spelling(spellings: tuple[str, ...]) -> None:
    assert len({MODEL.family_bits(each) for each in spellings}) == 1


@pytest.mark.parametrize(
    ("man", "woman"), [("ivanov", "ivanova"), ("kowalski", "kowalska"), ("papadopoulos", "papadopoulou")]
)
def test_a_surname_is_as_common_among_women_as_among_men(man: str, woman: str) -> None:
    assert MODEL.family_bits(man) == MODEL.family_bits(woman)


@pytest.mark.parametrize("syllable", ["anh", "tuan", "huong", "jun", "hee"])
def test_a_given_name_that_stands_where_a_surname_is_read_is_no_rare_surname(syllable: str) -> None:
    # Nguyen Tuan Anh, Kim Min Jun: in one text whose order is not told the last word is read as a surname.
    assert MODEL.family_bits(syllable) < COMMON
