"""The README's code runs as it stands, so that what a newcomer copies works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.serve.builders import contact, person, served

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_python_that_it_shows_finds_a_customer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert "127.0.0.1:50051" in code
    with served(tmp_path / "s.db") as (service, client):
        recorded = client.resolution.RecordTouchpoint(
            contact("1", person(phone="0622718281"), channel="whatsapp")
        )
        exec(code.replace("127.0.0.1:50051", service.address), {})
    customer_id, channel = capsys.readouterr().out.split()
    assert customer_id == recorded.customer_id
    assert channel in {"phone", "whatsapp"}, "a channel that the number reaches"
