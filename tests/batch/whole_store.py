"""All that a store's file tells but ids, times and the order of revisions: what two ways must agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw

from graph.model import Import, RecordKey, Relation, Touchpoint
from graph.sqlite.contents import contents
from graph.whole import (
    Head,
    HeldCustomer,
    HeldKey,
    HeldNode,
    HeldSuggestion,
    SilentKey,
    WaitingNode,
)
from resolver.doctor import examine

_DERIVED = {
    "blocks": "SELECT key, size, asserting, descriptions, verified FROM block",
    "spoken": "SELECT b.key, s.description, s.nodes, s.verified FROM spoken s JOIN block b ON b.id = s.block",
    "members": """SELECT b.key, n.digest FROM member m
        JOIN block b ON b.id = m.block JOIN node n ON n.id = m.node""",
    "references": """SELECT f.key, t.source, t.touchpoint_id FROM reference f
        JOIN touchpoint t ON t.id = f.touchpoint""",
}
_HOLDERS = """SELECT b.key, h.customer, r.source, r.record_id, h.assurance FROM holder h
    JOIN block b ON b.id = h.block JOIN record r ON r.id = h.record"""


def told(path: Path) -> dict[str, Any]:
    """What a store's file tells, by what it is about."""
    with contents(path) as held:
        (head,) = held.section(Head)
        nodes = list(held.section(HeldNode))
        component = _groups((each.component, each.node.digest) for each in nodes)
        keys = list(held.section(HeldKey))
        records = [each.record for each in keys if each.record is not None]
        customer: Mapping[Any, frozenset[RecordKey]] = _groups(
            (record.customer, record.key) for record in records if record.customer is not None
        )
        bearing = {each.id: each for each in held.section(HeldCustomer) if each.minted is not None}
        found = {
            "settings": head.settings,
            "silence": head.silence > 0,
            "nodes": {each.node.digest: each.node for each in nodes},
            "components": set(component.values()),
            "keys": {each.key for each in keys},
            "records": {
                each.key: (each.statement, each.evidence, each.node, customer.get(each.customer))
                for each in records
            },
            "customers": {
                customer[name] for name, each in bearing.items() if each.anchor in customer.get(name, ())
            },
            "suggestions": {
                (component[each.component], each.suggestion) for each in held.section(HeldSuggestion)
            },
            "relations": set(held.section(Relation)),
            "touchpoints": set(held.section(Touchpoint)),
            "silent": set(held.section(SilentKey)),
            "waiting": set(held.section(WaitingNode)),
            "imports": {replace(each, created=0, updated=0, revision=0) for each in held.section(Import)},
            "findings": list(examine(held)),
        }
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    for name, sql in _DERIVED.items():
        found[name] = set(connection.execute(sql))
    found["holders"] = {
        (block, customer[whose] if isinstance(whose, str) else None, source, record_id, assurance)
        for block, whose, source, record_id, assurance in connection.execute(_HOLDERS)
    }
    connection.close()
    return found


def _groups(pairs: Iterable[tuple[Hashable, Any]]) -> dict[Hashable, frozenset[Any]]:
    groups = defaultdict(set)
    for name, member in pairs:
        groups[name].add(member)
    return {name: frozenset(members) for name, members in groups.items()}
