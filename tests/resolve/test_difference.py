"""Two groupings of the same records compared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.model import RecordKey
from resolver.resolve.difference import Group, regroupings, samples
from tests.resolve.people import key


def groups(words: str) -> list[list[RecordKey]]:
    """`ab c` is a customer of a and b, and one of c."""
    return [[key(name) for name in word] for word in words.split()]


def told(before: str, after: str) -> list[str]:
    return [
        f"{change.kind}: {_words(change.before)} -> {_words(change.after)}"
        for change in regroupings(groups(before), groups(after))
    ]


def _words(sides: tuple[Group, ...]) -> str:
    return " ".join("".join(each.record_id for each in group) for group in sides)


def test_merges_splits_and_what_is_neither() -> None:
    assert told("ab c de fg hi j", "abc d e fh gi j") == [
        "merge: ab c -> abc",
        "split: de -> d e",
        "regrouping: fg hi -> fh gi",
    ]


def test_what_only_one_side_has_is_no_change() -> None:
    assert told("ab x", "ab y") == []


labels = st.lists(st.integers(0, 3), min_size=12, max_size=12)


@given(labels, labels)
def test_every_record_that_changes_company_is_told_once(one: list[int], other: list[int]) -> None:
    before, after = _grouped(one), _grouped(other)
    changes = regroupings(before, after)
    named = [record for change in changes for group in change.before for record in group]
    assert len(named) == len(set(named))
    same = {frozenset(group) for group in before} & {frozenset(group) for group in after}
    assert set(named) == {record for group in before if frozenset(group) not in same for record in group}
    for change in changes:
        assert sorted(r for g in change.before for r in g) == sorted(r for g in change.after for r in g)


def _grouped(labels: list[int]) -> list[set[RecordKey]]:
    found: dict[int, set[RecordKey]] = {}
    for number, label in enumerate(labels):
        found.setdefault(label, set()).add(key(f"{number:02}"))
    return list(found.values())


def test_samples_are_the_same_in_any_order() -> None:
    changes = regroupings(groups("a b c d e f g h"), groups("ab cd ef gh"))
    assert samples(changes, 2) == samples(changes[::-1], 2)
    assert len(samples(changes, 2)) == 2 and samples(changes, 9) == samples(changes, 4)
