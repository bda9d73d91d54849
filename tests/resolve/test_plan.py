"""What a plan writes: one change set a change, components that keep their names, suggestions anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

from graph.model import (
    Cause,
    ChangeSet,
    Component,
    CustomerId,
    Evidence,
    IdentifierKind,
    Judgement,
    JudgementKind,
    Record,
    RecordKey,
    StatedIdentifier,
    Statement,
)
from resolver.match.model import default_model
from resolver.normalise.evidence import normalise
from resolver.pipeline.nodes import make_node
from resolver.resolve.plan import Situation, decode_grounds, encode_grounds, plan
from resolver.resolve.settings import Policy

MODEL = default_model(1000)
JAN, PIET = "+31612349876", "+31208765432"


def key(name: str) -> RecordKey:
    return RecordKey("till", name)


def evidence(phone: str, given: str, family: str = "de Vries") -> Evidence:
    return Evidence((StatedIdentifier(IdentifierKind.PHONE, phone),), given, family_name=family)


def record(name: str, said: Evidence | None, customer: str | None = None, first: int = 0) -> Record:
    node = None if said is None else make_node(normalise(said)).digest
    statement = Statement(first, said is None, repr(said))
    return Record(key(name), statement, said or Evidence(), node, customer, first)


def situation(
    components: Mapping[str, Sequence[Record]],
    after: Sequence[Record] = (),
    *,
    anchored: Mapping[str, str] | None = None,
    judgements: Sequence[Judgement] = (),
    reopened: frozenset[str] = frozenset(),
) -> Situation:
    """Stored components by name with their records; `after` what is restated; ids by their anchor's name."""
    before = {one.key: one for records in components.values() for one in records}
    now = {**before, **{one.key: one for one in after}}
    nodes = {
        node.digest: (node, features)
        for one in (*before.values(), *now.values())
        if one.node is not None
        for features in [normalise(one.evidence)]
        for node in [make_node(features)]
    }
    asserted = {one.node for one in now.values()}
    return Situation(
        components=[
            Component(
                name, 1, tuple(nodes[d][0] for d in sorted({r.node or "" for r in records})), tuple(records)
            )
            for name, records in components.items()
        ],
        before=before,
        after=now,
        nodes={digest: held for digest, held in nodes.items() if digest in asserted},
        judgements=judgements,
        silent=frozenset(),
        anchored={
            key(at): [CustomerId(name, place, key(at))]
            for place, (name, at) in enumerate((anchored or {}).items())
        },
        time=5,
        reopened=reopened,
    )


def planned(given: Situation) -> list[ChangeSet]:
    names, serial = count(1), count(100)
    return plan(
        MODEL,
        Policy(),
        given,
        lambda: f"component-{next(names)}",
        lambda anchor: CustomerId(f"id-{anchor.record_id}", next(serial), anchor),
    )


A = evidence(JAN, "Jan")
B = evidence(JAN, "Jan", "Vries")
C = evidence(PIET, "Piet", "Bakker")


def node(said: Evidence) -> str:
    return make_node(normalise(said)).digest


def test_a_new_record_is_a_change_a_component_and_an_id_of_its_own() -> None:
    (written,) = planned(situation({}, [record("a", A)]))
    assert written.components == {"component-1": (node(A),)}
    assert written.ids == (CustomerId("id-a", 100, key("a")),)
    assert [one.customer for one in written.records] == ["id-a"]
    assert written.change is not None
    assert (written.change.before, written.change.after, written.change.cause) == (
        (),
        ("id-a",),
        Cause.RECORD,
    )


def test_the_change_of_each_component_is_a_change_set_of_its_own() -> None:
    written = planned(situation({}, [record("a", A), record("c", C)]))
    assert sorted(one.change.after for one in written if one.change) == [("id-a",), ("id-c",)]


def test_a_component_that_takes_in_another_keeps_the_name_of_the_larger() -> None:
    there = {"k": [record("a", A, "x", 1)], "l": [record("b", B, "y", 2)]}
    (written,) = planned(situation(there, anchored={"x": "a", "y": "b"}))
    both = tuple(sorted((node(A), node(B))))
    assert written.components in ({"k": both, "l": ()}, {"l": both, "k": ()})
    assert written.moved == ((key("b"), "x"),)
    assert written.ids == ()
    assert written.change is not None
    assert (written.change.before, written.change.after) == (("x", "y"), ("x",))
    assert written.change.cause == Cause.REOPENED
    (tie,) = decode_grounds(written.change.evidence).ties
    assert {tie.left, tie.right} == {key("a"), key("b")} and tie.weight >= Policy().merge_weight


