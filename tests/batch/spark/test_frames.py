from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyspark", reason="pyspark is not installed")

from resolver.batch.spark.frames import whole_groups


def tables(groups: list[int], batch: int, rows: int) -> list[list[int]]:
    """The groups (their sizes) in batches of so many rows, as `whole_groups` puts them together."""
    column = pa.array([number for number, size in enumerate(groups) for _ in range(size)], pa.int64())
    whole = pa.RecordBatch.from_arrays([column], names=["group"])
    batches = [whole.slice(at, batch) for at in range(0, len(column), batch)]
    return [table["group"].to_pylist() for table in whole_groups(batches, "group", rows)]


@given(st.lists(st.integers(1, 12), max_size=12), st.integers(1, 7), st.integers(1, 20))
def test_no_group_is_cut_and_no_row_lost(groups: list[int], batch: int, rows: int) -> None:
    found = tables(groups, batch, rows)
    assert [row for table in found for row in table] == [
        n for n, size in enumerate(groups) for _ in range(size)
    ]
    assert sum(len(set(table)) for table in found) == len(groups)
    # Beyond what was wished there is at most one batch, and the group that was still coming.
    assert all(len(table) < rows + batch + max(groups) for table in found)


def test_small_groups_come_together_and_a_large_one_in_one_piece() -> None:
    assert tables([1, 1, 1, 9, 1, 1], batch=2, rows=3) == [[0, 1, 2], [*[3] * 9, 4], [5]]
