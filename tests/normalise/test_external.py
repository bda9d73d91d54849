from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import device, external, reference
from resolver.normalise.features import Flag


@given(st.text(min_size=1))
def test_ids_are_byte_exact_after_trimming(raw: str) -> None:
    for normalise in (external.normalise, reference.normalise, device.normalise):
        found, padded = normalise(raw, "CRM"), normalise(f" {raw}\n", "crm")
        assert found == padded
        if found is not None:
            assert normalise(found.value, "crm") == found


def test_case_and_accents_count() -> None:
    values = {form.value for raw in ("Ab1", "AB1", "Áb1") if (form := external.normalise(raw)) is not None}
    assert values == {"Ab1", "AB1", "Áb1"}


@pytest.mark.parametrize("raw", ["0", "0000", "-1", "null", "anonymous", "--", "1.23E+11", "#N/A", "#REF!"])
def test_no_id_is_rubbish(raw: str) -> None:
    found = external.normalise(raw)
    assert found is not None
    assert Flag.RUBBISH in found.flags


def test_a_withheld_advertising_id_is_rubbish() -> None:
    found = device.normalise("00000000-0000-0000-0000-000000000000")
    assert found is not None
    assert Flag.RUBBISH in found.flags
