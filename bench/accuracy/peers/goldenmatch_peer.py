"""GoldenMatch, in the three ways that its documentation offers.

`zero`: the file as it is, with no configuration. Where it refuses to go on because it does not trust its own
choice, it is told to. `probabilistic`: its Fellegi-Sunter configuration, chosen by itself, which its own
comparison with other tools recommends, on prepared rows. `explicit`: match keys and blocking written by hand.

It gives the pairs that reached its threshold and no others, so it is run at a low one, from which the sweep
begins (the cut that `probabilistic` chooses for itself leaves a recall of .03 on omni_10k). Its own clusters,
where it breaks up those that are too large, are measured beside the components of its pairs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

# What it learnt from one file must not change what it does with the next.
os.environ.setdefault("GOLDENMATCH_AUTOCONFIG_MEMORY", "0")

import goldenmatch as gm
import pyarrow as pa

from bench.accuracy.peers.answer import Answer, Told, answer, labels_of, told, write
from bench.accuracy.peers.normalised import omni_rows, raw

Fields = Mapping[str, tuple[str, float]]
"""By column, its scorer and its weight."""

PERSON: Mapping[str, Fields] = {
    "fake_1000": {
        "first_name": ("jaro_winkler", 1.0),
        "surname": ("jaro_winkler", 1.0),
        "dob": ("levenshtein", 1.5),
        "city": ("jaro_winkler", 0.5),
        "email": ("jaro_winkler", 1.5),
    },
    "febrl": {
        "given_name": ("jaro_winkler", 1.0),
        "surname": ("jaro_winkler", 1.0),
        "date_of_birth": ("levenshtein", 1.2),
        "soc_sec_id": ("levenshtein", 2.0),
        "address_1": ("jaro_winkler", 0.8),
        "postcode": ("levenshtein", 0.6),
    },
    "historical_50k": {
        "first_name": ("jaro_winkler", 1.0),
        "surname": ("jaro_winkler", 1.3),
        "dob": ("levenshtein", 1.3),
        "postcode": ("levenshtein", 1.0),
        "birth_place": ("jaro_winkler", 0.6),
        "occupation": ("exact", 0.4),
    },
    "omni": {
        "full_name": ("jaro_winkler", 1.5),
        "email": ("jaro_winkler", 1.0),
        "phone": ("levenshtein", 1.0),
        "postcode": ("levenshtein", 0.5),
        "city": ("exact", 0.4),
    },
}
PASSES: Mapping[str, Sequence[Sequence[str]]] = {
    "fake_1000": (["first_name"], ["surname"], ["dob"], ["email"]),
    "febrl": (["soc_sec_id"], ["surname"], ["date_of_birth"], ["given_name"], ["postcode"]),
    "historical_50k": (
        ["surname", "dob"],
        ["first_name", "dob"],
        ["postcode", "first_name"],
        ["postcode", "surname"],
        ["first_name", "surname"],
        ["dob", "birth_place"],
    ),
    "omni": (["full_name"], ["postcode", "surname"], ["surname", "dob"], ["street", "postcode"], ["mailbox"]),
}
SURE: Mapping[str, Sequence[str]] = {
    "fake_1000": ("email",),
    "febrl": ("soc_sec_id",),
    "historical_50k": (),
    "omni": ("email", "phone", "loyalty", "handle"),
}
"""Columns whose equal values are one person's, by an exact match key."""
LEAST = 0.7
"""Pairs of a lesser weighted score are not kept."""
LEAST_PROBABLE = 0.1
"""Pairs of a lesser normalised probabilistic score are not kept."""
USUAL = {"zero": 0.85, "probabilistic": 0.5, "explicit": 0.85}
"""The threshold of its documentation's examples; for its own configuration, what it made of it."""
MADE_AT = {"zero": 0.85, "probabilistic": LEAST_PROBABLE, "explicit": LEAST}
"""The threshold at which it makes its own clusters."""


def family(set_: str) -> str:
    """Which of the hand-written configurations is a set's."""
    return set_ if set_ in PERSON else set_.rstrip("123") if set_.startswith("febrl") else "omni"


def prepared(asked: Told) -> pa.Table:
    """The rows by place, in its own columns; the omnichannel ones normalised."""
    connection = raw(asked.rows)
    if family(asked.set) == "omni" and asked.variant != "zero":
        columns = "first_name, surname, full_name, email, mailbox, phone, handle, loyalty, dob, street, "
        query = f"select {columns} postcode, city, country from ({omni_rows()}) order by unique_id"
    else:
        (id_column,) = (
            name for name in ("record_id", "unique_id", "rec_id") if name in connection.table("raw").columns
        )
        query = f"select * exclude ({id_column}) from raw order by {id_column}::bigint"
    return connection.sql(query).to_arrow_table()


def explicit(set_: str) -> gm.GoldenMatchConfig:
    """The configuration by hand: identifiers exactly, persons by a weighted score under several passes."""
    which = family(set_)
    weighted = gm.MatchkeyConfig(
        name="person",
        type="weighted",
        threshold=LEAST,
        fields=[
            gm.MatchkeyField(field=column, scorer=scorer, weight=weight, transforms=["lowercase", "strip"])
            for column, (scorer, weight) in PERSON[which].items()
        ],
    )
    exact = [
        gm.MatchkeyConfig(
            name=f"same_{column}",
            type="exact",
            fields=[gm.MatchkeyField(field=column, transforms=["lowercase", "strip"])],
        )
        for column in SURE[which]
    ]
    passes = [gm.BlockingKeyConfig(fields=list(fields), transforms=["lowercase"]) for fields in PASSES[which]]
    return gm.GoldenMatchConfig(
        matchkeys=[*exact, weighted],
        blocking=gm.BlockingConfig(
            strategy="multi_pass", keys=passes, passes=passes, max_block_size=1000, skip_oversized=True
        ),
    )


def probabilistic(table: pa.Table) -> gm.GoldenMatchConfig:
    """The Fellegi-Sunter configuration that it chooses, its cut lowered so that the sweep finds the best."""
    config = gm.auto_configure_probabilistic_df(table)
    for key in config.get_matchkeys():
        if key.type == "probabilistic":
            key.link_threshold = LEAST_PROBABLE
            key.review_threshold = LEAST_PROBABLE
    return config


def dedupe(asked: Told) -> Answer:
    """De-duplicate the rows in the way that is asked for."""
    table = prepared(asked)
    notes = ""
    if asked.variant == "zero":
        try:
            result = gm.dedupe_df(table)
        except Exception as refusal:  # noqa: BLE001 - it has several ways to refuse, and no one base of them
            notes = f"refused ({type(refusal).__name__}), then told to go on"
            result = gm.dedupe_df(table, confidence_required=False, allow_red_config=True)
    else:
        config = probabilistic(table) if asked.variant == "probabilistic" else explicit(asked.set)
        result = gm.dedupe_df(table, config=config, confidence_required=False, allow_red_config=True)
    pairs = result.scored_pairs
    columns = tuple(zip(*pairs, strict=True)) if pairs else ((), (), ())
    own = labels_of(table.num_rows, (cluster["members"] for cluster in result.clusters.values()))
    clusters = {MADE_AT[asked.variant]: own}
    return answer((columns[0], columns[1], columns[2]), USUAL[asked.variant], clusters, notes)


if __name__ == "__main__":
    asked = told()
    write(asked.out, dedupe(asked))
