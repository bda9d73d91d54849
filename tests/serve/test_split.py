from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.intake import Refusal
from resolver.serve.split import raw_touchpoints
from resolver.v1 import resolution_service_pb2 as pb
from tests.serve.builders import contact


@given(st.lists(st.text(alphabet="abc", min_size=1), max_size=5))
def test_it_takes_apart_what_a_message_is_made_of(names: list[str]) -> None:
    entries = [contact(name) for name in names]
    raw = raw_touchpoints(pb.StreamTouchpointsRequest(touchpoints=entries).SerializeToString())
    assert [pb.RecordTouchpointRequest.FromString(each) for each in raw] == entries


def test_what_is_no_message_at_all_is_refused() -> None:
    with pytest.raises(Refusal):
        raw_touchpoints(b"\x0a\xff")
