from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import script


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("王", "王"),
        ("恵み", "恵み"),
        ("민수", "민수"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("כהן", "כהנ"),
        ("Анна", ""),
        ("Χρήστος", ""),
        ("はなこ", ""),
        ("Jan", ""),
        ("", ""),
    ],
)
def test_words_whose_letters_do_not_tell_their_spelling_are_kept(raw: str, kept: str) -> None:
    assert script.word(raw) == kept


@pytest.mark.parametrize(
    ("raw", "region", "parts"),
    [
        ("王伟", "", ("王", "伟")),
        ("王小明", "", ("王", "小明")),
        ("欧阳娜娜", "CN", ("欧阳", "娜娜")),
        ("司马光", "CN", ("司马", "光")),
        ("田中実", "JP", ("田中", "実")),
        ("林健太", "JP", ("林", "健太")),
        ("林田実", "JP", ("林田", "実")),
        ("藤田香織", "", ("藤田", "香織")),
        ("山田かな", "", ("山田", "かな")),
        ("김민수", "KR", ("김", "민수")),
        ("남궁민수", "", ("남궁", "민수")),
        ("王", "", None),
        ("Wang", "", None),
        ("محمد", "", None),
    ],
)
def test_a_name_in_one_word_is_parted(raw: str, region: str, parts: tuple[str, str] | None) -> None:
    assert script.parted(raw, region) == parts


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("王", "wang"),
        ("晓明", "xiaoming"),
        ("محمد", "mohammed"),
        ("محمد", "muhammad"),
        ("خالد", "khaled"),
        ("فاطمه", "fatima"),
        ("القحطاني", "alqahtani"),
        ("السيد", "elsayed"),
        ("جمال", "gamal"),
    ],
)
def test_sounds_are_told_across_scripts(written: str, spelt: str) -> None:
    assert script.sounds_like(written, spelt)
    assert script.sounds_like(spelt, written)


@pytest.mark.parametrize(
    ("written", "spelt", "unlike"),
    [
        ("王", "li", True),
        ("晓明", "jianguo", True),
        ("田中", "tanaka", False),  # another reading, of which nothing is known
        ("رشيد", "daoud", True),
        ("حسن", "hassan", False),
        ("علي", "ali", False),
    ],
)
def test_what_would_be_a_reading_and_differs_is_another_name(
    written: str, spelt: str, *, unlike: bool
) -> None:
    assert script.sounds_unlike(written, spelt) is unlike
    assert script.sounds_unlike(spelt, written) is unlike


def test_a_korean_surname_is_spelt_as_its_bearers_spell_it() -> None:
    assert [script.latin(each) for each in ("김", "이", "박", "최")] == ["kim", "lee", "park", "choi"]
    assert script.latin("민수") == "minsu"


@given(st.text(max_size=20), st.sampled_from(["", "JP", "CN"]))
def test_takes_any_text(raw: str, region: str) -> None:
    kept = script.word(raw)
    assert kept == script.word(kept)
    parts = script.parted(raw, region)
    assert parts is None or ("".join(parts) == raw and all(parts))
    if kept:
        assert script.latin(kept).isascii() and script.latin(kept).isalpha()
