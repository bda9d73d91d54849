"""The page of an evaluation: verdict, measures, charts, and the worst errors with their evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from resolver.evaluate.evaluation import Advice, Evaluation, Weighing
from resolver.evaluate.intervals import REPLICATES, Interval
from resolver.evaluate.worst import Error, Errors
from resolver.report import charts
from resolver.report.page import render
from resolver.resolve.explain import Comparison

GOOD: Final = 150.0
FAIR: Final = 300.0
"""People who share a customer with a stranger, per 10,000, up to which a verdict is good, or fair."""

_NAMES: Final = 3
"""Records of a side that are named."""


class Verdict(NamedTuple):
    """What the measures come to, in words; `grade` is good, fair or poor."""

    grade: str
    headline: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a page of an evaluation can tell; only the measures must be there.

    `names` is what each record is called; `reason` tells, of a record in each, why two customers that
    reach the possible threshold were not joined, nothing where they do not reach it. `notes` are
    sentences on what was and was not covered.
    """

    heading: str
    evaluation: Evaluation
    weighing: Weighing | None = None
    advice: Advice | None = None
    errors: Errors | None = None
    names: Sequence[str] = ()
    reason: Callable[[int, int], str] = lambda _left, _right: ""
    notes: Sequence[str] = ()


class _Case(NamedTuple):
    title: str
    told: str
    left: str
    right: str
    comparison: Comparison
    chart: charts.Chart


def verdict(measures: Mapping[str, Interval]) -> Verdict:
    """The measures in words. What decides is who is shown another's data, not the misses."""
    precision, recall = measures["pairwise_precision"], measures["pairwise_recall"]
    strangers = measures["strangers_per_10000"]
    if strangers.estimate <= GOOD:
        grade, headline = "good", "Few people share a customer with a stranger."
    elif strangers.estimate <= FAIR:
        grade, headline = (
            "fair",
            "Some people share a customer with a stranger: look at the false merges below.",
        )
    else:
        grade, headline = "poor", "Too many people share a customer with a stranger to merge without a look."
    return Verdict(
        grade,
        headline,
        (
            f"Of 10,000 people {_range(strangers)} share a customer with a stranger, and may see their data.",
            f"Of 1,000 pairs of records that were put together {_range(precision, 1000)} belong together.",
            f"Of 1,000 pairs that belong together {_range(recall, 1000)} were found.",
            "A miss is a nuisance that a steward or the next contact repairs; a stranger's data is not.",
        ),
    )


def _range(found: Interval, scale: int = 1) -> str:
    estimate, low, high = (scale * value for value in found)
    return f"{estimate:.0f} (between {low:.0f} and {high:.0f})"


def evaluation_page(findings: Findings) -> str:
    """The page, as HTML. Raises MissingExtra where the extra `report` is not installed."""
    weighing, advice, errors = findings.weighing, findings.advice, findings.errors
    pairs = findings.evaluation.pairs
    reached = (pairs.recall, pairs.precision)
    return render(
        "evaluation.html",
        heading=findings.heading,
        evaluation=findings.evaluation,
        verdict=verdict(findings.evaluation.measures),
        digits=_digits,
        notes=findings.notes,
        personal=errors is not None,
        replicates=REPLICATES,
        weighing=weighing,
        curve_chart=weighing
        and charts.precision_recall_chart(weighing.curve, met=weighing.met, reached=reached),
        calibration_chart=weighing and charts.calibration_chart(weighing.bins),
        at_precision=[(p, weighing.curve.recall_at(p)) for p in (0.97, 0.98, 0.99)] if weighing else [],
        advice=advice,
        advice_chart=advice and charts.calibration_chart(advice.bins, "suggestions"),
        errors=errors,
        merged=[_merged(each, findings) for each in errors.merged] if errors else [],
        missed=[_missed(each, findings) for each in errors.missed] if errors else [],
        unmet=[_missed(each, findings) for each in errors.unmet] if errors else [],
    )


def _digits(name: str, value: float) -> str:
    """A measure as it is written: counts with one decimal, shares with four."""
    return f"{value:.1f}" if "_per_" in name else f"{value:.4f}"


def _merged(error: Error, findings: Findings) -> _Case:
    met = (
        "no record of one was ever weighed against one of the other: others brought them together"
        if error.met is None
        else f"the strongest pair between them weighs {error.met / 1000:+.1f} bits"
    )
    return _case(error, findings, f"{_pairs(error.pairs)} wrongly together; {met}.")


def _missed(error: Error, findings: Findings) -> _Case:
    told = f"{_pairs(error.pairs)} missed"
    reason = findings.reason(error.left[0], error.right[0])
    words = [_WHY.get(reason, reason)] if reason else []
    words += [f"limit: {limit.replace('_', ' ')}" for limit in error.comparison.limits]
    return _case(error, findings, "; ".join((told, *words)) + ".")


_WHY: Final = {
    "possible": "suggested to a steward",
    "ambiguous": "suggested: fits two customers about equally well",
    "alone": "suggested: a kind of evidence that the policy lets merge nobody by itself",
    "limit": "kept apart by a limit",
    "judgement": "kept apart by a judgement",
}


def _case(error: Error, findings: Findings, told: str) -> _Case:
    left, right = (_side(side, findings.names) for side in (error.left, error.right))
    return _Case(f"{left} — {right}", told, left, right, error.comparison, charts.waterfall(error.comparison))


def _side(side: Sequence[int], names: Sequence[str]) -> str:
    named = ", ".join(names[place] for place in side[:_NAMES])
    return f"{named} (and {len(side) - _NAMES} more)" if len(side) > _NAMES else named


def _pairs(count: int) -> str:
    return "1 pair of records" if count == 1 else f"{count:,} pairs of records"
