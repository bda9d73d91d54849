from __future__ import annotations

from array import array

from graph.model import Assurance, Evidence, IdentifierKind, RecordKey, StatedIdentifier
from resolver.batch.initial_rows import EVIDENCE, TOUCHPOINT, Piece, Receiver, Stated, node_of
from resolver.batch.rows import Line, Reject, Row, TouchpointFields
from resolver.normalise.evidence import Settings, normalise
from resolver.pipeline.nodes import make_node

SETTINGS = Settings(region="NL")
JULY = 1_782_864_000_000_000
JAN = Evidence(
    (StatedIdentifier(IdentifierKind.PHONE, "0612349876", assurance=Assurance.VERIFIED),),
    given_name="Jan",
    region="NL",
)


def received(*rows: Row | Reject) -> Piece:
    made = dict(enumerate(rows))
    lines = [Line(number, number, (), "raw") for number in made]
    return Receiver(lambda line: made[line.number], SETTINGS, JULY).receive(lines)


def row(number: int, evidence: Evidence, record_id: str = "", said: TouchpointFields | None = None) -> Row:
    return Row(number, number + 1, "till", record_id, evidence, said, None, "raw")


def only(piece: Piece) -> Stated:
    (stated,) = piece.rows
    assert isinstance(stated, Stated)
    return stated


def test_a_row_is_what_the_pipeline_would_make_of_it() -> None:
    contact = TouchpointFields("t1", JULY, "phone")
    piece = received(row(1, JAN, "r1", contact))
    stated = only(piece)
    assert (stated.record, stated.number, stated.line, stated.raw) == (RecordKey("till", "r1"), 1, 2, "raw")
    assert EVIDENCE.unpack(stated.evidence) == JAN
    touchpoint = TOUCHPOINT.unpack(stated.touchpoint)
    assert stated.contact == (touchpoint.key, touchpoint.digest) and touchpoint.occurred == JULY
    node = make_node(normalise(JAN, SETTINGS))
    held = piece.nodes[stated.node]
    assert stated.node == node.digest and held.features == node.features
    assert node_of(stated.node, held.features, held.rest) == node
    assert held.keys == array("q", map(hash, node.blocks))
    (said,) = node.assertions
    assert held.asserted == array("q", [hash("phone::+31612349876"), hash(said.description), 1])


def test_equal_evidence_is_one_node_and_none_has_none() -> None:
    piece = received(row(1, JAN, "r1"), row(2, JAN, "r2"))
    assert len(piece.nodes) == 1 and len(piece.rows) == 2
    pointing = received(row(1, Evidence(region="NL"), "r1", TouchpointFields("t1", JULY, "phone")))
    stated = only(pointing)
    assert (stated.statement, stated.node, stated.evidence, pointing.nodes) == (None, "", b"", {})


def test_what_cannot_be_taken_is_told_with_the_row() -> None:
    unread = Reject(1, 2, "not a time", "when", "raw")
    nobodys = row(2, Evidence(region="NL"), "", TouchpointFields("t1", JULY, "phone"))
    piece = received(unread, nobodys)
    assert piece.rows[0] == unread
    refused = piece.rows[1]
    assert isinstance(refused, Reject) and (refused.number, refused.line, refused.raw) == (2, 3, "raw")
