from __future__ import annotations

from graph.model import RecordKey
from resolver.resolve.units import identifies, judge, make_units, visits
from tests.resolve.people import judgement, key, record


def made(*judgements: object, alone: tuple[int, ...] = ()) -> list[tuple[list[str], int]]:
    records = [(key(name), node) for name, node in (("d", 1), ("b", 0), ("a", 0), ("c", 1))]
    units = make_units(records, judgements, alone)  # type: ignore[arg-type]
    return [([member.record_id for member in unit.records], unit.node) for unit in units]


def test_records_of_equal_evidence_are_one_unit_in_order_of_key() -> None:
    assert made() == [(["a", "b"], 0), (["c", "d"], 1)]


def test_a_judgement_and_evidence_of_nobody_split_equal_evidence() -> None:
    assert made(judgement("a", "b")) == [(["a"], 0), (["b"], 0), (["c", "d"], 1)]
    assert made(alone=(1,)) == [(["a", "b"], 0), (["c"], 1), (["d"], 1)]


def test_judgements_are_pairs_of_units_and_unknown_keys_say_nothing_yet() -> None:
    units = make_units([(RecordKey("test", name), n) for n, name in enumerate("abc")], (), ())
    found = judge(units, [judgement("a b", "c", number=1), judgement("c missing", number=2)])
    assert found.together == ((0, 1),)
    assert found.apart == ((0, 2), (1, 2))


def test_a_visitor_has_neither_a_name_nor_an_identifier_that_speaks() -> None:
    quiet = frozenset({"generic:phone::+31201234568"})
    called = record(phone="0201234568")
    assert identifies(called, frozenset()) and not visits(called, frozenset())
    assert visits(called, quiet) and visits(record(device="till 3"), frozenset())
    assert not visits(record("Jan Bos", device="till 3"), frozenset())
