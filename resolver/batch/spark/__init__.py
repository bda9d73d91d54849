"""De-duplication on Spark: the same functions over the same rows, spread over many machines.

Needs the extra `spark` (pyspark and what it moves columns with) and Java 17 or newer; `require` says so
before work is begun in vain.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

__all__ = ["MissingSpark", "require"]


class MissingSpark(Exception):
    """The engine is asked for, and what it runs on is not installed. One line that says how to get it."""


def require() -> None:
    """Raise MissingSpark where no session could be started."""
    missing = [name for name in ("pyspark", "pandas") if find_spec(name) is None]
    if missing:
        raise MissingSpark(
            f"the engine spark needs {' and '.join(missing)}: pip install 'customer-graph[spark]'"
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which(str(Path(home, "bin", "java")) if home else "java") is None:
        raise MissingSpark("the engine spark needs Java 17 or newer, in JAVA_HOME or on the path")
