"""A row's cells become a record's evidence and, where it has a channel and a time, a touchpoint.

Pure: cells in, a `Row` or a `Reject` out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from graph.model import Direction, Evidence, IdentifierKind, PartyType, StatedIdentifier
from resolver import limits
from resolver.batch import times
from resolver.batch.groups import ADDRESS, PERSON, Groups
from resolver.batch.mapping import ATTRIBUTE, IDENTIFIERS, ColumnMapping, Field
from resolver.normalise import several
from resolver.normalise.evidence import Settings, normalise, usable
from resolver.normalise.legible import is_legible
from resolver.normalise.place import country
from resolver.normalise.text import is_placeholder
from resolver.resolve.keys import own_record_id

MAX_FIELD = 1_000_000
"""The longest field taken, in characters."""
DEFAULT_SOURCE = "default"
"""Of rows that come from nowhere that has a name; a file's are called after it (`inputs.source_of`)."""

_PLATFORMS = frozenset(
    (
        *("instagram", "facebook", "messenger", "twitter", "x", "tiktok", "linkedin", "telegram"),
        *("snapchat", "youtube", "pinterest", "reddit", "threads", "mastodon", "bluesky", "wechat"),
        *("kakaotalk", "discord", "whatsapp"),
    )
)
_ALIASES = {"x": "twitter"}
_DIRECTIONS = {
    "inbound": Direction.INBOUND,
    "incoming": Direction.INBOUND,
    "in": Direction.INBOUND,
    "outbound": Direction.OUTBOUND,
    "outgoing": Direction.OUTBOUND,
    "out": Direction.OUTBOUND,
    "unspecified": Direction.UNSPECIFIED,
}
_PARTIES = {
    "person": PartyType.PERSON,
    "individual": PartyType.PERSON,
    "consumer": PartyType.PERSON,
    "organisation": PartyType.ORGANISATION,
    "organization": PartyType.ORGANISATION,
    "company": PartyType.ORGANISATION,
    "business": PartyType.ORGANISATION,
    "unknown": PartyType.UNKNOWN,
}
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_TEXTS = (
    "given_name",
    "middle_name",
    "family_name",
    "full_name",
    "organisation",
    "birth_date",
    "house_number",
    "street",
    "postcode",
    "city",
    "state",
    "country",
)

