from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import IdentifierKind
from resolver.normalise import several
from resolver.normalise.several import parts

PHONE, EMAIL = IdentifierKind.PHONE, IdentifierKind.EMAIL


@pytest.mark.parametrize(
    "between", [";", "; ", ",", ", ", " ::: ", " / ", "\n", "\r\n", " | ", ";;"], ids=repr
)
def test_a_cell_holds_each_of_several(between: str) -> None:
    mine, work = "+49 171 6843219", "030 5551234"
    assert parts(PHONE, f"{mine}{between}{work}", "DE") == (mine, work)
    assert parts(EMAIL, f"anna@gmx.de{between}a.keller@web.de") == ("anna@gmx.de", "a.keller@web.de")


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (PHONE, "+491716843219/+491716843220", ("+491716843219", "+491716843220")),
        (PHONE, "0171 6843219 (privat); 0171 6843220", ("0171 6843219 (privat)", "0171 6843220")),
        (EMAIL, "a@x.de b@y.de", ("a@x.de", "b@y.de")),
        (EMAIL, "Anna <a@x.de>, Otto <b@y.de>", ("Anna <a@x.de>", "Otto <b@y.de>")),
        (EMAIL, "a@x.de; b@y.de;", ("a@x.de", "b@y.de")),
    ],
)
def test_parts_are_as_written(kind: IdentifierKind, raw: str, expected: tuple[str, ...]) -> None:
    assert parts(kind, raw, "DE") == expected


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (PHONE, "0171 / 6843219"),
        (PHONE, "030/5551234"),
        (PHONE, "+49 30 / 5551234"),
        (PHONE, "030 5551234, 17"),
        (PHONE, "030 5551234; n/a"),
        (PHONE, "+49 171 6843219"),
        (EMAIL, '"Vries, Jan de" <jan@x.de>'),
        (EMAIL, "jan, devries@x.de"),
        (EMAIL, "a@x.de; b@"),
        (EMAIL, "a@x.de;"),
        (EMAIL, "a@x.de <a@x.de>"),
        (IdentifierKind.LOYALTY, "123457; 890123"),
        (IdentifierKind.EXTERNAL, "a@x.de; b@y.de"),
    ],
)
def test_a_cell_is_whole_where_a_part_is_nothing_by_itself(kind: IdentifierKind, raw: str) -> None:
    assert parts(kind, raw, "DE") == (raw,)


def test_national_numbers_are_read_in_the_first_country_that_is_one() -> None:
    two = "030 5551234; 0171 6843219"
    assert len(parts(PHONE, two, "Deutschland", "NL")) == 2
    assert len(parts(PHONE, two, "nowhere", "DE")) == 2
    assert parts(PHONE, two) == (two,)


def test_so_many_are_no_list_of_one_person_s() -> None:
    cells = [f"anna{number}@gmx.de" for number in range(several.MOST + 1)]
    assert len(parts(EMAIL, ";".join(cells[:-1]))) == several.MOST
    assert parts(EMAIL, ";".join(cells)) == (";".join(cells),)


@given(
    st.sampled_from([PHONE, EMAIL]),
    st.lists(
        st.sampled_from(["0171 6843219", "a@x.de", "Anna <a@x.de>", " / ", "/", ";", ",", ":::", "\n"])
    ).map("".join)
    | st.text(),
)
def test_takes_any_text_and_a_part_has_no_parts(kind: IdentifierKind, raw: str) -> None:
    found = parts(kind, raw, "DE")
    assert found == (raw,) or all(parts(kind, part, "DE") == (part,) for part in found)
