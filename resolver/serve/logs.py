"""Where the service's processes log to."""

from __future__ import annotations

import logging
import sys

import structlog


def log_to_stderr() -> None:
    """Log what concerns an operator, one line an event, to stderr."""
    # Through the standard library, which does not raise where a line cannot be written: a full disk or a
    # closed stderr must not end the writer.
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
