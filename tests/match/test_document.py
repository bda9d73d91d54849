from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.match.document import read, shipped, write
from resolver.match.model import build, default_model

WHOLE = write(shipped())
SMALL = {**shipped(), "names": {**shipped()["names"], "given": {"jan": 4000.0}, "family": {"jansen": 3000.0}}}


def changed(path: tuple[str, ...], value: object = None, *, drop: bool = False) -> bytes:
    """The small document with one place changed or gone."""
    document: Any = copy.deepcopy(SMALL)
    place = document
    for name in path[:-1]:
        place = place[name]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(document).encode()


def test_the_shipped_document_reads_as_it_was_written() -> None:
    document = read(WHOLE)
    assert write(document) == WHOLE
    assert build(document, 1000) == default_model(1000)


def test_levels_stand_in_the_order_in_which_they_are_known() -> None:
    document = read(WHOLE)
    for name, told in shipped()["comparisons"].items():
        assert list(document["comparisons"][name]) == list(told)


def test_the_order_and_the_form_of_numbers_do_not_matter() -> None:
    turned = json.dumps(dict(reversed(list(SMALL.items()))), indent=7).encode()
    assert write(read(turned)) == write(SMALL)
    whole = changed(("comparisons", "phone", "different", "u"), 1)
    assert write(read(whole)) == write(read(changed(("comparisons", "phone", "different", "u"), 1.0)))


@pytest.mark.parametrize(
    "path",
    [
        ("version",),
        ("prior", "records_per_customer"),
        ("comparisons", "phone"),
        ("comparisons", "phone", "equal"),
        ("comparisons", "phone", "equal", "m"),
        ("comparisons", "given", "nickname", "h"),
        ("names", "rarest_given_ppm"),
        ("attributes", "levels", "default"),
        ("attributes", "levels", "default", "different"),
    ],
)
def test_what_is_missing_is_named(path: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=rf"^{'[.]'.join(path)}: missing$"):
        read(changed(path, drop=True))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("comparisons", "phone", "equal", "m"), 0),
        (("comparisons", "phone", "equal", "m"), 1.0001),
        (("comparisons", "phone", "equal", "m"), -0.5),
        (("comparisons", "phone", "equal", "m"), True),
        (("comparisons", "phone", "equal", "m"), "0.5"),
        (("comparisons", "phone", "equal", "m"), 1e-300),
        (("comparisons", "phone", "equal", "m"), 10**18),
        (("comparisons", "phone", "equal", "shared"), 0),
        (("comparisons", "phone", "equal"), []),
        (("comparisons", "phone", "other"), {"m": 0.1, "u": 0.1, "h": 0.1}),
        (("comparisons", "shoe_size"), {}),
        (("comparisons", "phone", "why"), 3),
        (("prior", "person_to_household"), None),
        (("prior", "surplus"), 1),
        (("names", "given"), 4),
        (("names", "rarest_family_ppm"), 2e6),
        (("attributes", "levels", "occupation", "equal", "u"), 2),
        (("attributes", "frequencies", "occupation"), {"values": {}}),
        (("learnt",), {"pairs": {1.5: None}, "x": [{}]}),
        (("more",), 1),
        (("version",), 2),
    ],
)
def test_what_is_wrong_is_named(path: tuple[str, ...], value: object) -> None:
    if path == ("learnt",):
        assert read(changed(path, value))["learnt"]["x"] == [{}]
        return
    with pytest.raises(ValueError, match=rf"^{'[.]'.join(path)}\b"):
        read(changed(path, value))


def test_a_frequency_is_refused_without_telling_whose() -> None:
    with pytest.raises(ValueError, match=r"^names[.]given of a value: ") as told:
        read(changed(("names", "given"), {"zebulon": 0}))
    assert "zebulon" not in str(told.value)


def test_both_u_and_shared_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^comparisons[.]phone[.]equal: either u or shared"):
        read(changed(("comparisons", "phone", "equal", "u"), 0.5))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b'"text"',
        b"NaN",
        b'{"version": Infinity}',
        b'{"version": "1", "version": "2"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
    ],
)
def test_what_is_no_document_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"^(document|version|about|\w+): "):
        read(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    (),
    ("version",),
    ("about",),
    ("prior",),
    ("prior", "records_per_customer"),
    ("comparisons",),
    ("comparisons", "email"),
    ("comparisons", "email", "local"),
    ("comparisons", "email", "local", "u"),
    ("names",),
    ("names", "family"),
    ("names", "family", "jansen"),
    ("attributes",),
    ("attributes", "levels"),
    ("attributes", "levels", "default"),
    ("attributes", "levels", "default", "close", "m"),
    ("attributes", "frequencies"),
    ("attributes", "frequencies", "occupation"),
    ("learnt",),
]


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_hostile_documents_are_value_errors_or_models(place: tuple[str, ...], value: object) -> None:
    text = json.dumps(value).encode() if not place else changed(place, value)
    try:
        document = read(text)
    except ValueError:
        return
    model = build(document, 1000)
    assert all(
        math.isfinite(level.stranger) for levels in model.comparisons.values() for level in levels.values()
    )
    assert read(write(document)) == document


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_hostile_bytes_are_value_errors(text: bytes) -> None:
    with pytest.raises(ValueError, match=": "):
        read(text)
