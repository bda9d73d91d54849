"""Errors in one line on stderr, with exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import grpc
import typer
from google.rpc import error_details_pb2  # type: ignore[import-untyped]
from grpc_status import rpc_status

from resolver.batch.readers import FileProblem
from resolver.batch.workers import WorkerLost
from resolver.cli.delivery import Ended
from resolver.config import ConfigError
from resolver.intake import Refusal
from resolver.report import MissingExtra
from resolver.serve.process import StartError

_ADVICE: Final = {"IMPORT_DIFFERS": " (--name)"}
"""What a command adds to what the service, or whoever does its work here, says of these reasons."""


class Failed(Exception):
    """A command cannot do what it was asked. One line."""


@contextmanager
def told(target: str = "") -> Iterator[None]:
    """Turn what may go wrong into one line on stderr and exit code 1. `target` is the service asked."""
    try:
        yield
    except (Ended, Failed, FileProblem, ConfigError, MissingExtra, StartError, WorkerLost) as error:
        problem = str(error)
    except grpc.RpcError as error:
        problem = of_call(error, target)
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
    else:
        return
    sys.stderr.write(f"resolver: {' '.join(problem.split())}\n")
    raise typer.Exit(1)


def of_call(error: Exception, target: str) -> str:
    """A failed call in one line: what the service says, or that none is there."""
    if not isinstance(error, grpc.Call):
        return f"{target}: the call failed"
    code, details, reason = error.code(), error.details() or "", _reason(error)
    if code is grpc.StatusCode.UNAVAILABLE and not reason:
        return f"{target}: no service answers there; start one with: resolver serve"
    return f"{target}: {details or code.name.lower()}{_ADVICE.get(reason, '')}"


def of_refusal(refusal: Refusal) -> str:
    """The same of what was refused here."""
    return f"{refusal}{_ADVICE.get(refusal.reason.upper(), '')}"


def _reason(error: grpc.Call) -> str:
    """The reason that the service gives; empty where the failure is not of its making."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return str(info.reason)
    return ""
