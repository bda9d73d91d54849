"""The nodes and relations that a run has written, and the time that writing just these takes.

What a run wrote is told from two pictures of the graph, before and after: all that the second has and the
first has not, or has otherwise. What was written several times over counts once, and what was deleted is
not counted, so the ceiling is rather too high than too low.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from neo4j import Driver, Session

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
Properties = Mapping[str, Any]


class NodeKey(NamedTuple):
    """Names a node: its labels, the one with a uniqueness constraint first, and the value that is unique."""

    labels: tuple[str, ...]
    value: Any


class RelationKey(NamedTuple):
    """Names a relation; `number` tells apart those of one type between the same two nodes."""

    start: NodeKey
    type: str
    end: NodeKey
    number: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole graph, in the order in which it grew, and by which property each label's nodes are unique."""

    unique: Mapping[str, str]
    nodes: Mapping[NodeKey, Properties]
    relations: Mapping[RelationKey, Properties]


@dataclass(frozen=True, slots=True)
class Written:
    """What turns one picture into a later one; beside what was changed stands what it was before."""

    unique: Mapping[str, str]
    nodes: Mapping[NodeKey, tuple[Properties, Properties | None]]
    relations: Mapping[RelationKey, tuple[Properties, Properties | None]]

    @property
    def count(self) -> int:
        """Nodes and relations written."""
        return len(self.nodes) + len(self.relations)


def picture(driver: Driver) -> Picture:
    """The graph as it is now. Raises ValueError where a node has no unique key."""
    with driver.session() as session:
        unique = _unique(session)
        keys: dict[str, NodeKey] = {}
        nodes: dict[NodeKey, Properties] = {}
        for name, labels, properties in session.run(
            "MATCH (n) RETURN elementId(n), labels(n), properties(n) ORDER BY id(n)"
        ):
            key = keys[name] = _key(unique, labels, properties)
            nodes[key] = properties
        relations: dict[RelationKey, Properties] = {}
        between: dict[tuple[NodeKey, str, NodeKey], list[Properties]] = defaultdict(list)
        for start, kind, end, properties in session.run(
            "MATCH (a)-[r]->(b) RETURN elementId(a), type(r), elementId(b), properties(r) ORDER BY id(r)"
        ):
            between[keys[start], kind, keys[end]].append(properties)
        for (first, kind, second), all_of_them in between.items():
            for number, properties in enumerate(sorted(all_of_them, key=repr)):
                relations[RelationKey(first, kind, second, number)] = properties
        return Picture(unique, nodes, relations)


def written(before: Picture, after: Picture) -> Written:
    """What turns one picture into a later one."""
    return Written(
        after.unique, _differing(before.nodes, after.nodes), _differing(before.relations, after.relations)
    )


def undo(driver: Driver, what: Written) -> None:
    """Take back what was written, so that it can be written again; what was deleted stays deleted."""
    with driver.session() as session:
        for group, relations in _grouped(what.relations.items(), lambda each: _ends(each[0])).items():
            made = [_relation_row(key, now) for key, (now, was) in relations if was is None]
            back = [_relation_row(key, was) for key, (_, was) in relations if was is not None]
            found = _both_ends(what.unique, group)
            _run(session, f"{found} MATCH (a)-[r:{group[1]}]->(b) WHERE properties(r) = row.properties "
                          "DELETE r", made)  # fmt: skip
            _run(session, f"{found} MATCH (a)-[r:{group[1]}]->(b) SET r = row.properties", back)
        for labels, nodes in _grouped(what.nodes.items(), lambda each: each[0].labels).items():
            made = [_node_row(key, now) for key, (now, was) in nodes if was is None]
            back = [_node_row(key, was) for key, (_, was) in nodes if was is not None]
            found = f"UNWIND $rows AS row MATCH (n:{labels[0]} {{{what.unique[labels[0]]}: row.value}})"
            _run(session, f"{found} DETACH DELETE n", made)
            _run(session, f"{found} SET n = row.properties", back)


def replay(driver: Driver, what: Written, transactions: int) -> float:
    """Seconds to write this in so many transactions, by one UNWIND and MERGE for each kind of thing in it."""
    batches = [*_batches(what, transactions)]
    with driver.session() as session:
        start = time.perf_counter()
        for batch in batches:
            with session.begin_transaction() as transaction:
                for query, rows in batch:
                    transaction.run(query, rows=rows).consume()
                transaction.commit()
        return time.perf_counter() - start


