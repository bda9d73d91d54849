from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Evidence
from resolver.normalise import generation
from resolver.normalise.evidence import normalise
from resolver.normalise.text import LIMIT


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("John Smith Jr", "junior"),
        ("John Smith, Jr.", "junior"),
        ("SMITH JNR", "junior"),
        ("John Smith II", "junior"),
        ("John Smith Sr.", "senior"),
        ("Smith, Snr", "senior"),
        ("Smith III", "third"),
        ("John Smith 3rd", "third"),
        ("Smith IV", "fourth"),
        ("Sr. Garcia", ""),
        ("Jr", ""),
        ("Iii", ""),
        ("John Smith", ""),
        ("Smithiii", ""),
        ("", ""),
    ],
)
def test_what_stands_behind_a_name(written: str, found: str) -> None:
    assert generation.normalise(written) == found


@given(st.text(max_size=40) | st.just("x jr" * LIMIT))
def test_any_text_is_taken(written: str) -> None:
    assert generation.normalise("", written) in {"", "senior", "junior", "third", "fourth"}


def test_it_is_compared_and_no_part_of_the_name() -> None:
    father, son = (normalise(Evidence(full_name=f"John Smith {which}")) for which in ("Sr", "Jr"))
    assert father.name == son.name
    assert father.compared_attributes == (("generation", "senior"),)
    assert son.compared_attributes == (("generation", "junior"),)
