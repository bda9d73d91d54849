"""Names that every store derives alike: an identifier's own blocking key, a suggestion's id."""

from __future__ import annotations

import json
from hashlib import sha256

from graph.model import Identifier, RecordKey, TouchpointKey


def identifier_block(identifier: Identifier) -> str:
    """The blocking key that an identifier is by itself: ``kind:namespace:value``.

    Injective: the value stands last and is taken as it is, and in the namespace, the only other
    open text, ``%`` and ``:`` are percent-encoded. Blocking keys of other making must not begin
    with the name of an `IdentifierKind` and a colon.
    """
    kind, namespace, value = identifier
    if ":" in namespace or "%" in namespace:
        namespace = namespace.replace("%", "%25").replace(":", "%3A")
    return f"{kind.value}:{namespace}:{value}"


def suggestion_id(left: RecordKey, right: RecordKey) -> str:
    """The id of the suggestion between two records, the same whichever stands left: 24 hex digits."""
    pair = json.dumps(sorted((left, right)), ensure_ascii=True, separators=(",", ":"))
    return sha256(pair.encode("ascii")).hexdigest()[:24]


ADOPTED = "settings"
"""How `graph.errors.Conflict` names the store's settings, where others were adopted since."""
SILENCE = "silence"
"""How it names the blocking keys that do not speak, taken together."""


def stale_block(key: str) -> str:
    """How `graph.errors.Conflict` names a blocking key: by a digest, for the key itself is personal."""
    return f"block {_concealed(key)}"


def stale_component(component: str) -> str:
    """How `graph.errors.Conflict` names a component."""
    return f"component {component}"


def stale_record(key: RecordKey) -> str:
    """How `graph.errors.Conflict` names a record."""
    return f"record {_concealed(json.dumps(key))}"


def stale_touchpoint(key: TouchpointKey) -> str:
    """How `graph.errors.Conflict` names a touchpoint that was to be recorded and is there already."""
    return f"touchpoint {_concealed(json.dumps(key))}"


def stale_import(name: str) -> str:
    """How `graph.errors.Conflict` names an import."""
    return f"import {name}"


def _concealed(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
