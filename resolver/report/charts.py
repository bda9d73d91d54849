"""Charts as inline SVG: no script, no font, no address, colours that the colour-blind tell apart.

Each chart says in its alternative text what it shows, so that it can be read aloud. Narrow, since a
page is read on a phone as well; the page scales them.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from resolver.match.model import MILLIBIT
from resolver.match.weigh import ATTRIBUTES
from resolver.report import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from resolver.evaluate.curve import Bin, Curve
    from resolver.resolve.explain import Comparison

# Okabe and Ito (2008).
BLUE: Final = "#0072B2"
ORANGE: Final = "#D55E00"
YELLOW: Final = "#E69F00"
GREEN: Final = "#009E73"
INK: Final = "#222222"
GREY: Final = "#8A8A8A"
PALE: Final = "#E3E3E3"

WIDTH: Final = 5.6
"""Inches of a chart; of a phone's width a letter is still large enough."""

_STYLE: Final[dict[Any, Any]] = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 10.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "resolver",
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "text.parse_math": False,
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and what it shows in words. A template that escapes values takes it as it is."""

    svg: str
    alt: str

    def __html__(self) -> str:
        """The SVG, as markup that is safe: all text in it has been escaped."""
        return self.svg


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall: what is added to what came before, in bits."""

    label: str
    bits: float


def waterfall(comparison: Comparison) -> Chart:
    """Two customers compared, as the match weight grows: prior, what each attribute adds, sum.

    On the left against strangers, on the right against people who live or work together; both odds
    added give the weight that decides. Attributes are named, their values are not shown.
    """
    sides = (
        ("against strangers", _steps(comparison, "stranger"), comparison.stranger / MILLIBIT),
        ("against the household", _steps(comparison, "household"), comparison.household / MILLIBIT),
    )
    rows = len(sides[0][1]) + 1
    width, height = WIDTH + 0.6, 1.0 + 0.3 * rows
    # Placed by hand: letting matplotlib find the room takes most of the time, and pages have dozens.
    labels = 0.2 + 0.078 * max(len(step.label) for step in sides[0][1])
    with drawing(width, height, layout=None) as (figure, drawn):
        left, right = figure.subplots(1, 2, sharey=True)
        figure.subplots_adjust(
            left=min(labels / width, 0.5),
            right=0.99,
            top=1 - 0.58 / height,
            bottom=0.32 / height,
            wspace=0.08,
        )
        for axes, (title, steps, total) in zip((left, right), sides, strict=True):
            _fall(axes, title, steps, total)
        figure.suptitle(
            f"weight {comparison.weight / MILLIBIT:+.1f} bits, "
            f"probability {_probability(comparison.probability)}",
            fontsize=11,
            fontweight="bold",
        )
        told = "; ".join(
            f"{title}: " + ", ".join(f"{s.label} {s.bits:+.1f}" for s in steps) + f", sum {total:+.1f}"
            for title, steps, total in sides
        )
        alt = f"Match weight in bits. {told}. Together {comparison.weight / MILLIBIT:+.1f} bits, "
        return drawn(alt + f"probability {_probability(comparison.probability)}.")


def precision_recall_chart(curve: Curve, *, met: float, reached: tuple[float, float] | None = None) -> Chart:
    """Precision over recall of weighed pairs.

    `met` is the share of the true pairs that were weighed at all, where the curve must end. `reached` is
    the recall and precision of the customers themselves, as a point.
    """
    with drawing(WIDTH, 3.6) as (figure, drawn):
        axes = figure.subplots()
        axes.plot(curve.recall, curve.precision, color=BLUE, linewidth=2)
        axes.axvline(met, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            f"{met:.1%} of the true pairs\nwere weighed",
            (met, 0.02),
            (-6, 0),
            textcoords="offset points",
            ha="right",
            fontsize=9,
            color=INK,
        )
        alt = f"Precision over recall of weighed pairs; {met:.1%} of the true pairs were weighed."
        if reached is not None:
            axes.plot(*reached, marker="D", markersize=8, color=ORANGE, linestyle="none")
            axes.annotate(
                "the customers as made",
                reached,
                (-9, -14),
                textcoords="offset points",
                ha="right",
                fontsize=9.5,
                color=INK,
            )
            alt += f" The customers as made: precision {reached[1]:.3f} at recall {reached[0]:.3f}."
        for precision in (0.97, 0.98, 0.99):
            alt += f" Recall at precision {precision}: {curve.recall_at(precision):.3f}."
        axes.set(xlim=(0, 1.01), ylim=(0, 1.02), xlabel="recall (of all true pairs)", ylabel="precision")
        axes.grid(color=PALE, linewidth=0.8)
        return drawn(alt)


