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


LESSER: Final = 12_500
"""1/1000 bit; a name that one in some 6000 bears says so much, and no list's rarest says so little."""

FAMILIES: Final = {
    "Austria": ("Gruber", "Egger"), "Belgium": ("Janssens", "De Smet", "Vanden Broeck", "Claeys"),
    "Britain": ("Griffiths", "Fletcher"), "Croatia": ("Blažević",), "Czechia": ("Sedláčková", "Kratochvíl"),
    "Denmark": ("Østergaard",), "Finland": ("Hyvönen",), "France": ("Faure", "Le Goff"),
    "Germany": ("Klemm", "Mueller"), "Greece": ("Karagiannis",), "Hungary": ("Hegedűs",),
    "Iceland": ("Jónsson",), "Ireland": ("O'Neill", "O’Donnell", "McLoughlin"),
    "Italy": ("Rinaldi", "D'Angelo", "De Santis"), "Mexico": ("Zúñiga",),
    "Netherlands": ("van der Veen", "de Koning", "Boer"), "Norway": ("Haugland",),
    "Poland": ("Jastrzębska",), "Portugal": ("Lourenço",), "Romania": ("Ungureanu",), "Serbia": ("Živković",),
    "Slovenia": ("Zupančič",), "Spain": ("Díez", "Galán"), "Sweden": ("Carlsson", "Åkesson"),
    "Switzerland": ("Zürcher",), "Turkey": ("Güneş",),
}  # fmt: skip

FORENAMES: Final = {
    "Belgium": ("Geert", "Marleen"), "Brazil": ("Raimundo",), "Britain": ("Gareth", "Clive"),
    "Bulgaria": ("Krasimir",), "Croatia": ("Stjepan",), "Czechia": ("Miloslav",), "Denmark": ("Jytte",),
    "Finland": ("Tapani", "Kristiina"), "France": ("Zoé", "Élodie"), "Germany": ("Heinz", "Angelika"),
    "Greece": ("Despoina",), "Hungary": ("Boglárka",), "Ireland": ("Pádraic", "Aoife"),
    "Italy": ("Giancarlo",), "Netherlands": ("Wouter", "Dirk"), "Norway": ("Øystein",),
    "Poland": ("Mikołaj",), "Portugal": ("Conceição",), "Romania": ("Ionuț",), "Serbia": ("Nebojša",),
    "Slovakia": ("Zuzana",), "Slovenia": ("Špela",),
    "Spain": ("Belén",), "Sweden": ("Åke", "Gustav"), "Switzerland": ("Urs",), "Turkey": ("Gülsüm",),
    "United States": ("Madison", "Destiny"),
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
def test_a_name_that_is_not_listed_is_rare_but_not_the_rarest(part: str) -> None:
    figures = sorted(TABLE[part].values())
    assert 0 < figures[0] < TABLE[f"rarest_{part}_ppm"] < figures[len(figures) // 3]
    assert figures[-1] < 1_000_000


def test_no_name_stands_twice() -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    assert json.loads(TEXT, object_pairs_hook=once) == TABLE


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


@pytest.mark.parametrize("country", sorted(FAMILIES))
def test_a_surname_below_a_country_s_first_says_less_than_an_unlisted_one(country: str) -> None:
    for written in FAMILIES[country]:
        for word in read("X", written).family:
            assert MODEL.family_bits(word) < LESSER < MODEL.rarest_family


@pytest.mark.parametrize("country", sorted(FORENAMES))
def test_a_given_name_below_a_country_s_first_says_less_than_an_unlisted_one(country: str) -> None:
    for written in FORENAMES[country]:
        assert MODEL.given_bits(read(written, "X").given[0]) < LESSER < MODEL.rarest_given


@pytest.mark.parametrize(("umlaut", "written_out"), [("Müller", "Mueller"), ("Schröder", "Schroeder")])
def test_a_surname_is_as_common_where_its_umlaut_is_written_out(umlaut: str, written_out: str) -> None:
    one, other = (read("X", spelt).family[0] for spelt in (umlaut, written_out))
    assert MODEL.family_bits(one) == MODEL.family_bits(other)


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
