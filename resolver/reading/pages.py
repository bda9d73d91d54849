"""Lists, a page at a time: timeline, records, changes, suggestions, judgements, imports.

A page token is opaque to callers: the list that it belongs to and the position of the last entry that
was told. It holds no state of the server, so any process answers any page, at whatever revision it sees.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

import msgspec

from graph.model import Change, Import, Judgement, Record, RecordKey, Suggestion, Touchpoint, TouchpointKey
from graph.store import Snapshot
from resolver.intake import Refusal
from resolver.reading.relations import Relative

_Entry = TypeVar("_Entry")
_Position = TypeVar("_Position")

_LONGEST_TOKEN: Final = 4096
_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""What every store can compare."""


@dataclass(frozen=True, slots=True)
class Page(Generic[_Entry]):
    """Some entries in order, and the token of the page after them, empty on the last."""

    entries: tuple[_Entry, ...]
    next_page_token: str = ""


def page_size(asked: int, usual: int, most: int) -> int:
    """Return how many entries a page has: `usual` where 0 is asked, `most` where more is.

    Raises Refusal (`field_invalid`) for a negative number.
    """
    if asked < 0:
        raise Refusal("field_invalid", "must not be negative", "page_size")
    return min(asked or usual, most)


def timeline(
    snapshot: Snapshot, whose: str, records: Sequence[Record], token: str, size: int
) -> Page[Touchpoint]:
    """Return touchpoints of these records, the latest first.

    `whose` names the customer as the caller did, so that a token is good for that customer alone.
    """
    position = _position(token, ["timeline", whose], tuple[_Whole, str, str])
    before = position and (position[0], TouchpointKey(*position[1:]))
    found = snapshot.timeline([record.key for record in records], before, size + 1)
    return _page(found, size, ["timeline", whose], lambda last: (last.occurred, *last.key))


def all_records(snapshot: Snapshot, token: str, size: int) -> Page[Record]:
    """Return live records in order of key; a visitor's has no customer."""
    position = _position(token, ["records"], tuple[str, str])
    found = snapshot.all_records(position and RecordKey(*position), size + 1)
    return _page(found, size, ["records"], lambda last: last.key)


def records(whose: str, held: Sequence[Record], token: str, size: int) -> Page[Record]:
    """Return one customer's live records in order of key; `whose` as for `timeline`."""
    position = _position(token, ["records", whose], tuple[str, str])
    found = [record for record in held if position is None or record.key > position]
    found.sort(key=lambda record: record.key)
    return _page(found, size, ["records", whose], lambda last: last.key)


def relations(whose: str, held: Sequence[Relative], token: str, size: int) -> Page[Relative]:
    """Return those who are related to one customer in order of id; `whose` as for `timeline`."""
    position = _position(token, ["relations", whose], tuple[str])
    found = [each for each in held if position is None or each.customer > position[0]]
    return _page(found, size, ["relations", whose], lambda last: (last.customer,))


def changes(snapshot: Snapshot, after: int, token: str, size: int) -> Page[Change]:
    """Return changes of customers with a greater revision than `after`, in order."""
    position = _position(token, ["changes", str(after)], tuple[_Whole])
    found = snapshot.changes(position[0] if position else after, size + 1)
    return _page(found, size, ["changes", str(after)], lambda last: (last.revision,))


def suggestions(snapshot: Snapshot, token: str, size: int) -> Page[tuple[str, Suggestion]]:
    """Return suggestions with their ids, the heaviest first, then by id."""
    position = _position(token, ["suggestions"], tuple[_Whole, str])
    found = snapshot.suggestions(position, size + 1)
    return _page(found, size, ["suggestions"], lambda last: (last[1].weight, last[0]))


def judgements(snapshot: Snapshot, token: str, size: int, *, retracted: bool = False) -> Page[Judgement]:
    """Return judgements in order of revision, those that were retracted where they are asked for.

    Judgements of one revision are never parted: a page may be longer than `size`. It may be shorter
    where judgements were retracted, and another still follow.
    """
    of = ["judgements", str(retracted)]
    position = _position(token, of, tuple[_Whole])
    after = position[0] if position else 0
    found = snapshot.all_judgements(after, size)
    more = bool(found) and bool(snapshot.all_judgements(found[-1].revision, 1))
    told = tuple(judgement for judgement in found if retracted or judgement.retracted is None)
    return Page(told, _token(of, (found[-1].revision,)) if more else "")


def imports(snapshot: Snapshot, token: str, size: int) -> Page[Import]:
    """Return imports, the last created first."""
    position = _position(token, ["imports"], tuple[_Whole, str])
    found = snapshot.all_imports(position, size + 1)
    return _page(found, size, ["imports"], lambda last: (last.created, last.name))


def _page(
    found: Sequence[_Entry], size: int, of: Sequence[str], position: Callable[[_Entry], tuple[object, ...]]
) -> Page[_Entry]:
    """One entry more than the page holds was asked for: whether there is a next page."""
    entries = tuple(found[:size])
    return Page(entries, _token(of, position(entries[-1])) if len(found) > size else "")


def _list(of: Sequence[str]) -> str:
    """Which list a token belongs to, without telling whose."""
    return hashlib.sha256(msgspec.json.encode(of)).hexdigest()[:16]


def _token(of: Sequence[str], position: tuple[object, ...]) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode((_list(of), position))).decode("ascii")


def _position(token: str, of: Sequence[str], form: type[_Position]) -> _Position | None:
    """Return the position in a token of this list, None for the first page."""
    if not token:
        return None
    try:
        raw = base64.b64decode(token[:_LONGEST_TOKEN].encode("ascii"), altchars=b"-_", validate=True)
        found, position = msgspec.msgpack.decode(raw, type=tuple[str, form])  # type: ignore[valid-type]
    except (ValueError, msgspec.MsgspecError):
        found = ""
    if found != _list(of):
        raise Refusal("page_token_invalid", "not a token of this list", "page_token")
    return position
