"""A row imported is the row sent to the service, whatever is in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver.batch.arrivals import arrival
from resolver.batch.mapping import guess
from resolver.batch.rows import Row, RowMaker
from resolver.cli.delivery import touchpoint_request, upsert_request
from resolver.intake import Arrival
from resolver.serve import convert

NOW = 1_800_000_000_000_000
CELLS = {
    "record_id": ["", "r1", " r 2 "],
    "source": ["", "crm"],
    "version": ["", "7", "2024-02-03"],
    "channel": ["", "Web shop", "instagram"],
    "created_at": ["", "2024-02-03 10:00", "2031-01-01"],
    "touchpoint_id": ["", "t1"],
    "direction": ["", "inbound", "out"],
    "automated": ["", "yes"],
    "duration": ["", "12.5"],
    "amount": ["", "10.50"],
    "currency": ["", "EUR"],
    "order_id": ["", "A-1", " a-1", "-"],
    "case_number": ["", "A-1"],
    "given_name": ["", " ", "Jan"],
    "family_name": ["", "de Vries"],
    "phone": ["", "0612345678"],
    "e-mail": ["", "jan@ziggo.nl"],
    "username": ["", "@jan"],
    "customer_id": ["", "4711"],
    "birth_date": ["", "1980-02-03"],
    "party_type": ["", "person"],
}


def sent(row: Row) -> Arrival:
    """What the service makes of a row that `resolver ingest` sends it."""
    if row.touchpoint is None:
        return convert.upsert_arrival(upsert_request(row))
    return convert.touchpoint_arrival(touchpoint_request(row, row.touchpoint), NOW)


@given(
    cells=st.tuples(*(st.sampled_from(choice) for choice in CELLS.values())),
    region=st.sampled_from(["", "NL"]),
)
def test_a_row_arrives_as_if_it_had_been_sent(cells: tuple[str, ...], region: str) -> None:
    row = RowMaker(guess(tuple(CELLS)), source="shop", region=region)(1, 1, cells)
    if isinstance(row, Row):
        assert arrival(row, NOW) == sent(row)


def test_both_kinds_of_rows_are_made_of_these_cells() -> None:
    make = RowMaker(guess(tuple(CELLS)))
    record = make(1, 1, [choice[1] if name != "channel" else "" for name, choice in CELLS.items()])
    contact = make(1, 1, [choice[1] for choice in CELLS.values()])
    assert isinstance(record, Row) and record.touchpoint is None
    assert isinstance(contact, Row) and contact.touchpoint is not None
    assert len(contact.touchpoint.references) == 2
