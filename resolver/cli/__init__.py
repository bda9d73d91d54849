"""The command line `resolver`."""

from __future__ import annotations

from resolver.cli.commands import main

__all__ = ["main"]
