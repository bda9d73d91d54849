"""dedupe, taught as its documentation does: it asks about the pairs it is least sure of, and is told.

It is told the truth from the labels, which no user has in full: `QUESTIONS` answers, without one mistake.
Its clusters are its own, at a series of thresholds; its pairs are swept as components as well.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dedupe
import numpy as np
from dedupe import variables

from bench.accuracy.peers.answer import Answer, Told, answer, labels_of, told, write
from bench.accuracy.peers.normalised import omni_rows, raw

QUESTIONS = 300
SEED = 7
USUAL = 0.5
"""The threshold of its documentation's example."""
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)

Record = dict[str, Any]

COLUMNS: Mapping[str, Sequence[str]] = {
    "fake_1000": ("first_name", "surname", "dob", "city", "email"),
    "febrl": (
        "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "date_of_birth",
        "soc_sec_id",
    ),
    "historical_50k": ("first_name", "surname", "dob", "birth_place", "postcode", "occupation"),
    "omni": (
        "first_name", "surname", "email", "phone", "handle", "loyalty", "dob", "street", "postcode", "city",
    ),
}  # fmt: skip
EXACT = frozenset({"loyalty", "occupation", "street_number"})


def family(set_: str) -> str:
    """Which of the definitions is a set's."""
    return set_ if set_ in COLUMNS else "febrl" if set_.startswith("febrl") else "omni"


def read(asked: Told) -> dict[int, Record]:
    """The rows by place, what is missing as None, which is what it expects."""
    connection = raw(asked.rows)
    if family(asked.set) == "omni":
        connection.execute(f"create table people as {omni_rows()}")
        table, place = connection.table("people"), "unique_id"
    else:
        table = connection.table("raw")
        place = "unique_id" if "unique_id" in table.columns else "rec_id"
    columns = COLUMNS[family(asked.set)]
    found = table.select(", ".join((f"{place}::bigint", *columns))).fetchall()
    return {
        row[0]: {
            "place": row[0],
            **{
                name: value.strip().lower() or None if value else None
                for name, value in zip(columns, row[1:], strict=True)
            },
        }
        for row in sorted(found)
    }


def fields(set_: str) -> Iterator[Any]:
    """How each column is compared."""
    for column in COLUMNS[family(set_)]:
        kind = variables.Exact if column in EXACT else variables.String
        yield kind(column, has_missing=True)


def resolve(asked: Told) -> Answer:
    """Teach it, then let it score and cluster."""
    if asked.labels is None:
        raise SystemExit("dedupe learns from labels; name them with --labels")
    with asked.labels.open(encoding="utf-8", newline="") as file:
        person = {int(row["record"]): row["person"] for row in csv.DictReader(file)}
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 - it draws from the global generator
    data = read(asked)
    deduper = dedupe.Dedupe(list(fields(asked.set)), num_cores=1, in_memory=True)
    deduper.prepare_training(data)
    for _ in range(QUESTIONS):
        for one, other in deduper.uncertain_pairs():
            same = person[one["place"]] == person[other["place"]]
            deduper.mark_pairs(
                {"match": [(one, other)] if same else [], "distinct": [] if same else [(one, other)]}
            )
    deduper.train()
    scores = deduper.score(deduper.pairs(data))
    own = {
        threshold: labels_of(len(data), (ids for ids, _ in deduper.cluster(scores, threshold)))
        for threshold in THRESHOLDS
    }
    pairs = np.asarray(scores["pairs"])
    return answer((pairs[:, 0], pairs[:, 1], np.asarray(scores["score"])), USUAL, own)


if __name__ == "__main__":
    asked = told()
    write(asked.out, resolve(asked))
