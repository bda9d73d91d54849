from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from graph.model import Evidence, Identifier, IdentifierKind, Node, Touchpoint
from resolver.batch.packing import Packing
from resolver.normalise.evidence import DEFAULT, normalise
from resolver.pipeline.nodes import make_node
from tests.simulation.universe import evidences, touchpoints

EVIDENCE, NODE, TOUCHPOINT = Packing(Evidence), Packing(Node), Packing(Touchpoint)


@given(evidences, touchpoints)
def test_what_is_packed_is_unpacked(evidence: Evidence, touchpoint: Touchpoint) -> None:
    assert EVIDENCE.unpack(EVIDENCE.pack(evidence)) == evidence
    node = make_node(normalise(evidence, DEFAULT))
    assert NODE.unpack(NODE.pack(node)) == node
    order = Identifier(IdentifierKind.REFERENCE, "order", "a-1")
    said = replace(touchpoint, references=(order,), attributes=(("a", "b"),), value=-1, automated=True)
    for each in (touchpoint, said):
        assert TOUCHPOINT.unpack(TOUCHPOINT.pack(each)) == each


def test_a_text_without_bytes_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        EVIDENCE.pack(Evidence(given_name="\ud800"))
