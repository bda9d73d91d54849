"""What a normaliser of identifiers answers, before it is known whose the value is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from resolver.normalise.features import Flag


class Form(NamedTuple):
    """A raw identifier in normal form; see `resolver.normalise.features.Value` for the fields."""

    value: str
    flags: tuple[Flag, ...] = ()
    address: str = ""
    namespace: str = ""


def flagged(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """Return flags sorted and without duplicates."""
    return tuple(sorted(set(flags)))
