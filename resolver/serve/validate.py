"""Every limit that the contract's comments state; all that a request breaks is told at once.

A request is walked once. What its fields may hold is compiled from its descriptor, from the tables below
and from `resolver.limits`, which the readers of files share; an enum holds only values that it has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Final, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from resolver import limits
from resolver.resolve.owning import OWNABLE
from resolver.resolve.settings import KINDS
from resolver.serve import convert
from resolver.serve.errors import Invalid, Violation
from resolver.v1 import identifier_pb2, record_pb2, resolution_service_pb2, stewardship_service_pb2

TOUCHPOINTS_A_MESSAGE: Final = 1000
LOOKUPS_A_BATCH: Final = 100

_COUNTS: Final = {
    "Evidence.identifiers": (0, limits.IDENTIFIERS),
    "Evidence.compared_attributes": (0, limits.ATTRIBUTES),
    "Touchpoint.references": (0, limits.REFERENCES),
    "MergeCustomersRequest.sides": (2, 100),
    "SplitCustomerRequest.parts": (1, 100),
    "RecordSet.records": (1, 100_000),
    "Policy.never_alone": (0, len(KINDS)),
    "FieldMask.paths": (1, 100),
}
_REQUIRED: Final = {
    "RecordTouchpointRequest": "touchpoint",
    "Touchpoint": "key occurred_time channel",
    "TouchpointKey": "source touchpoint_id",
    "RecordKey": "source record_id",
    "StatedIdentifier": "kind raw",
    "Attribute": "name",
    "Reference": "value",
    "Money": "currency_code",
    "UpsertRecordRequest": "key evidence",
    "DeleteRecordRequest": "key version",
    "ResolveRequest": "evidence",
    "LookupCustomerRequest": "key",
    "IdentifierQuery": "kind value",
    "ListTouchpointsRequest": "customer",
    "ListRelationsRequest": "customer",
    "RankChannelsRequest": "customer purpose",
    "CustomerSelector": "selector",
    "MergeCustomersRequest": "sides steward",
    "MergeSide": "customer",
    "SplitCustomerRequest": "parts steward",
    "RecordSet": "records",
    "RevertRequest": "target steward",
    "ExplainPair": "left right",
    "Supposition": "change",
    "SupposedRecord": "key evidence",
    "CreateImportRequest": "file",
    "GetImportRequest": "name",
    "CancelImportRequest": "name",
}
_REQUIRED_WHERE: Final = {"Touchpoint.record": "", "UpsertRecordRequest.key": "source"}
"""What a key requires in a field where it may be left incomplete."""

_FORMS: Final = {
    "Touchpoint.channel": (limits.CHANNEL, "lower-case letters, digits and _ are expected"),
    "Evidence.region": (limits.REGION, "an ISO 3166 alpha-2 code is expected"),
    "IdentifierQuery.region": (limits.REGION, "an ISO 3166 alpha-2 code is expected"),
    "CreateImportRequest.name": (limits.IMPORT, "letters, digits, '.', '_' and '-' are expected"),
    "CreateImportRequest.region": (limits.REGION, "an ISO 3166 alpha-2 code is expected"),
    "Money.currency_code": (limits.CURRENCY, "an ISO 4217 code is expected"),
}
_UNBOUNDED: Final = frozenset({"page_token"})
"""Texts whose form the server itself has given them; `pages` judges them."""

# A handle without its platform is taken: files have such columns, and a profile's URL tells by itself.
_SCOPED: Final = frozenset(
    (
        identifier_pb2.IDENTIFIER_KIND_EXTERNAL,
        identifier_pb2.IDENTIFIER_KIND_GOVERNMENT,
    )
)
_OWNABLE: Final = frozenset(
    identifier_pb2.IdentifierKind.Value(f"IDENTIFIER_KIND_{kind.name}") for kind in OWNABLE
)


@dataclass(slots=True)
class Findings:
    """What is wrong with a request so far. `now` is the server's clock, in microseconds since 1970."""

    now: int
    government_ids: bool
    violations: list[Violation] = field(default_factory=list)

    def add(self, path: str, reason: str, description: str) -> None:
        """Note one field at fault."""
        self.violations.append(Violation(path, reason, description))


_Check = Callable[[Any, str, Findings], None]


def check(request: Message, *, now: int, government_ids: bool) -> None:
    """Refuse a request that breaks a limit of the contract.

    Raises `Invalid` with every field at fault. The entries of a stream's message and of a batch of lookups
    are left out: they are checked, and refused, one by one.
    """
    found = Findings(now, government_ids)
    _message(request, "", found)
    if found.violations:
        raise Invalid(found.violations)


