"""An explanation drawn to a file: the service's reply as the comparison that charts take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Optional, cast, get_args

import typer

from graph.model import RelationKind
from resolver.cli import show
from resolver.cli.problems import Failed
from resolver.match.weigh import Attribute
from resolver.report import require
from resolver.resolve.explain import Bound, BoundName, Compared, Comparison
from resolver.v1 import explanation_pb2

ChartFile = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads it
    typer.Option("--chart", metavar="FILE", help="Draw it too: a page (.html) or a picture (.svg)."),
]
_SUFFIXES: Final = (".html", ".svg")
_BOUNDS: Final = get_args(BoundName)


def drawable(chart: Path) -> None:
    """Refuse a file that is no chart, before work is begun. Raises Failed and MissingExtra."""
    if chart.suffix.lower() not in _SUFFIXES:
        raise Failed(f"{chart}: a chart is a page or a picture: end its name in .html or .svg")
    require()


def picture(svg: str) -> str:
    """A drawing made for a page, as a file of its own."""
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def draw(chart: Path, now: explanation_pb2.PairExplanation, then: explanation_pb2.PairExplanation) -> None:
    """Draw a pair as it is, as it would be, or both; a picture has one, and that is what it would be.

    Either may be empty. Raises Failed where both are.
    """
    drawn = [each for each in (("now", now), ("what if", then)) if each[1].ByteSize()]
    if not drawn:
        raise Failed(f"{chart}: there is nothing to draw: give two to compare")
    # Drawing needs an extra.
    from resolver.report.charts import waterfall  # noqa: PLC0415
    from resolver.report.explanation import Told, explanation_page  # noqa: PLC0415

    if chart.suffix.lower() == ".svg":
        text = picture(waterfall(comparison(drawn[-1][1])).svg)
    else:
        sides = drawn[-1][1]
        title = f"{show.side(sides.left)} and {show.side(sides.right)}"
        told = [Told(heading, show.verdict_line(pair), comparison(pair)) for heading, pair in drawn]
        text = explanation_page(title, told)
    chart.write_text(text, encoding="utf-8")


def comparison(pair: explanation_pb2.PairExplanation) -> Comparison:
    """A pair as the service explains it, as what was weighed."""
    relation = explanation_pb2.Relation.Name(pair.relation).removeprefix("RELATION_").lower()
    return Comparison(
        attributes=tuple(_compared(each) for each in pair.comparisons if each.attribute not in _BOUNDS),
        prior=pair.prior_strangers_millibits,
        prior_household=pair.prior_household_millibits,
        stranger=pair.strangers_millibits,
        household=pair.household_millibits,
        weight=pair.weight_millibits,
        probability=pair.probability,
        limits=tuple(
            explanation_pb2.LimitKind.Name(limit).removeprefix("LIMIT_KIND_").lower() for limit in pair.limits
        ),
        kind=RelationKind(relation) if pair.relation else RelationKind.SAME_HOUSEHOLD,
        model=pair.model_version,
        bounds=tuple(_bound(each) for each in pair.comparisons if each.attribute in _BOUNDS),
    )


def _compared(message: explanation_pb2.Comparison) -> Compared:
    return Compared(
        cast(Attribute, message.attribute),
        message.level,
        message.strangers_millibits,
        message.household_millibits,
        tuple(message.left_values),
        tuple(message.right_values),
    )


def _bound(message: explanation_pb2.Comparison) -> Bound:
    name = cast(BoundName, message.attribute)
    return Bound(name, message.strangers_millibits, message.household_millibits)
