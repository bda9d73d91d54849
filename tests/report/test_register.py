from __future__ import annotations

from graph.model import RecordKey
from resolver.batch.rows import Reject
from tests.report.files import FEMKE, PARTNERS, register, row


def test_a_record_is_looked_up_by_its_key() -> None:
    again = row(4, "Femke", "Bakker-Smit", phone="0612345670", record_id="r1")
    found = register([*FEMKE, again, Reject(5, 6, "no identity", "", "x"), PARTNERS[0]])
    first, second, other = (RecordKey("shop", name) for name in ("r1", "r2", "r6"))
    assert found.row[first] == 4, "the last row that states it"
    assert found.customer[first] == found.customer[second] != found.customer[other]
    assert len(found.row) == len(found.customer) == len(found.node) == 4
    assert found.features(other).name == found.nodes([other], 1)[0].name
    members = found.members([found.customer[first]])
    assert set(members[found.customer[first]]) == {first, second, RecordKey("shop", "r3")}
    assert found.members([]) == {}


def test_records_of_equal_evidence_are_one_node() -> None:
    found = register(FEMKE)
    keys = [RecordKey("shop", f"r{number}") for number in (1, 2, 3)]
    assert found.node[keys[0]] == found.node[keys[1]] != found.node[keys[2]]
    assert len(found.nodes(keys, 9)) == 2 and len(found.nodes(keys, 1)) == 1
