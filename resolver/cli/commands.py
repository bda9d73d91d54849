"""All commands under one name; what goes wrong is one line on stderr and an exit code."""

from __future__ import annotations

import sys

import typer

from resolver.cli.ask import explain, lookup, suggestions
from resolver.cli.check import check
from resolver.cli.dedupe import dedupe
from resolver.cli.export import export
from resolver.cli.ingest import ingest
from resolver.cli.serving import serve

app = typer.Typer(
    name="resolver",
    help="One customer, whichever channel they use. Start with `resolver serve`, fill it with "
    "`resolver ingest FILE`, ask with `resolver lookup`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
config = typer.Typer(help="The configuration.", no_args_is_help=True, rich_markup_mode=None)

for command in (serve, ingest, lookup, explain, suggestions, export, dedupe):
    app.command()(command)
config.command()(check)
app.add_typer(config, name="config")


def main() -> int:
    """Run the command that was typed; the exit code: 0, 1 where it failed, 2 where it was mistyped."""
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has had enough
        return 1
    return 0
