"""Channels: their names, and which of a customer's addresses leads where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from graph.model import IdentifierKind
from resolver.normalise import handle, text
from resolver.profile.golden import Golden
from resolver.profile.identifiers import KnownIdentifier


@dataclass(frozen=True, slots=True)
class Channel:
    """How a channel is addressed.

    `kind` is the identifier that reaches it, `platform` the namespace of the handles that do.
    `contactable`: the company can start a contact there. `startable`: the customer can. `shown_by`:
    an identifier reaches it only where the customer was active on one of these channels from a record
    that asserts it, for of itself it does not tell (a cookie is a device too).
    """

    name: str
    kind: IdentifierKind | None = None
    platform: str = ""
    contactable: bool = True
    startable: bool = True
    shown_by: frozenset[str] = frozenset()


_ON_THE_APP: Final = frozenset({"app", "push"})

CHANNELS: Final = {
    channel.name: channel
    for channel in (
        Channel("app", IdentifierKind.DEVICE, shown_by=_ON_THE_APP),
        Channel("email", IdentifierKind.EMAIL),
        Channel("fax", IdentifierKind.PHONE, shown_by=frozenset({"fax"})),
        Channel("instagram", platform="instagram"),
        Channel("messenger", platform="facebook"),
        Channel("phone", IdentifierKind.PHONE),
        Channel("post"),
        Channel("push", IdentifierKind.DEVICE, startable=False, shown_by=_ON_THE_APP),
        Channel("rcs", IdentifierKind.PHONE),
        Channel("shop", contactable=False),
        Channel("sms", IdentifierKind.PHONE),
        Channel("viber", IdentifierKind.PHONE, "viber"),
        Channel("web", contactable=False),
        Channel("web_chat", contactable=False),
        Channel("whatsapp", IdentifierKind.PHONE, "whatsapp"),
    )
}
"""The channels that are known by name. Any other is reached by the handles of the platform of its name."""

_OF_KIND: Final = {
    kind: tuple(channel for channel in CHANNELS.values() if channel.kind is kind) for kind in IdentifierKind
}

_SPELLINGS: Final = {
    spelling: name
    for name, spellings in {
        "app": "in_app mobile_app app_message",
        "email": "e_mail mail mailbox",
        "fax": "telefax",
        "messenger": "facebook facebook_messenger fb fb_messenger",
        "phone": "call calls call_center call_centre callcenter callcentre contact_center contact_centre "
        "telephone telefoon voice ivr",
        "post": "letter mail_order postal direct_mail",
        "push": "app_push mobile_push push_message push_notification web_push",
        "shop": "counter in_shop in_store pos store till",
        "sms": "mms text text_message",
        "web": "online site web_shop web_site webshop website webstore",
        "web_chat": "chat chatbot live_chat livechat webchat",
    }.items()
    for spelling in spellings.split()
}


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """Return the one name of a channel: `phone` for call_centre, `shop` for store, itself where unknown."""
    folded = "_".join(text.fold(name).replace("-", " ").replace("_", " ").split())
    if folded in CHANNELS:
        return folded
    if folded in _SPELLINGS:
        return _SPELLINGS[folded]
    platform = "_".join(handle.platform(folded).split())
    return _SPELLINGS.get(platform, platform)


def channel(name: str) -> Channel:
    """Return how a channel of this canonical name is addressed."""
    return CHANNELS.get(name) or Channel(name, platform=name.replace("_", " "))


def reached(known: KnownIdentifier, active: Collection[str]) -> tuple[Channel, ...]:
    """Return the channels on which an identifier is an address.

    `active` are the canonical names of those that its records were active on.
    """
    kind, namespace, _ = known.identifier
    if kind is IdentifierKind.HANDLE:
        found = channel(canonical(namespace))
        return (found,) if namespace and found.platform == namespace else ()
    return tuple(
        each for each in _OF_KIND.get(kind, ()) if not each.shown_by or not each.shown_by.isdisjoint(active)
    )


def postal_address(golden: Golden) -> str:
    """Return the address to post to in one line, empty where a letter would not arrive.

    It needs a street and a postcode or city.
    """
    if golden.street is None or (golden.postcode is None and golden.city is None):
        return ""
    lines = ((golden.street, golden.house_number), (golden.postcode, golden.city), (golden.country,))
    written = (" ".join(part.value for part in line if part is not None) for line in lines)
    return text.clean(", ".join(line for line in written if line))
