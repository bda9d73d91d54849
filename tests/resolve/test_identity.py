from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from graph.model import CustomerId, Evidence, Record, RecordKey, Statement
from resolver.resolve.identity import Bearing, bear


def key(name: str) -> RecordKey:
    return RecordKey("till", name)


def records(**customers: str | None) -> dict[RecordKey, Record]:
    """Records as they stood, by the customer that they belonged to; all live."""
    return {
        key(name): Record(key(name), Statement(1, False, ""), Evidence(), f"node of {name}", customer, place)
        for place, (name, customer) in enumerate(customers.items(), 1)
    }


def borne(
    customers: Sequence[str],
    anchored: Sequence[CustomerId],
    before: Mapping[RecordKey, Record],
    restated: Collection[str] = (),
    ages: Mapping[str, int] | None = None,
) -> Bearing:
    """Customers are given as words of one-letter records."""
    names = (ages or {}).items()
    seniority = {k: r.first_revision for k, r in before.items()} | {key(name): age for name, age in names}
    return bear(
        [tuple(map(key, word)) for word in customers],
        anchored,
        before,
        set(map(key, restated)),
        seniority,
        lambda anchor: CustomerId(f"new-{anchor.record_id}", 1000, anchor),
    )


def test_a_new_customer_gets_an_id_anchored_at_its_oldest_record() -> None:
    answer = borne(["cab"], (), {}, ages={"a": 0, "b": 5, "c": 4})
    assert answer.ids == ("new-c",)
    assert answer.written == (CustomerId("new-c", 1000, key("c")),)


def test_among_records_never_seen_before_the_least_key_is_the_anchor() -> None:
    assert borne(["ba"], (), {}).written == (CustomerId("new-a", 1000, key("a")),)


def test_a_merged_customer_bears_the_older_id_and_the_other_is_left_where_it_is() -> None:
    x, y = CustomerId("x", 7, key("a")), CustomerId("y", 3, key("b"))
    answer = borne(["ab"], (x, y), records(a="x", b="y"))
    assert answer == Bearing(("y",), ())


def test_a_split_gives_a_part_its_retired_id_back() -> None:
    x, y = CustomerId("x", 7, key("a")), CustomerId("y", 3, key("b"))
    assert borne(["a", "b"], (x, y), records(a="y", b="y")) == Bearing(("x", "y"), ())


def test_a_part_without_an_anchor_gets_a_new_id() -> None:
    answer = borne(["a", "b"], [CustomerId("x", 1, key("a"))], records(a="x", b="x"))
    assert answer == Bearing(("x", "new-b"), (CustomerId("new-b", 1000, key("b")),))


def test_the_anchor_of_a_deleted_record_passes_to_the_oldest_that_is_left() -> None:
    identity = CustomerId("x", 1, key("a"))
    answer = borne(["bc"], [identity], records(a="x", c="x", b="x"), restated="a")
    assert answer == Bearing(("x",), (CustomerId("x", 1, key("c")),))


def test_the_anchor_of_a_visitor_passes_on() -> None:
    answer = borne(["b"], [CustomerId("x", 1, key("a"))], records(a="x", b="x"))
    assert answer.ids == ("x",) and answer.written[0].anchor == key("b")


def test_a_record_that_a_new_version_takes_elsewhere_leaves_its_id_behind() -> None:
    x, y = CustomerId("x", 1, key("a")), CustomerId("y", 2, key("c"))
    answer = borne(["b", "ac"], (x, y), records(a="x", b="x", c="y"), restated="a")
    assert answer == Bearing(("x", "y"), (CustomerId("x", 1, key("b")),))


def test_a_record_that_clustering_alone_takes_elsewhere_keeps_its_id() -> None:
    x, y = CustomerId("x", 1, key("a")), CustomerId("y", 2, key("c"))
    assert borne(["b", "ac"], (x, y), records(a="x", b="x", c="y")).ids == ("new-b", "x")


def test_a_new_version_that_stays_with_some_of_its_customer_keeps_the_anchor() -> None:
    answer = borne(["ab", "c"], [CustomerId("x", 1, key("a"))], records(a="x", b="x", c="x"), restated="a")
    assert answer.ids == ("x", "new-c")


def test_an_id_whose_customer_is_gone_waits_for_its_key() -> None:
    identity = CustomerId("x", 1, key("a"))
    assert borne([], [identity], records(a="x"), restated="a") == Bearing((), ())
    returned = borne(["a"], [identity], {}, restated="a")
    assert returned == Bearing(("x",), ())


def test_the_anchor_does_not_pass_to_records_that_left_with_it() -> None:
    answer = borne([], [CustomerId("x", 1, key("a"))], records(a="x", b="x"), restated="ab")
    assert answer == Bearing((), ())


def test_an_erased_id_never_returns() -> None:
    erased = CustomerId("x", 1, key("a"), erased=True)
    assert borne(["a"], [erased], records(a=None)).ids == ("new-a",)


def test_all_ids_of_a_record_that_leaves_pass_on() -> None:
    both = [CustomerId("x", 1, key("a")), CustomerId("y", 2, key("a"))]
    answer = borne(["b"], both, records(a="x", b="x"), restated="a")
    assert {one.id: one.anchor for one in answer.written} == {"x": key("b"), "y": key("b")}


@given(
    was=st.lists(st.sampled_from("xyz"), min_size=5, max_size=5),
    now=st.lists(st.sampled_from("012-"), min_size=5, max_size=5),
    anchors=st.lists(st.sampled_from("abcde"), min_size=3, max_size=3),
    restated=st.sets(st.sampled_from("abcde")),
)
def test_every_customer_bears_the_oldest_id_anchored_in_it(
    was: list[str], now: list[str], anchors: list[str], restated: set[str]
) -> None:
    before = records(**dict(zip("abcde", was, strict=True)))
    groups = ["".join(n for n, g in zip("abcde", now, strict=True) if g == group) for group in "012"]
    customers = [group for group in groups if group]
    anchored = [
        CustomerId(name, place, key(at)) for place, (name, at) in enumerate(zip("xyz", anchors, strict=True))
    ]
    answer = borne(customers, anchored, before, restated)
    stands = {one.id: one for one in (*anchored, *answer.written)}
    assert all(one.anchor is not None for one in stands.values())
    for word, name in zip(customers, answer.ids, strict=True):
        inside = [one for one in stands.values() if one.anchor in set(map(key, word))]
        assert min(inside, key=lambda one: (one.minted, one.id)).id == name
