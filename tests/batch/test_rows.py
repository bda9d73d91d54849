from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolver import limits
from resolver.batch.mapping import Field, guess, parse_map
from resolver.batch.rows import Reject, Row, RowMaker
from resolver.cli.delivery import touchpoint_request, upsert_request
from resolver.serve import validate
from resolver.serve.errors import Invalid

NOW = 1_700_000_000_000_000
COLUMNS = (
    *("record_id", "source", "event_id", "channel", "created_at", "kind", "purpose", "outcome", "agent"),
    *("amount", "currency", "duration", "conversation_id", "contact_address", "order_id", "platform"),
    *("handle", "email", "phone", "customer_id", "loyalty_id", "given_name", "name_prefix", "surname"),
    *("street", "city", "remarks", "hobby"),
)
REJECTS_ONLY_THE_FILE_HAS = ("not a", "not one of", "neither")
"""What cannot even be written as a request."""

cells = st.one_of(
    st.sampled_from(("", " ", "x", "\t", "a\nb", "\0", "\x85", "\x1f", "\x7f", "é", "Web shop", "!!!")),
    st.sampled_from([99, 100, 101, 500, 501, 999, 1000, 1001]).map("x".__mul__),
    st.text(st.characters(codec="utf-8"), max_size=8),
)
times = st.one_of(
    st.sampled_from(("", "2023-01-01", "1899-12-31 23:59:59", "1900-01-01", "2099-01-01")),
    st.integers(-2, 2).map(lambda off: str(NOW + limits.A_DAY + off)),
)
rows = st.fixed_dictionaries(
    {},
    optional={name: times if name == "created_at" else cells for name in COLUMNS},
)


def is_taken(row: Row) -> bool:
    """Whether the service takes the request that `ingest` makes of a row."""
    request = upsert_request(row) if row.touchpoint is None else touchpoint_request(row, row.touchpoint)
    try:
        validate.check(request, now=NOW, government_ids=False)
    except Invalid:
        return False
    return True


class Unlimited(RowMaker):
    """Makes rows as if the contract had no limits."""

    def _refuse_beyond_limits(self, row: Row, cells: object) -> None:
        del row, cells


@given(rows)
@example({"record_id": "r" * 501})
@example({"remarks": "\0"})
@example({"hobby": "\0"})
@example({"hobby": "x" * 1001})
@example({"channel": "web", "created_at": "2023-01-01", "kind": "k" * 101})
@example({"channel": "web", "created_at": "2023-01-01", "agent": "a\nb"})
@example({"given_name": "a\nb", "name_prefix": "x" * 999, "surname": "y"})
def test_a_row_is_taken_where_the_service_takes_it(given: dict[str, str]) -> None:
    mapping = guess(COLUMNS, told={"hobby": Field("attribute", "hobby")})
    line = [given.get(name, "") for name in COLUMNS]
    made = RowMaker(mapping, region="NL", latest=NOW + limits.A_DAY)(1, 2, line, "raw")
    if isinstance(made, Row):
        assert is_taken(made)
        assert made.raw == "raw"
        return
    whatever = Unlimited(mapping, region="NL")(1, 2, line)
    if isinstance(whatever, Reject):
        assert whatever.reason.startswith(REJECTS_ONLY_THE_FILE_HAS) or "1900" in whatever.reason
    else:
        assert not is_taken(whatever)
    assert made.field in COLUMNS


def test_a_list_has_an_end() -> None:
    columns = [f"phone{n}" for n in range(101)]
    told = dict.fromkeys(columns, "phone")
    header = (*columns, "record_id")
    text = "[columns]\n" + "\n".join(f'"{name}" = "{kind}"' for name, kind in told.items())
    mapping = guess(header, told=parse_map(text))
    make = RowMaker(mapping)
    full = make(1, 2, [*(f"06{n:08}" for n in range(101)), "r"])
    assert isinstance(full, Reject) and full.reason == "more than 100 identifiers"
    assert isinstance(make(1, 2, [*(f"06{n:08}" for n in range(100)), "", "r"]), Row)


def test_attributes_have_an_end() -> None:
    columns = [f"q{n}" for n in range(101)]
    mapping = guess((*columns, "record_id"), told={name: Field("attribute", name) for name in columns})
    make = RowMaker(mapping)
    full = make(1, 2, [*("x" for _ in columns), "r"])
    assert isinstance(full, Reject) and full.reason == "more than 100 attributes"
    fits = make(1, 2, [*("x" for _ in columns[1:]), "", "r"])
    assert isinstance(fits, Row) and is_taken(fits) and len(fits.evidence.compared_attributes) == 100


CONTACTS = ("record_id", "phone", "phone2", "email", "date of birth", "country", "loyalty card")


def contact(*cells: str) -> Row:
    made = RowMaker(guess(CONTACTS), region="NL")(1, 2, [*cells, *[""] * (len(CONTACTS) - len(cells))])
    assert isinstance(made, Row)
    return made


def test_several_identifiers_in_one_cell_are_each_stated() -> None:
    row = contact("1", "030 5551234; 0171 6843219", "0171 6843219", "a@x.de ::: b@y.de", "", "Germany")
    assert [(stated.kind.value, stated.raw) for stated in row.evidence.identifiers] == [
        ("phone", "030 5551234"),
        ("phone", "0171 6843219"),
        ("email", "a@x.de"),
        ("email", "b@y.de"),
    ]
    assert row.unread == ()


def test_a_list_within_cells_has_an_end_too() -> None:
    columns = [f"mail{n}" for n in range(10)]
    make = RowMaker(guess(columns, told={name: Field("email") for name in columns}))
    cells = [";".join(f"anna{cell}.{n}@gmx.de" for n in range(11)) for cell in range(10)]
    full = make(1, 2, cells)
    assert isinstance(full, Reject) and full.reason == "more than 100 identifiers"
    fits = make(1, 2, [*cells[1:], ""])
    assert isinstance(fits, Row) and is_taken(fits) and len(fits.evidence.identifiers) == 99


def test_columns_of_which_a_cell_could_not_be_read_are_named() -> None:
    spoilt = contact("1.2E+05", "4.91717E+11", "n/a", "jan(x.de", "31.02.1980", "", "1,2e+11")
    assert set(spoilt.unread) == {"record_id", "phone", "email", "date of birth", "loyalty card"}
    assert contact("1", "0171 6843219", "", "", "1.1.1900", "DE").unread == ()
    assert contact("1", "0171 6843219 or 18").unread == ("phone",)
    assert contact("1", " ", "", "none", "unknown").unread == ()


@pytest.mark.parametrize("written", ["N/A", "-", "4.91717E+11", "unknown"])
def test_an_id_that_stands_for_none_names_no_record(written: str) -> None:
    row = RowMaker(guess(["id", "name"]))(1, 2, [written, "Anna Keller"])
    assert isinstance(row, Row)
    assert row.record_id == ""
