from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from resolver.batch import spark as package
from resolver.batch.spark import MissingSpark, require

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_a_session_that_runs_is_used_and_left_running(spark: SparkSession) -> None:
    from resolver.batch.spark.session import started  # noqa: PLC0415 - pyspark may be missing

    with started() as session:
        assert session is spark
    assert spark.range(3).count() == 3


def test_spark_s_own_configuration_holds(spark: SparkSession) -> None:
    from resolver.batch.spark.session import spread  # noqa: PLC0415 - pyspark may be missing

    assert spark.sparkContext.master == "local[2]"
    spark.conf.set("spark.sql.shuffle.partitions", 5)
    assert spread(spark) == 5


def test_what_is_missing_is_told_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(package, "find_spec", lambda name: None if name == "pyspark" else name)
    with pytest.raises(MissingSpark, match=r"pip install 'customer-graph\[spark\]'"):
        require()
    monkeypatch.setattr(package, "find_spec", lambda name: name)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingSpark, match="Java 17"):
        require()
