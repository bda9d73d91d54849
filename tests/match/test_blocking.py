from __future__ import annotations

import pytest
from hypothesis import given

from graph.keys import identifier_block
from resolver.match.blocking import blocking_keys
from resolver.match.columns import generic_key
from resolver.normalise.features import Features
from tests.resolve.people import record
from tests.resolve.test_partition import small_records


@given(small_records())
def test_keys_are_sorted_each_once_and_few(node: Features) -> None:
    keys = blocking_keys(node)
    assert list(keys) == sorted(set(keys))
    assert len(keys) <= 48 + 11  # of which a government id of nine digits has eleven


@given(small_records())
def test_no_key_is_taken_for_another_kind_of_key(node: Features) -> None:
    own = {identifier_block(value.identifier) for value in node.values}
    kinds = ("phone:", "email:", "handle:", "loyalty:", "external:", "government:", "device:", "reference:")
    assert all(key in own for key in blocking_keys(node) if key.startswith(kinds))
    assert not any(key.startswith(generic_key("")) for key in blocking_keys(node))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (record("Jan Bos", phone="0612345671"), record("J Bos", phone="0612345617")),
        (record("Jan Bos", loyalty="100012349"), record(loyalty="100012394")),
        (record(email="jan.devries@gmail.com"), record(handle="jan.devries")),
        (record(email="jan.devries@gmail.com"), record(handle="jan_devries_60")),
        (record("Jan Devries"), record(handle="jan.devries")),
        (record("Dave Gurung", email="gurung75@gmail.com"), record("David Gurung", email="dg@ziggo.nl")),
        (record("Jan Devries", phone="0612345671"), record("Devries Jan", loyalty="100012349")),
        (record("Jan Smit", "1960-05-03"), record("Jan Smits", "1960-03-05")),
        (record(government="123456782"), record(government="123456728")),
        (record("Anna Smit", postcode="1011AB"), record("Ana Smit", postcode="1011AB")),
        (record("王小明"), record("Xiaoming Wang")),
        (record("김민수"), record("Minsu Kim")),
        (
            record(email="jan.devries60@gmail.com", name="Jan Bos"),
            record(email="jan.devires60@gmail.com", name="J Bos"),
        ),
    ],
)
def test_those_who_may_be_one_meet(one: Features, other: Features) -> None:
    assert set(blocking_keys(one)) & set(blocking_keys(other))


def test_what_joins_nobody_has_no_key() -> None:
    assert blocking_keys(record(device="till 3", reference="order 17")) == ()
    assert blocking_keys(record(email="info@bakker.nl")) == ()
    assert blocking_keys(record(phone="0000000000")) == ()
