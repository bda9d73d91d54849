"""What falls silent when nodes come and go, from counts alone wherever counts decide."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.keys import identifier_block
from graph.model import Assertion, Assurance, Block, Identifier, IdentifierKind, Node
from resolver.match.columns import generic_key, verified_block
from resolver.resolve.crossing import Crossing, crossing, deltas, undecided, unmoved
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silence, watched_keys

POLICY = Policy(generic_line=3, block_cap=3, identifier_cap=5)
PHONE = Identifier(IdentifierKind.PHONE, "", "+31612345678")
KEY = identifier_block(PHONE)


def node(name: str, *said: tuple[str | None, bool], blocks: Sequence[str] = ()) -> Node:
    """A node that asserts the phone, under each description, verified or merely stated."""
    assertions = tuple(
        Assertion(PHONE, Assurance.VERIFIED if sure else Assurance.STATED, description)
        for description, sure in said
    )
    return Node(name, b"", assertions, tuple(sorted({*blocks, *([KEY] if said else [])})))


def counted(nodes: Sequence[Node]) -> dict[str, Block]:
    """Blocks as a store counts them, with fewer members than there may be."""
    found = {}
    for key in {key for one in nodes for key in one.blocks}:
        inside = sorted((one for one in nodes if key in one.blocks), key=lambda one: one.digest)
        said = {
            (a.description, a.assurance == Assurance.VERIFIED)
            for one in inside
            for a in one.assertions
            if a.description is not None and identifier_block(a.identifier) == key
        }
        found[key] = Block(
            1, len(inside), len({d for d, _ in said}), sum(sure for _, sure in said), (inside[0].digest,)
        )
    return found


def crossed(there: Sequence[Node], added: Sequence[Node], removed: Sequence[Node]) -> Crossing:
    silent = silence(POLICY, there)
    changes = deltas(added, removed)
    still = unmoved(changes, silent)
    moving = {key: delta for key, delta in changes.items() if key not in still}
    blocks = counted(there)
    asked = undecided(POLICY, moving, blocks)
    members = {key: [one for one in there if key in one.blocks] for key in asked}
    return crossing(POLICY, moving, blocks, members, silent)


nodes = st.builds(
    node,
    st.uuids().map(str),
    st.tuples(st.sampled_from(("j", "p", "s", "q", None)), st.booleans()),
    blocks=st.sets(st.sampled_from(("letters:jan", "tail:5678", f"verified:{KEY}"))).map(sorted),
)


@settings(max_examples=300)
@given(st.lists(nodes, max_size=8), st.lists(nodes, max_size=4), st.data())
def test_what_crosses_is_what_silence_over_all_nodes_changes(
    there: list[Node], added: list[Node], data: st.DataObject
) -> None:
    removed = data.draw(st.lists(st.sampled_from(there), unique=True)) if there else []
    after = silence(POLICY, [*(one for one in there if one not in removed), *added])
    before = silence(POLICY, there)
    found = crossed(there, added, removed)
    assert found.silenced == after - before
    assert found.voiced == before - after
    assert found.blocks == {
        key for one in (*there, *added) for key in one.blocks if (before ^ after) & set(watched_keys(key))
    }


def test_a_value_falls_silent_with_the_description_that_reaches_the_line() -> None:
    there = [node("1", ("j", False)), node("2", ("p", False))]
    assert crossed(there, [node("3", ("j", False))], []) == Crossing(frozenset(), frozenset(), frozenset())
    found = crossed(there, [node("3", ("s", False))], [])
    assert found.silenced == {KEY, generic_key(KEY)} and found.blocks == {KEY}


def test_it_speaks_again_where_one_description_has_gone_for_good() -> None:
    there = [
        node("1", ("j", False)),
        node("2", ("p", False)),
        node("3", ("s", False)),
        node("4", ("s", False)),
    ]
    assert not crossed(there, [], [there[3]]).voiced
    assert crossed(there, [], there[2:]).voiced == {KEY, generic_key(KEY)}


def test_what_is_verified_falls_silent_only_by_what_is_verified() -> None:
    there = [node("1", ("j", True)), node("2", ("p", True)), node("3", ("s", False))]
    sure = generic_key(verified_block(KEY))
    assert sure not in silence(POLICY, there)
    assert crossed(there, [node("4", ("s", True))], []).silenced == {sure}


def test_counts_alone_decide_where_they_leave_no_doubt() -> None:
    there = [node("1", ("j", False))]
    changes = deltas([node("2", ("p", False))], [])
    assert not undecided(POLICY, changes, counted(there))
    near = [*there, node("3", ("q", False))]
    assert undecided(POLICY, changes, counted(near)) == {KEY}


def test_what_is_silent_and_only_grows_is_not_looked_into() -> None:
    there = [node(str(n), (letter, False)) for n, letter in enumerate("jps")]
    silent = silence(POLICY, there)
    assert unmoved(deltas([node("9", ("q", False))], []), silent) == {KEY}
    assert not unmoved(deltas([node("9", ("q", True))], []), silent)
    assert not unmoved(deltas([], there[:1]), silent)
