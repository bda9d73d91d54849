from __future__ import annotations

from hashlib import sha256

from graph.migrations import migrations


def test_steps_are_numbered_from_one_and_carry_the_digest_of_their_text() -> None:
    steps = migrations("sqlite")
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert steps[0].name == "initial"
    assert all(step.digest == sha256(step.text.encode()).hexdigest() for step in steps)
