"""Splink on rows that it was trained on beforehand; run in its own virtualenv.

`python -m bench.batch.splink_saved train ROWS --settings FILE --variant NAME` trains it as the accuracy
benchmark does and saves what it has learnt; the same with `cluster` and `--out` is then the whole way from
file to clusters, in a fresh process: rows read and prepared, pairs predicted at the probability at which it
clusters, clusters written. Each stage is told on stderr, as `resolver dedupe` tells its own.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duckdb import DuckDBPyConnection
from splink import DuckDBAPI, Linker, SettingsCreator

from bench.accuracy.peers.normalised import omni_rows, raw
from bench.accuracy.peers.splink_peer import SEED, USUAL, omni


def train(rows: Path, settings: Path, *, together: bool) -> None:
    """Estimate prior, u and m without labels, and save them."""
    connection = raw(rows)
    (size,) = connection.execute("select count(*) from raw").fetchone() or (0,)
    setup = omni(size, together=together)
    connection.execute(f"create table people as {setup.rows}")
    creator = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(setup.comparisons),
        blocking_rules_to_generate_predictions=list(setup.blocking),
    )
    linker = _linker(connection, creator)
    linker.training.estimate_probability_two_random_records_match(list(setup.certain), recall=setup.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=setup.pairs, seed=SEED)
    for session in setup.sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(
            session, estimate_without_term_frequencies=True
        )
    linker.misc.save_model_to_json(str(settings), overwrite=True)


def cluster(rows: Path, settings: Path, out: Path) -> None:
    """From file to clusters, with what was saved."""
    with _told("reading"):
        connection = raw(rows)
    with _told("preparing"):
        connection.execute(f"create table people as {omni_rows()}")
    linker = _linker(connection, settings)
    with _told("predicting"):
        predicted = linker.inference.predict(threshold_match_probability=USUAL)
    with _told("clustering"):
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=USUAL
        )
    connection.execute(
        f"copy (select unique_id as record_id, cluster_id as customer_id from {clusters.physical_name} "
        f"order by unique_id) to '{out}' (header)"
    )


def _linker(connection: DuckDBPyConnection, settings: SettingsCreator | Path) -> Linker:
    return Linker(DuckDBAPI(connection=connection).register(connection.table("people")), settings)


@contextmanager
def _told(stage: str) -> Iterator[None]:
    since = time.monotonic()
    yield
    print(f"{stage}: {time.monotonic() - since:.1f} s", file=sys.stderr, flush=True)


def main() -> None:
    """Train or cluster."""
    parser = argparse.ArgumentParser(prog="python -m bench.batch.splink_saved")
    parser.add_argument("act", choices=("train", "cluster"))
    parser.add_argument("rows", type=Path)
    parser.add_argument("--settings", type=Path, required=True)
    parser.add_argument("--variant", choices=("together", "apart"), default="together")
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    if told.act == "train":
        train(told.rows, told.settings, together=told.variant == "together")
    elif told.out is None:
        parser.error("cluster needs --out")
    else:
        cluster(told.rows, told.settings, told.out)


if __name__ == "__main__":
    main()
