"""The Spark session: the user's own where one runs or is configured, else one on this machine, quiet."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Final

from pyspark.sql import SparkSession

TASKS_A_CORE: Final = 4
"""Tasks for each core where Spark is not told: few enough to start fast, enough to share the work out."""

_SPREAD: Final = "spark.sql.shuffle.partitions"


@contextmanager
def started() -> Iterator[SparkSession]:
    """A session, ended with the block if it was begun here.

    Where Spark runs, and with how much memory, is Spark's own configuration (`spark-defaults.conf`,
    `PYSPARK_SUBMIT_ARGS`); without any it runs on this machine, on every core.
    """
    running = SparkSession.getActiveSession()
    session = running or _begin()
    try:
        yield session
    finally:
        if running is None:
            session.stop()


def spread(session: SparkSession) -> int:
    """Into how many tasks work is cut: `spark.sql.shuffle.partitions`."""
    return int(session.conf.get(_SPREAD))


def _begin() -> SparkSession:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("resolver dedupe").config("spark.ui.showConsoleProgress", "false")
    if not os.environ.keys() & {"SPARK_HOME", "SPARK_CONF_DIR"}:
        quiet = files("resolver.batch.spark") / "log4j2.properties"
        builder = builder.config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={quiet}")
    session = builder.getOrCreate()
    context = session.sparkContext
    if not context.getConf().contains(_SPREAD):
        session.conf.set(_SPREAD, str(TASKS_A_CORE * context.defaultParallelism))
    return session
