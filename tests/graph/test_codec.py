"""What a row holds, and what rows held before a field was thought of."""

from __future__ import annotations

from graph import codec
from graph.model import Evidence


def test_evidence_comes_back_with_its_attributes() -> None:
    evidence = Evidence(
        given_name="Jan",
        attributes=(("tier", "gold"),),
        compared_attributes=(("Gender", "M"), ("Geburtsort", " Köln "), ("empty", "")),
    )
    assert codec.evidence_in(codec.evidence_out(evidence)) == evidence


def test_evidence_written_before_there_were_compared_attributes_is_read() -> None:
    written = '{"given_name":"Jan","attributes":[["tier","gold"]]}'
    evidence = Evidence(given_name="Jan", attributes=(("tier", "gold"),))
    assert codec.evidence_in(written) == evidence
    assert codec.evidence_out(evidence) == written
