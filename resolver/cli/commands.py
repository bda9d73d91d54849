"""All commands under one name; what goes wrong is one line on stderr and an exit code."""

from __future__ import annotations

import sys

import typer

from resolver.cli.adopt import adopt, compare
from resolver.cli.ask import explain, lookup, relations, suggestions
from resolver.cli.audit import audit
from resolver.cli.check import check
from resolver.cli.dedupe import dedupe
from resolver.cli.doctor import doctor
from resolver.cli.dump import dump
from resolver.cli.evaluate import evaluate
from resolver.cli.export import export
from resolver.cli.import_ import import_
from resolver.cli.ingest import ingest
from resolver.cli.migrate import migrate
from resolver.cli.model import app as model
from resolver.cli.owned import app as owned
from resolver.cli.restore import restore
from resolver.cli.serving import serve
from resolver.cli.train import train_model

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

for command in (serve, ingest, lookup, relations, explain, suggestions, export, dedupe, evaluate, audit):
    app.command()(command)
for keeping in (dump, restore, migrate, doctor):
    app.command()(keeping)
app.command(name="import")(import_)
app.command(name="train")(train_model)
config.command()(check)
model.command()(compare)
model.command()(adopt)
app.add_typer(config, name="config")
app.add_typer(owned, name="owned")
app.add_typer(model, name="model")


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
