"""The scenario pack: the situations in which customers are easily confused or lost, each made from a seed.

    rows, truth = scenario("twins").generate(seed=1, people=400)

Nothing of it is taken from a labelled set, so that no figure of it can have been tuned to one.
"""

from __future__ import annotations

from bench.accuracy.scenarios import family, junk, life, loyal, shared
from bench.accuracy.scenarios.records import Row, Truth
from bench.accuracy.scenarios.scenario import Scenario, Target

__all__ = ["Row", "Scenario", "Target", "Truth", "all_scenarios", "scenario"]


def all_scenarios() -> tuple[Scenario, ...]:
    """Every scenario, in the order in which they are reported."""
    return (
        *loyal.SCENARIOS,
        *family.SCENARIOS,
        *shared.SCENARIOS,
        *junk.SCENARIOS,
        *life.SCENARIOS,
    )


def scenario(name: str) -> Scenario:
    """The scenario of this name; KeyError where there is none."""
    return {each.name: each for each in all_scenarios()}[name]
