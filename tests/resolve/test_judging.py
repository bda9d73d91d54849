from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Cause, Change, Evidence, Judgement, JudgementKind, Move, Record, RecordKey, Statement
from resolver.resolve.judging import contradicted, grouping_before, same_judgement


def key(name: str) -> RecordKey:
    return RecordKey("till", name)


def judgement(name: str, *parts: str, reverts: int | None = None) -> Judgement:
    """Parts are given as words of one-letter records."""
    kind = JudgementKind.SPLIT if len(parts) > 1 else JudgementKind.MERGE
    return Judgement(
        name, kind, tuple(frozenset(map(key, part)) for part in parts), "", "", 0, reverts=reverts
    )


@pytest.mark.parametrize(
    ("in_force", "said", "against"),
    [
        ([["ab"]], ["a", "b"], {"0"}),
        ([["a", "b"]], ["ab"], {"0"}),
        ([["ab"], ["bc"]], ["a", "c"], {"0", "1"}),
        ([["ab"], ["c", "b"]], ["ac"], {"0", "1"}),
        ([["a", "b"], ["c", "d"]], ["bc"], set()),
        ([["ab", "cd"]], ["ef"], set()),
        ([["ab", "cd"]], ["ef", "gh"], set()),
        ([["ab", "cd"], ["ex"], ["yc"]], ["bx", "y"], set()),
        ([["ab", "cd"], ["bx"], ["yc"]], ["xy"], {"0", "1", "2"}),
        ([["ab"]], ["ab", "c"], set()),
        ([["ab"]], ["abc"], set()),
    ],
)
def test_what_follows_together_must_not_be_apart(
    in_force: list[list[str]], said: list[str], against: set[str]
) -> None:
    held = [judgement(str(number), *parts) for number, parts in enumerate(in_force)]
    assert set(contradicted(judgement("new", *said), held)) == against


parts = st.lists(st.sets(st.sampled_from("abcdefg"), min_size=1, max_size=3), min_size=1, max_size=2).filter(
    lambda found: len(found) == 1 or found[0].isdisjoint(found[1])
)


@given(st.lists(parts, max_size=4), parts)
def test_accepted_judgements_can_all_be_kept(in_force: list[list[set[str]]], said: list[set[str]]) -> None:
    held: list[Judgement] = []
    for number, one in enumerate([*in_force, said]):
        new = judgement(str(number), *map("".join, one))
        against = contradicted(new, held)
        assert set(against) <= {j.id for j in held}
        possible = _keepable([*held, new])
        assert possible == (not against)
        if possible:
            held.append(new)


def _keepable(judgements: list[Judgement]) -> bool:
    """Whether some partition keeps them all: the finest one in which every part is together."""
    groups = [{key(letter)} for letter in "abcdefg"]
    for part in (part for one in judgements for part in one.parts):
        touched = [group for group in groups if group & part]
        groups = [group for group in groups if not group & part] + [set().union(*touched)]
    return not any(
        group & left and group & right
        for one in judgements
        for left, right in combinations(one.parts, 2)
        for group in groups
    )


def test_the_same_said_twice_is_one_judgement() -> None:
    held = [judgement("0", "ab"), judgement("1", "c", "d")]
    assert same_judgement(judgement("new", "d", "c"), held) == held[1]
    assert same_judgement(judgement("new", "cd"), held) is None


def test_a_change_is_undone_once() -> None:
    held = [judgement("0", "ab", "c", "d", reverts=5)]
    assert same_judgement(judgement("new", "ab", "c", reverts=5), held) == held[0]
    assert same_judgement(judgement("new", "ab", "c", reverts=6), held) is None


def live(name: str, customer: str) -> Record:
    return Record(key(name), Statement(1, False, ""), Evidence(), "node", customer, 1)


def moves(*told: tuple[int, str, str | None, str | None]) -> list[tuple[int, Move]]:
    return [(revision, Move(key(name), before, after)) for revision, name, before, after in told]


def merged(*told: tuple[str, str | None, str | None]) -> Change:
    made = tuple(Move(key(name), before, after) for name, before, after in told)
    before = {move.before for move in made if move.before} | {move.after for move in made if move.after}
    return Change(Cause.RECORD, 0, tuple(sorted(before)), ("x",), made, revision=3)


def group(*words: str) -> set[frozenset[RecordKey]]:
    return {frozenset(map(key, word)) for word in words}


def test_a_merge_goes_back_to_both_customers() -> None:
    change = merged(("b", "y", "x"))
    members = {"x": [live("a", "x"), live("b", "x")], "y": []}
    assert set(grouping_before(change, members, moves((3, "b", "y", "x")))) == group("a", "b")


def test_a_record_that_belonged_to_nobody_is_a_part_of_its_own() -> None:
    change = merged(("c", None, "x"), ("b", "y", "x"))
    members = {"x": [live(name, "x") for name in "abc"]}
    told = moves((3, "c", None, "x"), (3, "b", "y", "x"))
    assert set(grouping_before(change, members, told)) == group("a", "b", "c")


def test_what_came_later_is_no_part_of_what_was_before() -> None:
    change = merged(("b", "y", "x"))
    members = {"x": [live(name, "x") for name in "abdz"]}
    told = moves((3, "b", "y", "x"), (5, "d", None, "x"), (6, "z", "w", "x"))
    assert set(grouping_before(change, members, told)) == group("a", "b")


def test_what_left_later_is_still_a_part_of_what_was_before() -> None:
    """Deleted, or moved to another customer since: it is named, for it may return."""
    change = merged(("b", "y", "x"))
    told = moves((3, "b", "y", "x"), (5, "c", "x", None), (6, "b", "x", "z"), (7, "d", "y", "q"))
    assert set(grouping_before(change, {"x": [live("a", "x")]}, told)) == group("ac", "bd")


def test_a_record_that_left_and_came_back_is_where_it_first_was() -> None:
    change = merged(("b", "y", "x"))
    told = moves((3, "b", "y", "x"), (4, "b", "x", "y"), (5, "b", "y", "x"))
    assert set(grouping_before(change, {"x": [live("a", "x"), live("b", "x")]}, told)) == group("a", "b")
