"""Our own answer in the peers' terms: the partition at a series of merge thresholds.

Run as `python -m bench.accuracy.ours ROWS --id COLUMN --out FILE`. The rows are read and normalised once,
and partitioned at each threshold by the very function that `resolver dedupe` calls. The pairs are all
candidates, each a pair of nodes by the least place of each, scored with their match probability.
"""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.accuracy.peers.answer import Answer, answer, labels_of, write
from graph.model import RecordKey
from resolver.batch.dedupe import Deduped, dedupe
from resolver.batch.readers import read_mapping, rows
from resolver.batch.workers import usual, workers
from resolver.config import load
from resolver.match.columns import Columns
from resolver.match.weigh import probability
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.edges import Spread
from resolver.resolve.partition import partition
from resolver.resolve.settings import Policy

Ints = NDArray[np.int64]

THRESHOLDS = (0.15, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999)
FEW_THRESHOLDS = (0.5, 0.8, 0.95, 0.97, 0.99, 0.995, 0.999)
"""For a set so large that each takes minutes."""
USUAL = 0.99
_CHUNK = 200_000


@dataclass(frozen=True, slots=True)
class Read:
    """A blind file resolved once, the places of its records, and the pairs of nodes that blocking brings."""

    found: Deduped
    place: dict[RecordKey, int]
    candidates: tuple[Ints, Ints]
    spread: Spread


def read(
    path: Path,
    id_column: str,
    *,
    region: str = "",
    government_ids: bool = False,
    attributes: bool = False,
    model: Path | None = None,
) -> Read:
    """Read and resolve a blind file at the default threshold, as the command with these options does."""
    mapping = read_mapping(path, id_column=id_column, government_ids=government_ids, attributes=attributes)
    flags = {"region": region or None, "government_ids": government_ids or None, "model": model}
    settled = load(flags=flags).configuration
    settings = settled.settings(secrets.token_bytes(32) if government_ids else None)
    found = dedupe(
        rows(path, mapping, region=settled.region),
        settings=settings,
        policy=settled.rules(),
        document=settled.document(),
        spread=workers(usual()),
    )
    evidence = found.evidence
    place = {key: int(name) for key, name in found.names.items()}
    return Read(found, place, candidate_pairs(evidence.blocks, evidence.silent), workers(usual()))


def labels(resolved: Read, threshold: float) -> Ints:
    """Each record's customer at a merge threshold, by place."""
    policy = Policy()
    policy = replace(policy, merge=threshold, possible=min(policy.possible, 0.9 * threshold))
    parts = partition(
        resolved.found.model,
        policy,
        resolved.found.evidence,
        candidates=resolved.candidates,
        spread=resolved.spread,
    )
    customers = (records for component in parts.components for records in component.customers)
    place = resolved.place
    return labels_of(len(place), ([place[key] for key in records] for records in customers))


def scored(resolved: Read) -> tuple[Ints, Ints, Ints]:
    """All candidate pairs of nodes: the least place of each side, and the weight in 1/1000 bit."""
    evidence = resolved.found.evidence
    columns = Columns(resolved.found.model, evidence.nodes, evidence.silent)
    left, right = resolved.candidates
    weight = np.concatenate(list(_weights(columns, left, right)) or [left])
    least = np.full(len(evidence.nodes), np.iinfo(np.int64).max)
    for key, node in evidence.records:
        least[node] = min(least[node], resolved.place[key])
    return least[left], least[right], weight


def _weights(columns: Columns, left: Ints, right: Ints) -> Iterator[Ints]:
    for start in range(0, len(left), _CHUNK):
        yield columns.totals(left[start : start + _CHUNK], right[start : start + _CHUNK])


def resolved_answer(resolved: Read, thresholds: Sequence[float]) -> Answer:
    """Its partitions and its scored pairs."""
    left, right, weight = scored(resolved)
    chance = np.array([probability(each) for each in weight.tolist()])
    own = {threshold: labels(resolved, threshold) for threshold in thresholds}
    return answer((left, right, chance), USUAL, own)


def main(arguments: Sequence[str] | None = None) -> None:
    """Answer for one blind file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--id", required=True)
    parser.add_argument("--region", default="")
    parser.add_argument("--government-ids", action="store_true")
    parser.add_argument("--attributes", action="store_true")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--few", action="store_true", help="fewer thresholds")
    parser.add_argument("--out", type=Path, required=True)
    told = parser.parse_args(arguments)
    resolved = read(
        told.rows,
        told.id,
        region=told.region,
        government_ids=told.government_ids,
        attributes=told.attributes,
        model=told.model,
    )
    write(told.out, resolved_answer(resolved, FEW_THRESHOLDS if told.few else THRESHOLDS))


if __name__ == "__main__":
    main()
