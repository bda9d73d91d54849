"""A stream's message taken apart without reading its touchpoints, so that a broken one stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from resolver.intake import Refusal
from resolver.v1 import resolution_service_pb2

_WHOLE: Final = resolution_service_pb2.StreamTouchpointsRequest.DESCRIPTOR


def _opaque() -> Any:  # noqa: ANN401 - made at run time
    """StreamTouchpointsRequest with bytes for touchpoints, which on the wire are the same."""
    file = descriptor_pb2.FileDescriptorProto(name="opaque.proto", package="opaque")
    message = file.message_type.add(name=_WHOLE.name)
    message.field.add(
        name="touchpoints",
        number=_WHOLE.fields_by_name["touchpoints"].number,
        label=descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED,
        type=descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    )
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"opaque.{_WHOLE.name}"))


_OPAQUE: Final = _opaque()


def raw_touchpoints(raw: bytes) -> Sequence[bytes]:
    """The bytes of each touchpoint of a message. Raises `Refusal` where not even these can be told apart."""
    try:
        return list(_OPAQUE.FromString(raw).touchpoints)
    except DecodeError:
        raise Refusal("text_invalid", "not a message of touchpoints") from None
