"""How customers at large spread over the channels: the prior of the preferred channel.

Round shares that put the channels in the order usual for a European retailer. They are a starting
point, not a measurement, and are worth few contacts: a customer's own soon outweigh them.
"""

from __future__ import annotations

from typing import Final

from graph.model import Direction

_STARTED: Final = {
    "web": 22,
    "shop": 18,
    "phone": 16,
    "email": 14,
    "app": 10,
    "whatsapp": 8,
    "web_chat": 5,
    "sms": 2,
    "instagram": 2,
    "messenger": 2,
}
"""Of 100 contacts that customers start."""

_ANSWERED: Final = {
    "email": 28,
    "phone": 24,
    "whatsapp": 16,
    "sms": 12,
    "app": 6,
    "push": 5,
    "messenger": 3,
    "instagram": 3,
    "post": 2,
}
"""Of 100 contacts that the company starts and that are answered."""

_RARE: Final = 0.5
"""Of 100, any channel that is not named."""


def share(channel: str, direction: Direction) -> float:
    """Return the share, in percent, of a canonical channel among contacts that are started by this side."""
    shares = _STARTED if direction is Direction.INBOUND else _ANSWERED
    return shares.get(channel, _RARE)
