"""Names that every store derives alike: an identifier's own blocking key, a suggestion's id."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

from graph.model import ChangeSet, Identifier, RecordKey, TouchpointKey


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


def supposed_absent(change_sets: Iterable[ChangeSet]) -> Sequence[str]:
    """The digests of nodes that change sets, applied in this order, add without having removed them.

    Such a node is there only where somebody else has added it since the plan was made; its blocking keys
    need not tell of that, for those which are silent are not read.
    """
    found: dict[str, bool] = {}
    for change_set in change_sets:
        for digest in change_set.nodes_removed:
            found.setdefault(digest, False)
        for node in change_set.nodes_added:
            found.setdefault(node.digest, True)
    return [digest for digest, absent in found.items() if absent]


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


def stale_node(digest: str) -> str:
    """How `graph.errors.Conflict` names evidence that was to be added and is there already."""
    return f"node {digest}"


def stale_import(name: str) -> str:
    """How `graph.errors.Conflict` names an import."""
    return f"import {name}"


def _concealed(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
