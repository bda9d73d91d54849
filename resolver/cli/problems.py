"""Errors in one line on stderr, with exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import typer
from google.rpc import error_details_pb2  # type: ignore[import-untyped]
from grpc_status import rpc_status

from resolver.batch.readers import FileProblem
from resolver.batch.workers import WorkerLost
from resolver.cli.delivery import Ended
from resolver.config import ConfigError
from resolver.report import MissingExtra
from resolver.serve.process import StartError


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
    code, details = error.code(), error.details() or ""
    if code is grpc.StatusCode.UNAVAILABLE and not _reason(error):
        return f"{target}: no service answers there; start one with: resolver serve"
    return f"{target}: {details or code.name.lower()}"


def _reason(error: grpc.Call) -> str:
    """The reason that the service gives; empty where the failure is not of its making."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return str(info.reason)
    return ""