def entries(count: int, most: int, path: str) -> None:
    """Refuse a message of no entries or too many."""
    if count < 1:
        raise Invalid([Violation(path, "field_required", "at least 1 is needed")])
    if count > most:
        raise Invalid([Violation(path, "field_too_large", f"more than {most:,}")])


# -- the walk ----------------------------------------------------------------------------------


def _message(message: Message, path: str, found: Findings, required: tuple[str, ...] | None = None) -> None:
    plan = _plan(message.DESCRIPTOR)
    for name in plan.required if required is None else required:
        if not _given(message, name):
            found.add(f"{path}{name}", "field_required", "required")
    for descriptor, value in message.ListFields():
        fault = plan.checks.get(descriptor.name)
        if fault is not None:
            fault(value, f"{path}{descriptor.name}", found)
    if plan.whole is not None:
        plan.whole(message, path, found)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one type of message must hold, what each field may, and what only shows on the whole."""

    required: tuple[str, ...]
    checks: Mapping[str, _Check]
    whole: _Check | None


@lru_cache(maxsize=256)
def _plan(descriptor: Descriptor) -> _Plan:
    checks = {each.name: _field_check(descriptor.name, each) for each in descriptor.fields}
    return _Plan(
        tuple(_REQUIRED.get(descriptor.name, "").split()),
        {name: fault for name, fault in checks.items() if fault is not None},
        _WHOLE.get(descriptor.name),
    )


def _given(message: Message, name: str) -> bool:
    descriptor = message.DESCRIPTOR
    if name in descriptor.oneofs_by_name:
        return message.WhichOneof(name) is not None
    if descriptor.fields_by_name[name].has_presence:
        return message.HasField(name)
    return bool(getattr(message, name))


def _field_check(owner: str, descriptor: FieldDescriptor) -> _Check | None:
    """How one field is judged; None where anything goes."""
    name = f"{owner}.{descriptor.name}"
    if name in {"StreamTouchpointsRequest.touchpoints", "BatchLookupCustomersRequest.requests"}:
        return None
    match descriptor.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            if descriptor.name in _UNBOUNDED or descriptor.type == FieldDescriptor.TYPE_BYTES:
                return None
            if descriptor.is_repeated:
                return partial(_texts, *_COUNTS[name], limits.text_rule(name))
            return partial(_text, limits.text_rule(name), _FORMS.get(name))
        case FieldDescriptor.CPPTYPE_ENUM:
            return partial(_enum, frozenset(cast(EnumDescriptor, descriptor.enum_type).values_by_number))
        case FieldDescriptor.CPPTYPE_MESSAGE:
            return _message_check(name, descriptor)
        case FieldDescriptor.CPPTYPE_INT32 | FieldDescriptor.CPPTYPE_INT64:
            return _INTEGERS.get(descriptor.name)
    return None


def _message_check(name: str, descriptor: FieldDescriptor) -> _Check | None:
    kind = cast(Descriptor, descriptor.message_type)
    if kind.GetOptions().map_entry:
        return _attributes
    if kind.full_name == "google.protobuf.Timestamp":
        return _time
    if kind.full_name == "google.protobuf.Duration":
        return _duration
    if descriptor.is_repeated:
        return partial(_list, *_COUNTS[name])
    required = _REQUIRED_WHERE.get(name)
    return partial(_part, None if required is None else tuple(required.split()))


def _part(required: tuple[str, ...] | None, message: Message, path: str, found: Findings) -> None:
    _message(message, f"{path}.", found, required)


def _list(least: int, most: int, items: Any, path: str, found: Findings) -> None:  # noqa: ANN401
    if len(items) > most:
        found.add(path, "field_too_large", f"more than {most:,} entries")
        return
    if len(items) < least:
        found.add(path, "field_required", f"at least {least} are needed")
    for place, item in enumerate(items):
        _message(item, f"{path}[{place}].", found)


# -- values ------------------------------------------------------------------------------------


def _text(
    rule: limits.TextRule, form: tuple[re.Pattern[str], str] | None, text: str, path: str, found: Findings
) -> None:
    fault = rule.fault(text)
    if fault is not None:
        found.add(path, *fault)
    elif form is not None and not form[0].fullmatch(text):
        found.add(path, "field_invalid", form[1])


def _texts(
    least: int, most: int, rule: limits.TextRule, items: Sequence[str], path: str, found: Findings
) -> None:
    if not least <= len(items) <= most:
        found.add(path, "field_too_large", f"{least} to {most:,} entries are expected")
        return
    for place, item in enumerate(items):
        _text(rule, None, item, f"{path}[{place}]", found)


def _enum(numbers: frozenset[int], value: int, path: str, found: Findings) -> None:
    if value not in numbers:
        found.add(path, "field_invalid", "not a value of its enum")


def _not_negative(value: int, path: str, found: Findings) -> None:
    if value < 0:
        found.add(path, "field_invalid", "negative")


def _revision(value: int, path: str, found: Findings) -> None:
    if value < 1:
        found.add(path, "field_invalid", "a revision is 1 or greater")


_INTEGERS: Final[Mapping[str, _Check]] = {
    "page_size": _not_negative,
    "min_revision": _not_negative,
    "after_revision": _not_negative,
    "max_candidates": _not_negative,
    "revision": _revision,
}


def _time(value: Any, path: str, found: Findings) -> None:  # noqa: ANN401
    if not 0 <= value.nanos < 1_000_000_000:
        found.add(path, "field_invalid", "nanos lie outside a second")
    elif fault := limits.time_fault(convert.micros(value), found.now + limits.A_DAY):
        found.add(path, *fault)


def _duration(value: Any, path: str, found: Findings) -> None:  # noqa: ANN401
    # 315,576,000,000 seconds are what google.protobuf.Duration may hold: ten thousand years.
    if value.seconds < 0 or value.nanos < 0:
        found.add(path, "field_invalid", "negative")
    elif value.nanos >= 1_000_000_000 or value.seconds > 315_576_000_000:
        found.add(path, "field_invalid", "not a duration")


_KEY: Final = limits.text_rule("attributes.key")
_VALUE: Final = limits.text_rule("attributes.value")


def _attributes(attributes: Any, path: str, found: Findings) -> None:  # noqa: ANN401
    if len(attributes) > limits.ATTRIBUTES:
        found.add(path, "field_too_large", f"more than {limits.ATTRIBUTES} entries")
        return
    for key in attributes:
        if not key:
            found.add(path, "field_required", "a key is empty")
        _text(_KEY, None, key, path, found)
        _text(_VALUE, None, attributes[key], path, found)


# -- what only shows on the whole --------------------------------------------------------------


def _identifier(identifier: identifier_pb2.StatedIdentifier, path: str, found: Findings) -> None:
    if identifier.kind in _SCOPED and not identifier.namespace:
        found.add(f"{path}namespace", "field_required", "this kind needs its platform or system")
    if identifier.kind == identifier_pb2.IDENTIFIER_KIND_GOVERNMENT and not found.government_ids:
        found.add(f"{path}kind", "government_id_not_accepted", "government ids are not taken here")


_MOST_CANDIDATES: Final = 100


def _resolve(request: resolution_service_pb2.ResolveRequest, path: str, found: Findings) -> None:
    if request.max_candidates > _MOST_CANDIDATES:
        found.add(f"{path}max_candidates", "field_too_large", f"more than {_MOST_CANDIDATES}")


def _split(request: Any, path: str, found: Findings) -> None:  # noqa: ANN401
    if not request.HasField("customer") and len(request.parts) == 1:
        found.add(f"{path}parts", "field_required", "without a customer at least 2 are needed")
    seen: set[tuple[str, str]] = set()
    for place, part in enumerate(request.parts):
        keys = {(key.source, key.record_id) for key in part.records}
        if keys & seen:
            found.add(f"{path}parts[{place}].records", "field_invalid", "a record stands in two parts")
        seen |= keys


def _explain(request: stewardship_service_pb2.ExplainRequest, path: str, found: Findings) -> None:
    supposed = request.what_if.WhichOneof("change")
    if request.WhichOneof("subject") is None and supposed in {None, "merge_threshold"}:
        found.add(f"{path}subject", "field_required", "required")
    if supposed == "judgement" and not request.HasField("pair"):
        found.add(f"{path}pair", "field_required", "required: a judgement is of a pair")


def _supposition(supposed: stewardship_service_pb2.Supposition, path: str, found: Findings) -> None:
    kind = supposed.blocked_identifier.kind
    if supposed.HasField("blocked_identifier") and kind and kind not in _OWNABLE:
        found.add(f"{path}blocked_identifier.kind", "field_invalid", "this kind cannot be blocked")
    if supposed.HasField("judgement") and not supposed.judgement:
        found.add(f"{path}judgement", "field_required", "required")


def _supposed_record(supposed: stewardship_service_pb2.SupposedRecord, path: str, found: Findings) -> None:
    for place, name in enumerate(supposed.update_mask.paths):
        if name not in record_pb2.Evidence.DESCRIPTOR.fields_by_name:
            found.add(f"{path}update_mask.paths[{place}]", "field_invalid", "not a field of evidence")


_WHOLE: Final[Mapping[str, _Check]] = {
    "ExplainRequest": _explain,
    "Supposition": _supposition,
    "SupposedRecord": _supposed_record,
    "StatedIdentifier": _identifier,
    "IdentifierQuery": _identifier,
    "ResolveRequest": _resolve,
    "SplitCustomerRequest": _split,
}
