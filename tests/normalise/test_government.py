from __future__ import annotations

import pytest

from resolver.normalise import government
from resolver.normalise.features import Flag


def test_spellings_agree_under_one_secret_only() -> None:
    spellings = [
        government.normalise(raw, b"secret", "SSN") for raw in ("123-45-6780", "123 45 6780", "123456780")
    ]
    assert len(set(spellings)) == 1
    assert spellings[0] != government.normalise("123456780", b"another", "SSN")


def test_the_number_is_not_in_the_answer() -> None:
    assert "123456780" not in repr(government.normalise("123456780", b"secret"))


def test_rubbish_is_known_before_it_is_hashed() -> None:
    found = government.normalise("000-00-0000", b"secret")
    assert found is not None
    assert Flag.RUBBISH in found.flags


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        government.normalise("123456780", b"")


def test_nothing_is_absent() -> None:
    assert government.normalise(" - ", b"secret") is None
