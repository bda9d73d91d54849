"""What `resolver explain` may be asked to suppose, as options and as what the service is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Optional

import typer
from google.protobuf.field_mask_pb2 import FieldMask

from resolver.config import scoped
from resolver.resolve.settings import PRESETS
from resolver.v1 import identifier_pb2, record_pb2
from resolver.v1 import stewardship_service_pb2 as pb

_Value = Optional[str]  # noqa: UP045 - typer reads it

IfMerge = Annotated[
    _Value,
    typer.Option(
        "--if-merge", metavar="P|PRESET", help="What if customers were merged from this probability: .95."
    ),
]
IfBlocked = Annotated[
    _Value,
    typer.Option(
        "--if-blocked",
        metavar="KIND:[NAMESPACE:]VALUE",
        help="What if this phone, email, handle or loyalty card weighed nothing: phone:+31612345678.",
    ),
]
IfDeleted = Annotated[
    _Value,
    typer.Option("--if-deleted", metavar="SOURCE:RECORD_ID", help="What if this record were deleted."),
]
IfStated = Annotated[
    _Value,
    typer.Option(
        "--if-stated", metavar="SOURCE:RECORD_ID", help="What if this record stated what --set says."
    ),
]
Set = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--set", metavar="FIELD=VALUE", help="For --if-stated: birth_date=1985-11-30; may be repeated."
    ),
]
IfApart = Annotated[bool, typer.Option("--if-apart", help="What if a steward told the two apart.")]
IfTogether = Annotated[bool, typer.Option("--if-together", help="What if a steward made the two one.")]

_KINDS: Final = {
    "phone": identifier_pb2.IDENTIFIER_KIND_PHONE,
    "email": identifier_pb2.IDENTIFIER_KIND_EMAIL,
    "handle": identifier_pb2.IDENTIFIER_KIND_HANDLE,
    "loyalty": identifier_pb2.IDENTIFIER_KIND_LOYALTY,
}
_SCOPED: Final = frozenset({"handle", "loyalty"})
_TEXTS: Final = frozenset(
    field.name
    for field in record_pb2.Evidence.DESCRIPTOR.fields
    if field.cpp_type == field.CPPTYPE_STRING and not field.is_repeated
)


@dataclass(frozen=True, slots=True)
class Given:
    """The options as they were typed."""

    merge: str | None
    blocked: str | None
    deleted: str | None
    stated: str | None
    fields: Sequence[str]
    apart: bool
    together: bool

    def supposition(self) -> pb.Supposition | None:
        """What is supposed, None where nothing is. Raises typer.BadParameter."""
        if (self.stated is None) != (not self.fields):
            raise typer.BadParameter("--if-stated needs --set FIELD=VALUE, and --set needs it")
        found = [
            *([_merging(self.merge)] if self.merge is not None else []),
            *(
                [pb.Supposition(blocked_identifier=_blocked(self.blocked))]
                if self.blocked is not None
                else []
            ),
            *([pb.Supposition(deleted_record=_key(self.deleted))] if self.deleted is not None else []),
            *([pb.Supposition(record=_stated(self.stated, self.fields))] if self.stated is not None else []),
            *([pb.Supposition(judgement=pb.SUPPOSED_JUDGEMENT_APART)] if self.apart else []),
            *([pb.Supposition(judgement=pb.SUPPOSED_JUDGEMENT_TOGETHER)] if self.together else []),
        ]
        if len(found) > 1:
            raise typer.BadParameter("suppose one thing at a time")
        return found[0] if found else None


def _merging(text: str) -> pb.Supposition:
    try:
        threshold = {str(name): merge for name, merge in PRESETS.items()}.get(text) or float(text)
    except ValueError:
        told = f"--if-merge: a probability or one of {', '.join(PRESETS)} is expected"
        raise typer.BadParameter(told) from None
    return pb.Supposition(merge_threshold=threshold)


def _blocked(text: str) -> identifier_pb2.StatedIdentifier:
    kind, _, rest = text.partition(":")
    if kind not in _KINDS or not rest:
        raise typer.BadParameter(f"--if-blocked: KIND:VALUE is expected, of {', '.join(_KINDS)}")
    namespace, value = scoped(rest) if kind in _SCOPED else ("", rest)
    return identifier_pb2.StatedIdentifier(kind=_KINDS[kind], namespace=namespace, raw=value)


def _key(text: str) -> record_pb2.RecordKey:
    source, colon, record_id = text.partition(":")
    if not (source and colon and record_id):
        raise typer.BadParameter("a record is SOURCE:RECORD_ID")
    return record_pb2.RecordKey(source=source, record_id=record_id)


def _stated(record: str, fields: Sequence[str]) -> pb.SupposedRecord:
    said = dict(field.partition("=")[::2] for field in fields)
    unknown = sorted(said.keys() - _TEXTS)
    if unknown:
        raise typer.BadParameter(f"--set: {', '.join(unknown)}: known are {', '.join(sorted(_TEXTS))}")
    evidence = record_pb2.Evidence(**said)  # type: ignore[arg-type]
    mask = FieldMask(paths=sorted(said))
    return pb.SupposedRecord(key=_key(record), evidence=evidence, update_mask=mask)
