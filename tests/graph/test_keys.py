from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from graph.keys import identifier_block, stale_block, stale_record
from graph.model import Identifier, IdentifierKind, RecordKey

TEXTS = st.text(st.sampled_from("a:%325A\\") | st.characters(), max_size=8)
IDENTIFIERS = st.builds(Identifier, st.sampled_from(IdentifierKind), TEXTS, TEXTS)


@given(IDENTIFIERS, IDENTIFIERS)
@example(Identifier(IdentifierKind.HANDLE, "a:b", "c"), Identifier(IdentifierKind.HANDLE, "a", "b:c"))
@example(Identifier(IdentifierKind.HANDLE, "a:", "c"), Identifier(IdentifierKind.HANDLE, "a%3A", "c"))
def test_different_identifiers_have_different_blocks(one: Identifier, other: Identifier) -> None:
    assert (identifier_block(one) == identifier_block(other)) == (one == other)


def test_a_block_reads_as_its_identifier() -> None:
    assert identifier_block(Identifier(IdentifierKind.PHONE, "", "+31612345678")) == "phone::+31612345678"
    assert identifier_block(Identifier(IdentifierKind.EXTERNAL, "a:b", "c:%")) == "external:a%3Ab:c:%"


def test_what_is_stale_is_named_without_its_value() -> None:
    assert "31612345678" not in stale_block("phone::+31612345678")
    assert "jansen" not in stale_record(RecordKey("shop", "jansen"))
    assert stale_record(RecordKey("a", "bc")) != stale_record(RecordKey("ab", "c"))
