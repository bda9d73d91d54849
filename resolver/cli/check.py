"""`resolver config check`."""

from __future__ import annotations

import typer

from resolver.cli.options import Config, configured
from resolver.cli.problems import told


def check(config: Config = None) -> None:
    """Print the configuration in force and where each value came from; exit 1 naming the key at fault."""
    with told():
        loaded = configured(config)
        loaded.configuration.settings()
        loaded.configuration.rules()
    lines = list(loaded.lines())
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    for key, value, origin in lines:
        typer.echo(f"{key:{widths[0]}}  {value:{widths[1]}}  {origin}")
