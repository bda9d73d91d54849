from __future__ import annotations

from graph.model import Evidence
from resolver.serve import convert
from resolver.v1 import record_pb2


def test_compared_attributes_go_both_ways_in_order() -> None:
    evidence = Evidence(
        given_name="Jan",
        attributes=(("tier", "gold"),),
        compared_attributes=(("gender", "M"), ("language", "fr"), ("language", "nl")),
    )
    message = convert.evidence_out(evidence)
    assert convert.evidence(message) == evidence
    turned = record_pb2.Evidence()
    turned.CopyFrom(message)
    del turned.compared_attributes[:]
    turned.compared_attributes.extend(reversed(message.compared_attributes))
    assert convert.evidence(turned) == evidence