_ANY = Settings(government_secret=b"-")
"""Under which government ids are identifiers too; what they are hashed to is not kept."""
_POSTCODE_AND_CITY = re.compile(
    r"(\d{4} ?(?!LA|LE|ST|DE|EN)[A-Z]{2}(?=[ ,]|$)|(?:[A-Za-z]{1,3}[- ]?)?\d[\d-]*(?: \d{2,3})?)"
    r"(?:,?\s+('?[^\W\d].*))?"
)
"""80331 München, CH-8001 Zürich, 1012 AB Amsterdam, 2300 LA CHAUX-DE-FONDS, 100 00 Praha, 75001."""
_written = json.JSONEncoder(ensure_ascii=False).encode
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TouchpointFields:
    """What a row says of a contact beside the party's evidence; see `graph.model.Touchpoint`.

    `touchpoint_id` is the source's, else the digest of the whole row. `occurred` and `duration` are in
    microseconds, `value` is in micro-units of `currency`, a code in capitals. `channel` is as the contract
    writes it (`Web shop` is `web_shop`), `references` are as written.
    """

    touchpoint_id: str
    occurred: int
    channel: str
    direction: Direction = Direction.UNSPECIFIED
    kind: str = ""
    purpose: str = ""
    conversation: str = ""
    outcome: str = ""
    automated: bool = False
    agent: str = ""
    location: str = ""
    duration: int | None = None
    value: int | None = None
    currency: str = ""
    address: str = ""
    references: tuple[StatedIdentifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One usable row.

    `number` counts data rows from 1, rejected ones too; `line` is where it starts in the file (for
    Parquet the same as `number`). `record_id` is empty where the file names none. `version` is the
    record's: what the source gave, else the touchpoint's time, else None. `touchpoint` is None where
    the row has no channel or no time: then it is a record alone, and references are in its evidence.
    `own_id` is made up for a record alone that has no id and holds no usable identifier, of all its cells;
    else it is empty (see `repeats`). `raw` is the row as it came, for the reject file should the service
    refuse it.
    `unread` are the columns of which it says something that cannot be read.
    """

    number: int
    line: int
    source: str
    record_id: str
    evidence: Evidence
    touchpoint: TouchpointFields | None
    version: int | None
    raw: str = ""
    own_id: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken: where and why.

    `field` is the column, empty where it is the whole row. `raw` is the row as it came, the user's own
    data: for the reject file, never for a log.
    """

    number: int
    line: int
    reason: str
    field: str
    raw: str


class Refused(Exception):
    """Why a row is not taken."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class Line(NamedTuple):
    """A row as it stands in a file, before anything is made of it.

    `number` counts rows from 1, damaged ones too; `line` is where it starts in the file. `cells` are in
    the header's order, or why there are none. `raw` is the row as it came.
    """

    number: int
    line: int
    cells: Sequence[str] | Refused
    raw: str


class RowMaker:
    """Makes rows of cells, for one mapping and its settings (see `rows`)."""

    def __init__(
        self, mapping: ColumnMapping, *, source: str = "", region: str = "", latest: int | None = None
    ) -> None:
        self._header = mapping.header
        self._places = {name: mapping.of(name) for name in {c.field.name for c in mapping.columns}}
        self._identifiers = [
            (c.place, IdentifierKind(c.field.name), c.field)
            for c in mapping.columns
            if c.field.name in IDENTIFIERS
        ]
        self._groups = [Groups(mapping.columns, fields) for fields in (PERSON, ADDRESS)]
        self._texts = [
            (name, tuple(c.place for c in self._places[name]))
            for name in _TEXTS
            if name in self._places and name not in {*PERSON, *ADDRESS}
        ]
        self._read = [
            (c.place, c.name, c.field.name)
            for c in mapping.columns
            if c.field.name in IDENTIFIERS or c.field.name in {"record_id", "birth_date"}
        ]
        self._attributes = [(c.place, c.field.namespace) for c in self._places.get(ATTRIBUTE, ())]
        self._contact = [part for part in self._contact_parts() if part[1] in self._places]
        self._namespaces = tuple({column.field.namespace for column in mapping.columns})
        self._source = source or DEFAULT_SOURCE
        self._usual_channel = mapping.channel
        self._region = region
        self._latest = latest

    def _contact_parts(self) -> list[tuple[str, str, Callable[[Sequence[str], str], Any]]]:
        """What a row may say of a contact: its name there, the mapping's field, and how it is read."""
        text = self._text
        return [
            ("direction", "direction", self._direction),
            ("kind", "kind", text),
            ("purpose", "purpose", text),
            ("conversation", "conversation", text),
            ("outcome", "outcome", text),
            ("automated", "automated", self._automated),
            ("agent", "agent", text),
            ("location", "location", text),
            ("duration", "duration", self._duration),
            ("value", "value", self._amount),
            ("currency", "currency", self._currency),
            ("address", "contact_address", text),
            ("references", "reference", self._references),
        ]

    def __call__(self, number: int, line: int, cells: Sequence[str] | Refused, raw: str = "") -> Row | Reject:
        """The row of a `Line`, or why it is not one."""
        if isinstance(cells, Refused):
            return Reject(number, line, cells.reason, cells.field, raw)
        try:
            return self._row(number, line, cells, raw)
        except Refused as refused:
            return Reject(number, line, refused.reason, refused.field, raw)

    def _row(self, number: int, line: int, cells: Sequence[str], raw: str) -> Row:
        self._check(cells)
        source = self._text(cells, "source") or self._source
        touchpoint = self._touchpoint(cells)
        version = self._version(cells)
        if version is None and touchpoint is not None:
            version = touchpoint.occurred
        evidence = self._evidence(cells, source, references=touchpoint is None)
        record_id = self._opaque(cells, "record_id")
        alone = not record_id and touchpoint is None and not _identifies(evidence)
        own_id = own_record_id(_digest(cells)) if alone else ""
        unread = self._unread(cells)
        row = Row(number, line, source, record_id, evidence, touchpoint, version, raw, own_id, unread)
        texts = (*cells, source, *self._namespaces)
        most = max(len(cells), len(evidence.identifiers))
        if most > limits.SHORT or not limits.harmless(max(map(len, texts)), "".join(texts)):
            self._refuse_beyond_limits(row, cells)
        return row

    def _refuse_beyond_limits(self, row: Row, cells: Sequence[str]) -> None:
        """Refuse a row of which the contract's limits let no request be made."""
        evidence, contact = row.evidence, row.touchpoint
        if len(evidence.identifiers) > limits.IDENTIFIERS:
            raise Refused(f"more than {limits.IDENTIFIERS} identifiers")
        if len(evidence.compared_attributes) > limits.ATTRIBUTES:
            raise Refused(f"more than {limits.ATTRIBUTES} attributes")
        if contact is not None and len(contact.references) > limits.REFERENCES:
            raise Refused(f"more than {limits.REFERENCES} references")
        for rule, text, field in _limited(row):
            fault = limits.text_rule(rule).fault(text)
            if fault is not None:
                raise Refused(fault.description, self._holder(cells, field, text))

    def _holder(self, cells: Sequence[str], field: str, text: str) -> str:
        """The column that a text of the row is from."""
        for place, cell in enumerate(cells):
            if cell == text:
                return self._header[place]
        return self._column(cells, field)[1]

    def _check(self, cells: Sequence[str]) -> None:
        """Refuse damage, wherever in the row it stands."""
        if len(cells) != len(self._header):
            raise Refused(f"has {len(cells)} fields where the header has {len(self._header)}")
        whole = "".join(cells)
        if len(whole) > MAX_FIELD:
            self._refuse_where(cells, lambda cell: len(cell) > MAX_FIELD, "longer than 1 MB")
        if not whole.isascii() and not is_text(whole):
            self._refuse_where(cells, lambda cell: not is_text(cell), "not valid UTF-8")

    def _refuse_where(self, cells: Sequence[str], fault: Callable[[str], bool], reason: str) -> None:
        for name, cell in zip(self._header, cells, strict=True):
            if fault(cell):
                raise Refused(reason, name)

    def _column(self, cells: Sequence[str], field: str) -> tuple[str, str]:
        """The first filled column of a field: its text without blanks around it, and its name."""
        for column in self._places.get(field, ()):
            text = cells[column.place].strip()
            if text:
                return text, column.name
        return "", ""

    def _text(self, cells: Sequence[str], field: str) -> str:
        return self._column(cells, field)[0]

    def _opaque(self, cells: Sequence[str], field: str) -> str:
        """An id byte for byte, blanks around it too; of blanks alone, or of what stands for none, none."""
        for column in self._places.get(field, ()):
            if cells[column.place].strip() and not is_placeholder(cells[column.place]):
                return cells[column.place]
        return ""

    def _evidence(self, cells: Sequence[str], source: str, *, references: bool) -> Evidence:
        """The evidence as written, a surname between its prefix and suffix; a cell of blanks is absent."""
        texts: dict[str, Any] = {}
        for name, places in self._texts:
            for place in places:
                if cells[place] and not cells[place].isspace():
                    texts.setdefault(name, cells[place])
                    if name != "full_name" or any(map(str.isalpha, cells[place])):
                        texts[name] = cells[place]
                        break
        for group in self._groups:
            texts.update(group.texts(cells))
        beside = [texts.pop(name, "").strip() for name in ("family_prefix", "name_suffix")]
        if "family_name" in texts and any(beside):
            texts["family_name"] = " ".join(filter(None, (beside[0], texts["family_name"], beside[1])))
        if "postcode_city" in texts:
            postcode, city = _postcode_and_city(texts.pop("postcode_city"))
            texts["postcode"] = texts.get("postcode") or postcode
            texts["city"] = texts.get("city") or city
        return Evidence(
            identifiers=self._stated(cells, source, references=references),
            party_type=self._one_of(cells, "party_type", _PARTIES, PartyType.UNKNOWN),
            region=self._region,
            compared_attributes=self._compared(cells),
            **texts,
        )

    def _compared(self, cells: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """The attributes that take part in matching, each pair of name and value once."""
        filled = {
            (name, cells[place])
            for place, name in self._attributes
            if cells[place] and not cells[place].isspace()
        }
        return tuple(sorted(filled))

    def _stated(self, cells: Sequence[str], source: str, *, references: bool) -> tuple[StatedIdentifier, ...]:
        """Every identifier of the row but a touchpoint's references, each once."""
        found: dict[StatedIdentifier, None] = {}
        for place, kind, field in self._identifiers:
            raw = cells[place]
            if not raw or raw.isspace() or (kind is IdentifierKind.REFERENCE and not references):
                continue
            namespace = self._namespace(cells, field, source)
            for part in several.parts(kind, raw, self._text(cells, "country"), self._region):
                found[StatedIdentifier(kind, part, namespace)] = None
        return tuple(found)

    def _unread(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The columns of which the cell says something that cannot be read."""
        region = country(self._text(cells, "country")) or country(self._region)
        return tuple(
            name
            for at, name, field in self._read
            if (raw := cells[at]) and not raw.isspace()
            if not is_legible(field, raw, region)
        )

    def _namespace(self, cells: Sequence[str], field: Field, source: str) -> str:
        """A handle's platform, from the row where the column's name does not say; an id's own system."""
        if field.namespace:
            return field.namespace
        if field.name == "external":
            return source
        if field.name != "handle":
            return ""
        platform = self._text(cells, "platform").lower()
        if not platform:
            channel = self._told_channel(cells).lower()
            platform = channel if channel in _PLATFORMS else ""
        return _ALIASES.get(platform, platform)

    def _touchpoint(self, cells: Sequence[str]) -> TouchpointFields | None:
        if not self._told_channel(cells) or not self._text(cells, "occurred"):
            return None
        return TouchpointFields(
            touchpoint_id=self._opaque(cells, "touchpoint_id") or _digest(cells),
            occurred=self._time(cells, "occurred"),
            channel=self._channel(cells),
            **{name: read(cells, field) for name, field, read in self._contact},
        )

    def _told_channel(self, cells: Sequence[str]) -> str:
        """The row's channel as written, else that of rows which name none."""
        return self._text(cells, "channel") or self._usual_channel

    def _channel(self, cells: Sequence[str]) -> str:
        channel = re.sub("[^a-z0-9]+", "_", self._told_channel(cells).lower()).strip("_")
        if not channel:
            raise Refused("not a channel: letters or digits are expected", self._column(cells, "channel")[1])
        return channel

    def _references(self, cells: Sequence[str], field: str) -> tuple[StatedIdentifier, ...]:
        found = {
            StatedIdentifier(IdentifierKind.REFERENCE, cells[c.place], c.field.namespace): None
            for c in self._places[field]
            if cells[c.place].strip()
        }
        return tuple(found)

    def _time(self, cells: Sequence[str], field: str) -> int:
        text, name = self._column(cells, field)
        try:
            moment = times.micros(text, self._region == "US")
        except ValueError as error:
            raise Refused(str(error), name) from None
        fault = limits.time_fault(moment, self._latest)
        if fault is not None:
            raise Refused(fault.description, name)
        return moment

    def _version(self, cells: Sequence[str]) -> int | None:
        """A whole number, or the time of the last change."""
        text, name = self._column(cells, "version")
        if not text:
            return None
        if re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            return int(text)
        try:
            return times.micros(text, self._region == "US")
        except ValueError:
            raise Refused("neither a whole number nor a time", name) from None

    def _direction(self, cells: Sequence[str], field: str) -> Direction:
        return self._one_of(cells, field, _DIRECTIONS, Direction.UNSPECIFIED)

    def _automated(self, cells: Sequence[str], field: str) -> bool:
        return self._one_of(cells, field, _TRUTHS, False)

    def _duration(self, cells: Sequence[str], field: str) -> int | None:
        """Seconds, or hours, minutes and seconds with colons; microseconds."""
        text, name = self._column(cells, field)
        if not text:
            return None
        if re.fullmatch(r"[0-9]{1,9}([.][0-9]{1,6})?", text):
            return int(Decimal(text) * 1_000_000)
        if re.fullmatch(r"([0-9]{1,4}:)?[0-9]{1,4}:[0-5][0-9]", text):
            seconds = 0
            for part in text.split(":"):
                seconds = seconds * 60 + int(part)
            return seconds * 1_000_000
        raise Refused("not a duration: write seconds, or 1:02:03", name)

    def _amount(self, cells: Sequence[str], field: str) -> int | None:
        """An amount in micro-units; a comma only where it can be nothing but the decimal sign."""
        text, name = self._column(cells, field)
        if not text:
            return None
        if not re.fullmatch(r"[+-]?[0-9]{1,12}([.][0-9]{1,6}|,[0-9]{1,2})?", text):
            raise Refused("not an amount: write 1234.56", name)
        return int(Decimal(text.replace(",", ".")) * 1_000_000)

    def _currency(self, cells: Sequence[str], field: str) -> str:
        text, name = self._column(cells, field)
        if text and self._text(cells, "value") and not limits.CURRENCY.fullmatch(text.upper()):
            raise Refused("not an ISO 4217 code of three letters", name)
        return text.upper()

    def _one_of(self, cells: Sequence[str], field: str, words: Mapping[str, _T], absent: _T) -> _T:
        text, name = self._column(cells, field)
        if not text:
            return absent
        if text.lower() not in words:
            raise Refused(f"not one of {', '.join(words)}", name)
        return words[text.lower()]


def _postcode_and_city(text: str) -> tuple[str, str]:
    """A postcode and the city behind it, as they stand in one cell; without the one all is the other."""
    found = _POSTCODE_AND_CITY.fullmatch(text.strip())
    return (found[1], found[2] or "") if found else ("", text)


def _identifies(evidence: Evidence) -> bool:
    """Whether an identifier of the evidence is usable, whatever a company's own settings say of it."""
    if not evidence.identifiers:
        return False
    stated = Evidence(identifiers=evidence.identifiers, country=evidence.country, region=evidence.region)
    return usable(normalise(stated, _ANY))


def _limited(row: Row) -> Iterator[tuple[str, str, str]]:
    """Each text of a row with its name in the contract and the mapping's field that it is from."""
    yield "RecordKey.source", row.source, "source"
    yield "RecordKey.record_id", row.record_id, "record_id"
    for name in _TEXTS:
        yield f"Evidence.{name}", getattr(row.evidence, name), name
    for stated in row.evidence.identifiers:
        yield "StatedIdentifier.namespace", stated.namespace, "platform"
        yield "StatedIdentifier.raw", stated.raw, stated.kind.value
    for name, value in row.evidence.compared_attributes:
        yield "Attribute.name", name, ATTRIBUTE
        yield "Attribute.value", value, ATTRIBUTE
    contact = row.touchpoint
    if contact is None:
        return
    yield "TouchpointKey.touchpoint_id", contact.touchpoint_id, "touchpoint_id"
    for name in ("channel", "kind", "purpose", "conversation", "outcome", "agent", "location"):
        yield f"Touchpoint.{name}", getattr(contact, name), name
    yield "Touchpoint.address", contact.address, "contact_address"
    for reference in contact.references:
        yield "Reference.namespace", reference.namespace, "reference"
        yield "Reference.value", reference.raw, "reference"


def is_text(text: str) -> bool:
    """Whether it can be written in UTF-8: bytes that were none stand in it as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _digest(cells: Sequence[str]) -> str:
    """Names a row without an id by all that it holds, in the header's order, unknown columns too."""
    return hashlib.sha256(_written(list(cells)).encode()).hexdigest()
