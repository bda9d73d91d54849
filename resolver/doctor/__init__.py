"""What must hold of a store at every moment, looked after on a live one by reading alone."""

from __future__ import annotations

from resolver.doctor.checks import CHECKS, examine
from resolver.doctor.finding import Finding

__all__ = ["CHECKS", "Finding", "examine"]
