"""Connected components by alternating large-star and small-star.

Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii: Connected Components in MapReduce and Beyond
(SoCC 2014). A star operation hooks the neighbours of every node to the least node among them: the large
star those greater than the node, the small star those less and the node itself. Neither joins what was
apart nor parts what was joined, so once nothing but stars is left their centres name the components. That
took ever O(log n) rounds, whatever the graph's width.
"""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from resolver.batch.spark.frames import kept


def components(edges: DataFrame) -> DataFrame:
    """Each node that has an edge (`node`) and the least node of its component (`component`).

    `edges` have the columns `left` and `right`, of one type that has an order. Loops and repetitions do
    no harm; the direction says nothing.
    """
    links = kept(_downward(edges.select(f.col("left").alias("node"), f.col("right").alias("toward"))))
    while not _are_stars(links):
        links = kept(_small_star(_large_star(links)))
    centres = links.select(f.col("toward").alias("node"), f.col("toward").alias("component")).distinct()
    return links.select("node", f.col("toward").alias("component")).unionByName(centres)


def _downward(links: DataFrame) -> DataFrame:
    """Each link once, from the greater node toward the less."""
    return (
        links.where("node <> toward")
        .select(f.greatest("node", "toward").alias("node"), f.least("node", "toward").alias("toward"))
        .distinct()
    )


def _large_star(links: DataFrame) -> DataFrame:
    """For each node, its greater neighbours to the least of its neighbours and itself."""
    both = links.unionByName(links.select(f.col("toward").alias("node"), f.col("node").alias("toward")))
    least = f.least("node", f.min("toward").over(Window.partitionBy("node")))
    hooked = both.withColumn("least", least).where("toward > node")
    return hooked.select(f.col("toward").alias("node"), f.col("least").alias("toward")).distinct()


def _small_star(links: DataFrame) -> DataFrame:
    """For each node, itself and its lesser neighbours to the least of these; links lead downward."""
    hooked = links.withColumn("least", f.min("toward").over(Window.partitionBy("node")))
    lesser = hooked.where("toward <> least").select(f.col("toward").alias("node"), f.col("least"))
    own = hooked.select("node", "least")
    return lesser.unionByName(own).select("node", f.col("least").alias("toward")).distinct()


def _are_stars(links: DataFrame) -> bool:
    """Whether every node leads to one other at most, and none that is led to leads on."""
    tails = links.select("node", f.lit(1).alias("leads"), f.lit(0).alias("led"))
    heads = links.select(f.col("toward").alias("node"), f.lit(0).alias("leads"), f.lit(1).alias("led"))
    ends = (
        tails.unionByName(heads).groupBy("node").agg(f.sum("leads").alias("leads"), f.max("led").alias("led"))
    )
    return bool(ends.where("leads > 1 OR (leads > 0 AND led > 0)").isEmpty())
