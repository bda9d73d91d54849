"""A model as a chart of weights, and as a page with the same in words."""

from __future__ import annotations

from typing import Final

from resolver.learn.words import ModelTold
from resolver.report.charts import BLUE, GREY, INK, ORANGE, WIDTH, Chart, drawing
from resolver.report.page import render

_ROW: Final = 0.19
"""Inches of one level."""


def weights_chart(told: ModelTold) -> Chart:
    """Bits of every level, against strangers on the left and against the household on the right."""
    rows = [(each.name, level) for each in told.comparisons for level in each.levels]
    labels = [f"{name.replace('_', ' ')}: {level.name.replace('_', ' ')}" for name, level in rows]
    places = range(len(rows), 0, -1)
    with drawing(WIDTH + 1.4, 1.0 + _ROW * len(rows)) as (figure, drawn):
        left, right = figure.subplots(1, 2, sharey=True)
        sides = (
            (left, "against strangers", [level.stranger for _, level in rows]),
            (right, "against the household", [level.household for _, level in rows]),
        )
        for axes, title, bits in sides:
            axes.barh(places, bits, height=0.7, color=[BLUE if value >= 0 else ORANGE for value in bits])
            axes.axvline(0, color=INK, linewidth=0.8)
            axes.set_title(title)
            axes.set_xlabel("bits")
            axes.grid(axis="x", color=GREY, alpha=0.3, linewidth=0.5)
            axes.margins(y=0.005)
        left.set_yticks(list(places), labels, fontsize=7.5)
        strongest = max(rows, key=lambda row: row[1].stranger)
        return drawn(
            f"Weights of model {told.version} in bits, {len(rows)} levels. Before anything is compared "
            f"{told.prior:+.1f} against strangers and {told.prior_household:+.1f} against the household. "
            f"What speaks loudest: {strongest[0]} {strongest[1].name}, {strongest[1].stranger:+.1f}."
        )


def model_page(told: ModelTold) -> str:
    """The model as one self-contained page: the chart, and every comparison in words."""
    return render("model.html", told=told, chart=weights_chart(told))


__all__ = ["model_page", "weights_chart"]
