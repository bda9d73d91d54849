"""References (orders, cases, tickets, parcels): opaque; they lead to a customer and merge nobody."""

from __future__ import annotations

from resolver.normalise import external
from resolver.normalise.form import Form


def normalise(raw: str, namespace: str = "") -> Form | None:
    """Return a reference in normal form, None where the text is empty; see `external.normalise`."""
    return external.normalise(raw, namespace)