def _unique(session: Session) -> dict[str, str]:
    """By which property the nodes of each label are unique."""
    shown = session.run(
        "SHOW CONSTRAINTS YIELD entityType, labelsOrTypes, properties "
        "WHERE entityType = 'NODE' AND size(properties) = 1 RETURN labelsOrTypes[0], properties[0]"
    )
    return {str(label): str(name) for label, name in shown}


def _key(unique: Mapping[str, str], labels: Sequence[str], properties: Properties) -> NodeKey:
    keyed = sorted(label for label in labels if unique.get(label) in properties)
    if not keyed:
        raise ValueError(f"a node of {', '.join(labels)} has no unique key")
    others = sorted(set(labels) - {keyed[0]})
    return NodeKey((keyed[0], *others), properties[unique[keyed[0]]])


def _differing(
    before: Mapping[K, Properties], after: Mapping[K, Properties]
) -> dict[K, tuple[Properties, Properties | None]]:
    return {key: (now, before.get(key)) for key, now in after.items() if before.get(key) != now}


def _batches(what: Written, count: int) -> Iterator[list[tuple[str, list[Properties]]]]:
    """Every batch has its part of the nodes, and of the relations those whose ends are there by then."""
    batch_of = {key: number * count // len(what.nodes) for number, key in enumerate(what.nodes)}
    nodes: list[list[NodeKey]] = [[] for _ in range(count)]
    relations: list[list[RelationKey]] = [[] for _ in range(count)]
    for key, batch in batch_of.items():
        nodes[batch].append(key)
    for number, relation in enumerate(what.relations):
        soonest = number * count // len(what.relations)
        ends = (batch_of.get(relation.start, 0), batch_of.get(relation.end, 0))
        relations[max(soonest, *ends)].append(relation)
    for some, others in zip(nodes, relations, strict=True):
        queries = [
            (_merge_nodes(what.unique, labels), [_node_row(key, what.nodes[key][0]) for key in keys])
            for labels, keys in _grouped(some, lambda key: key.labels).items()
        ]
        queries += [
            (
                _merge_relations(what.unique, group, several=several),
                [_relation_row(key, what.relations[key][0]) for key in keys],
            )
            for (group, several), keys in _grouped(
                others, lambda key: (_ends(key), key.number > 0 and what.relations[key][1] is None)
            ).items()
        ]
        yield queries


def _merge_nodes(unique: Mapping[str, str], labels: Sequence[str]) -> str:
    first, *others = labels
    marked = f", n:{':'.join(others)}" if others else ""
    found = f"UNWIND $rows AS row MERGE (n:{first} {{{unique[first]}: row.value}})"
    return f"{found} SET n += row.properties{marked}"


def _merge_relations(unique: Mapping[str, str], group: tuple[str, str, str], *, several: bool) -> str:
    """Where there is another one of the type between the two already, MERGE would find that one."""
    act = "CREATE" if several else "MERGE"
    return f"{_both_ends(unique, group)} {act} (a)-[r:{group[1]}]->(b) SET r += row.properties"


def _both_ends(unique: Mapping[str, str], group: tuple[str, str, str]) -> str:
    start, _, end = group
    return (
        f"UNWIND $rows AS row MATCH (a:{start} {{{unique[start]}: row.start}}) "
        f"MATCH (b:{end} {{{unique[end]}: row.end}})"
    )


def _ends(key: RelationKey) -> tuple[str, str, str]:
    return key.start.labels[0], key.type, key.end.labels[0]


def _node_row(key: NodeKey, properties: Properties) -> Properties:
    return {"value": key.value, "properties": properties}


def _relation_row(key: RelationKey, properties: Properties) -> Properties:
    return {"start": key.start.value, "end": key.end.value, "properties": properties}


def _run(session: Session, query: str, rows: Sequence[Properties]) -> None:
    if rows:
        session.run(query, rows=[*rows]).consume()


def _grouped(values: Iterable[T], group: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for value in values:
        groups.setdefault(group(value), []).append(value)
    return groups
