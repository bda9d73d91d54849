"""From what sources write to what can be compared: one concept a module. Pure."""

from __future__ import annotations

from typing import Final

GENERATION: Final = "6"
"""The generation of what is derived from raw evidence: normal forms, flags, blocking keys.

To be raised by one with every change of code, word list or library (phonenumbers, email-validator) after
which the same evidence may come out otherwise. A store keeps the generation that it was made with and is
not served under another, since its customers rest on it.
"""