def test_the_greater_part_of_a_component_keeps_its_name_and_the_other_gets_a_new_one() -> None:
    there = {"k": [record("a", A, "x", 1), record("b", B, "x", 2), record("c", C, "z", 3)]}
    written = planned(situation(there, anchored={"x": "a", "z": "c"}))
    assert [one.components for one in written] == [
        {"k": tuple(sorted((node(A), node(B)))), "component-1": (node(C),)}
    ]
    assert written[0].change is None


def test_what_is_as_it_was_is_not_written_but_its_suggestions_and_matches_are_anew() -> None:
    there = {"k": [record("a", A, "x", 1), record("b", B, "x", 2)]}
    (written,) = planned(situation(there, anchored={"x": "a"}))
    assert written == ChangeSet(suggestions={"k": ()}, matches=written.matches)
    ((left, right, weight, attributes),) = written.matches["k"]
    assert (left, right) == (key("a"), key("b")) and weight >= Policy().merge_weight
    assert "email" in attributes or "phone" in attributes


def test_what_is_reopened_gets_a_new_version_even_where_nothing_moves() -> None:
    there = {"k": [record("a", A, "x", 1)], "l": [record("c", C, "z", 3)]}
    (written,) = planned(situation(there, anchored={"x": "a", "z": "c"}, reopened=frozenset({node(A)})))
    assert written.components == {"k": (node(A),)}
    assert written.change is None


def test_a_deleted_record_empties_its_component() -> None:
    there = {"k": [record("a", A, "x", 1)]}
    (written,) = planned(
        situation(there, [replace(record("a", None, "x"), first_revision=1)], anchored={"x": "a"})
    )
    assert written.components == {"k": ()}
    assert [(one.key, one.customer) for one in written.records] == [(key("a"), None)]
    assert written.change is not None and written.change.cause == Cause.DELETION
    assert (written.change.before, written.change.after) == (("x",), ())


def test_a_record_that_goes_over_ties_what_it_leaves_to_where_it_comes() -> None:
    there = {
        "k": [record("a", A, "x", 1), record("b", B, "x", 2)],
        "l": [record("c", C, "z", 3)],
    }
    (written,) = planned(situation(there, [record("a", C, "x", 1)], anchored={"x": "a", "z": "c"}))
    assert written.components == {"k": (node(B),)}
    assert written.ids == (CustomerId("x", 0, key("b")),)
    assert written.change is not None
    assert [(one.record, one.before, one.after) for one in written.change.moves] == [(key("a"), "x", "z")]


def test_a_pair_kept_apart_is_suggested_with_the_reason_and_its_grounds() -> None:
    apart = Judgement("j", JudgementKind.SPLIT, (frozenset({key("a")}), frozenset({key("b")})), "", "", 0)
    there = {"k": [record("a", A, "x", 1), record("b", B, "x", 2)]}
    (written,) = planned(situation(there, anchored={"x": "a"}, judgements=[apart]))
    (suggestion,) = written.suggestions["k"]
    assert (suggestion.left, suggestion.right, suggestion.reason) == (key("a"), key("b"), "judgement")
    (tie,) = decode_grounds(suggestion.evidence).ties
    assert tie.weight == suggestion.weight
    assert written.moved == ((key("b"), "id-b"),)


def test_a_visitor_has_a_component_and_no_customer() -> None:
    cookie = Evidence((StatedIdentifier(IdentifierKind.DEVICE, "cookie", "web"),))
    (written,) = planned(situation({}, [record("v", cookie)]))
    assert written.components == {"component-1": (node(cookie),)}
    assert written.change is None and written.ids == () and written.records[0].customer is None


def test_no_grounds_are_no_bytes() -> None:
    assert decode_grounds(b"").ties == ()
    assert decode_grounds(encode_grounds(MODEL, [])).model == MODEL.version
