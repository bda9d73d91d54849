"""Which change sets are written together."""

from __future__ import annotations

import pytest

from graph.model import ChangeSet
from graph.neo4j.runs import Numbered, runs
from tests.conformance.samples import change, judgement, key, node, one_customer, record, touchpoint


def lengths(*change_sets: ChangeSet) -> list[int]:
    numbered = [Numbered(i, one) for i, one in enumerate(change_sets, start=1)]
    found = list(runs(numbered))
    assert [one for run in found for one in run] == numbered
    return [len(run) for run in found]


def test_what_touches_different_things_is_one_run() -> None:
    assert lengths() == []
    first = one_customer("1", "n1", "A", "c1")
    others = [
        ChangeSet(
            records=(record(name, f"n{name}", f"c{name}"),),
            components={name: (f"n{name}",)},
            suggestions={name: ()},
            touchpoints=(touchpoint(name, name, 1),),
            change=change((name, None, f"c{name}")),
        )
        for name in "234"
    ]
    assert lengths(first, *others, ChangeSet(nodes_removed=("n9",))) == [5]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ChangeSet(records=(record("1", "n1"),)), ChangeSet(moved=((key("1"), None),))),
        (ChangeSet(components={"A": ("n1",)}), ChangeSet(components={"B": ("n1",)})),
        (ChangeSet(components={"A": ("n1",)}), ChangeSet(suggestions={"A": ()})),
        (ChangeSet(nodes_added=(node("n1"),)), ChangeSet(nodes_added=(node("n2"),))),
        (ChangeSet(silenced=("k",)), ChangeSet(voiced=("l",))),
        (ChangeSet(reopened=("n1",)), ChangeSet(settled=("n2",))),
        (ChangeSet(judgements=(judgement("j", {"1"}),)), ChangeSet(judgements=(judgement("j", {"2"}),))),
        (ChangeSet(nodes_removed=("n1",)), ChangeSet(nodes_added=(node("n1"),))),
        (ChangeSet(adopted=(("model", "b"),)), ChangeSet(touchpoints=(touchpoint("t", "1", 1),))),
        (ChangeSet(touchpoints=(touchpoint("t", "1", 1),)), ChangeSet(adopted=(("model", "b"),))),
    ],
)
def test_where_order_could_matter_it_is_kept(first: ChangeSet, second: ChangeSet) -> None:
    assert lengths(first, second) == [1, 1]