def calibration_chart(bins: Sequence[Bin], what: str = "pairs") -> Chart:
    """The share that is true over the probability given, on the diagonal where both are one."""
    with drawing(WIDTH, 3.8) as (figure, drawn):
        axes = figure.subplots()
        axes.plot((0, 1), (0, 1), color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        for each in bins:
            shown = each.true
            axes.plot(
                (each.probability, each.probability), (shown.low, shown.high), color=BLUE, linewidth=1.5
            )
            axes.plot(each.probability, shown.estimate, marker="o", color=BLUE, markersize=6)
            below = shown.estimate > 0.12
            axes.annotate(
                _count(each.pairs),
                (each.probability, shown.low if below else shown.high),
                (0, -12 if below else 5),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
                color=INK,
            )
        axes.set(
            xlim=(-0.02, 1.02),
            ylim=(-0.02, 1.05),
            xlabel=f"probability given ({what})",
            ylabel="share that is true",
        )
        axes.grid(color=PALE, linewidth=0.8)
        told = "; ".join(
            f"{_count(each.pairs)} {what} given {each.probability:.2f} on average, "
            f"{each.true.estimate:.2f} true"
            for each in bins
        )
        return drawn(f"Calibration: {told or f'no {what}'}.")


def _steps(comparison: Comparison, side: str) -> list[Step]:
    """The bars of one alternative: prior, what each attribute adds, what bounds take away of it."""
    prior = comparison.prior_household if side == "household" else comparison.prior
    order = {name: place for place, name in enumerate(ATTRIBUTES)}
    compared = sorted(comparison.attributes, key=lambda each: order.get(each.attribute, len(order)))
    said = [(f"{each.attribute.replace('_', ' ')}: {each.level}", getattr(each, side)) for each in compared]
    steps = [Step("prior", prior / MILLIBIT), *(Step(label, bits / MILLIBIT) for label, bits in said)]
    steps += [Step(each.name.replace("_", " "), getattr(each, side) / MILLIBIT) for each in comparison.bounds]
    return steps


def _fall(axes: Axes, title: str, steps: Sequence[Step], total: float) -> None:
    """One side of a waterfall, from the top down."""
    level = 0.0
    reach = [0.0, total]
    for row, step in enumerate(steps):
        colour = GREY if row == 0 else BLUE if step.bits >= 0 else ORANGE
        axes.barh(row, step.bits, left=level, height=0.62, color=colour)
        axes.plot((level + step.bits,) * 2, (row - 0.31, row + 1.31), color=GREY, linewidth=0.8)
        reach += [level, level + step.bits]
        _value(axes, row, level, step.bits)
        level += step.bits
    axes.barh(len(steps), total, height=0.62, color=INK)
    _value(axes, len(steps), 0.0, total)
    axes.axvline(0, color=GREY, linewidth=0.8)
    span = max(max(reach) - min(reach), 1.0)
    axes.set(xlim=(min(reach) - 0.3 * span, max(reach) + 0.26 * span), title=title)
    axes.set_yticks(range(len(steps) + 1), [*(step.label for step in steps), "sum"])
    axes.set_ylim(len(steps) + 0.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=PALE, linewidth=0.8)
    axes.set_axisbelow(True)


def _value(axes: Axes, row: int, start: float, bits: float) -> None:
    """A bar's bits beyond its end."""
    ahead = bits >= 0
    axes.annotate(
        f"{bits:+.1f}",
        (start + bits, row),
        (3 if ahead else -3, 0),
        textcoords="offset points",
        ha="left" if ahead else "right",
        va="center",
        fontsize=9,
        color=INK,
    )


@contextmanager
def drawing(
    width: float, height: float, layout: Literal["constrained"] | None = "constrained"
) -> Iterator[tuple[Figure, Callable[[str], Chart]]]:
    """A figure, in inches, and what makes a chart of it, given its alternative text."""
    require()
    from matplotlib import rc_context  # noqa: PLC0415 - an extra
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout=layout)
        yield figure, lambda alt: Chart(_inline(figure, alt), alt)


def _inline(figure: Figure, alt: str) -> str:
    """The figure as an `svg` element that may stand beside others: nothing in it refers outside it."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    opening, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', opening)
    rest = rest.replace("xlink:href=", "href=")
    own = hashlib.sha256(svg.encode()).hexdigest()[:8]
    rest = re.sub(r'\bid="', f'id="c{own}-', rest)
    rest = re.sub(r'href="#', f'href="#c{own}-', rest)
    rest = rest.replace("url(#", f"url(#c{own}-")
    label = html.escape(alt, quote=True)
    return f'<svg class="chart" role="img" aria-label="{label}" {box.group() if box else ""}>{rest}'


def _probability(value: float) -> str:
    """A probability with as many nines as it has."""
    if value > 0.9999:
        return "above .9999"
    return "below .0001" if value < 0.0001 else f"{value:.4f}".removeprefix("0")


def _count(number: int) -> str:
    for size, unit in ((1_000_000, "M"), (10_000, "k")):
        if number >= size:
            return f"{number / (1000 if unit == 'k' else size):.{1 if unit == 'M' else 0}f}{unit}"
    return f"{number}"
