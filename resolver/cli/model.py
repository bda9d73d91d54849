"""`resolver model`: what a model says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Optional

import typer

from resolver.cli.chart import drawable, picture
from resolver.cli.options import Config, Population, configured
from resolver.cli.problems import told
from resolver.learn.words import ComparisonTold, LevelTold, ModelTold, explain
from resolver.match.document import Document

app = typer.Typer(help="The model that weighs evidence.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _model() -> None:
    """Keep `show` a word of its own while it is the only one."""


@app.command()
def show(
    model: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Argument(metavar="[MODEL]", help="The model's file. Else the configured one, or what ships."),
    ] = None,
    chart: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="Where to draw it: a page (.html) or a picture (.svg)."),
    ] = None,
    population: Population = None,
    config: Config = None,
) -> None:
    """Explain a model: each comparison's levels in bits, what they mean, and where the numbers come from.

    Without --population it is the one that a learnt model was learnt for, else the configured one.
    """
    with told():
        if chart is not None:
            drawable(chart)
        loaded = configured(config, model=model, population=population)
        document = loaded.configuration.document()
        size = loaded.configuration.population
        explained = explain(document, size if loaded.given("population") else _learnt_for(document, size))
        if chart is not None:
            _draw(explained, chart)
    for line in lines(explained):
        typer.echo(line)


def _learnt_for(document: Document, otherwise: int) -> int:
    """The population that a model was learnt for, where it says so."""
    population = document.get("learnt", {}).get("population")
    return population if isinstance(population, int) and population > 0 else otherwise


def _draw(explained: ModelTold, chart: Path) -> None:
    from resolver.report.model import model_page, weights_chart  # noqa: PLC0415 - draws with an extra

    drawn = chart.suffix.lower() == ".svg"
    text = picture(weights_chart(explained).svg) if drawn else model_page(explained)
    chart.write_text(text, encoding="utf-8")


def lines(explained: ModelTold) -> Iterator[str]:
    """A model as text for the terminal."""
    yield f"model {explained.version}"
    yield from (f"  {line}" for line in explained.learnt)
    yield f"before anything is compared: {explained.prior:+.1f} bits against strangers, "
    yield f"  {explained.prior_household:+.1f} against the household"
    for each in explained.comparisons:
        yield ""
        yield from _comparison(each)


def _comparison(each: ComparisonTold) -> Iterator[str]:
    yield f"{each.name}: {each.why}"
    yield from (_level(level) for level in each.levels)
    yield from (f"  * {line}" for line in each.learnt)


def _level(level: LevelTold) -> str:
    rare = ", for a value that one in a thousand has" if level.rare else ""
    return (
        f"  {level.name:18} {level.stranger:+6.1f} strangers {level.household:+6.1f} household"
        f"  {level.meaning}{rare} ({level.chances})"
    )


__all__ = ["app", "lines", "show"]
