"""Values of the model as bytes that wait in a spill: their fields in order, without names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec

T = TypeVar("T")


class Packing(Generic[T]):
    """How the values of one dataclass are packed: equal values, equal bytes."""

    def __init__(self, kind: Callable[..., T]) -> None:
        types = get_type_hints(kind)
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        self._kind = kind
        self._values: Callable[[T], Any] = attrgetter(*names)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(tuple[tuple(types[name] for name in names)]).decode  # type: ignore[misc]

    def pack(self, value: T) -> bytes:
        """A value as bytes. Raises UnicodeEncodeError for a text that has none in UTF-8."""
        return self._encode(self._values(value))

    def unpack(self, packed: bytes) -> T:
        """What `pack` made bytes of."""
        return self._kind(*self._decode(packed))
