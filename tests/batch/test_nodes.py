"""A file's packed nodes bring the candidates, and fall as silent, as the nodes themselves would."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Assurance, Evidence, IdentifierKind, Node, StatedIdentifier
from resolver.batch.nodes import Asserted, Blocks, Keys, Nodes
from resolver.batch.preparing import Preparer, chunks, itself
from resolver.batch.rows import Reject, Row
from resolver.match.blocking import blocking_keys
from resolver.normalise.evidence import DEFAULT, describe, normalise
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silence

POLICY = Policy(generic_line=3, block_cap=4, identifier_cap=5)
STATED = st.builds(
    StatedIdentifier,
    st.sampled_from([IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.LOYALTY]),
    st.sampled_from(["a@vanzelf.nl", "b@vanzelf.nl", "0612345671", "0201234567", "2104480712345", ""]),
    st.just(""),
    st.sampled_from(Assurance),
)
EVIDENCE = st.builds(
    Evidence,
    st.lists(STATED, max_size=2).map(tuple),
    given_name=st.sampled_from(["", "Jan", "Piet", "Sanne", "Karel"]),
    family_name=st.sampled_from(["", "de Vries", "Bakker"]),
    birth_date=st.sampled_from(["", "1960-05-03"]),
    region=st.just("NL"),
)


def row(number: int, evidence: Evidence) -> Row:
    return Row(number, number, "shop", str(number), evidence, None, None)


def packed(evidence: list[Evidence]) -> tuple[Nodes, Blocks, Asserted]:
    chunk = Preparer(DEFAULT, itself).prepare([row(n, each) for n, each in enumerate(evidence)])
    nodes = Nodes([each.features for each in chunk.rows])
    owner = np.repeat(np.arange(len(nodes)), np.diff(np.array(chunk.starts)))
    triples = np.array(chunk.asserted, np.int64).reshape(-1, 3).T
    return (
        nodes,
        Blocks(len(nodes), owner, np.array(chunk.keys, np.int64)),
        Asserted(triples[0], triples[1], triples[2].astype(bool)),
    )


@settings(deadline=None)
@given(st.lists(EVIDENCE, max_size=24))
def test_what_is_silent_and_who_meets_is_what_the_plain_rules_say(evidence: list[Evidence]) -> None:
    features = [normalise(each) for each in evidence]
    keys = [blocking_keys(each) for each in features]
    quiet = silence(POLICY, [Node("", b"", describe(f), k) for f, k in zip(features, keys, strict=True)])
    nodes, blocks, asserted = packed(evidence)
    assert list(nodes) == features and [nodes[n] for n in range(len(nodes))] == features
    assert list(Keys(nodes)) == keys
    assert blocks.silence(POLICY, asserted, nodes) == quiet
    plain = candidate_pairs(keys, quiet)
    assert [each.tolist() for each in blocks.candidates(quiet)] == [each.tolist() for each in plain]


def test_parts_of_packed_nodes() -> None:
    nodes, _, _ = packed(
        [Evidence(given_name=name, family_name="Bakker") for name in ("Jan", "Piet", "Kees")]
    )
    assert list(nodes[1:]) == list(nodes)[1:] and list(Keys(nodes)[1:]) == list(Keys(nodes))[1:]
    assert Keys(nodes)[0] == blocking_keys(nodes[0])


@given(st.lists(EVIDENCE, max_size=9), st.integers(1, 4))
def test_rows_are_made_ready_alike_however_many_at_once(evidence: list[Evidence], at_once: int) -> None:
    rows: list[Row | Reject] = [row(n, each) for n, each in enumerate(evidence)]
    rows.insert(len(rows) // 2, Reject(99, 99, "not a time", "when", "x"))
    whole = Preparer(DEFAULT, itself).prepare(rows)
    parts = [
        Preparer(DEFAULT, itself).prepare(rows[at : at + at_once]) for at in range(0, len(rows), at_once)
    ]
    assert whole.rows == [each for part in parts for each in part.rows]
    assert list(whole.keys) == [key for part in parts for key in part.keys]
    assert list(whole.asserted) == [number for part in parts for number in part.asserted]
    assert [each for chunk in chunks(iter(rows)) for each in chunk] == rows
    assert len(whole.starts) == len(rows) + 1
