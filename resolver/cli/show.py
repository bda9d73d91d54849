"""Customers and explanations as a person reads them on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import accumulate

from google.protobuf.timestamp_pb2 import Timestamp
from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from resolver.v1 import (
    channel_pb2,
    customer_pb2,
    customer_service_pb2,
    explanation_pb2,
    identifier_pb2,
    record_pb2,
    relation_pb2,
    stewardship_service_pb2,
    suggestion_pb2,
    touchpoint_pb2,
)

_FIELDS = (
    *("given_name", "middle_name", "family_name", "full_name", "organisation", "birth_date"),
    *("street", "house_number", "postcode", "city", "state", "country"),
)


def console(widest: int = 160) -> Console:
    """The terminal, or a file or pipe in its place, which are as wide as may be."""
    terminal = Console(highlight=False)
    width = min(terminal.width, widest) if terminal.is_terminal else widest
    return Console(highlight=False, width=width)


def key(record: record_pb2.RecordKey) -> str:
    """A record as commands take it: SOURCE:RECORD_ID."""
    return f"{record.source}:{record.record_id}"


def short_key(record: record_pb2.RecordKey) -> str:
    """The same to be read and not copied: of a key that was derived, without its digest."""
    whole = key(record)
    derived = re.match(r"[^:]*:~\w+:", whole)
    return f"{derived.group()[:-1]}…" if derived else whole


def _word(name: str, prefix: str) -> str:
    """An enum's value as a person reads it."""
    return name.removeprefix(prefix).lower().replace("_", " ")


def moment(time: Timestamp) -> str:
    """A time in UTC, to the minute."""
    return datetime.fromtimestamp(time.seconds, UTC).strftime("%Y-%m-%d %H:%M")


def lookup_card(reply: customer_service_pb2.LookupCustomerResponse) -> RenderableType:
    """What a lookup came to."""
    status = customer_service_pb2.LookupStatus.Name(reply.status).removeprefix("LOOKUP_STATUS_").lower()
    if reply.HasField("customer"):
        card = customer_card(reply.customer)
        redirected = f"{reply.redirected_from} is now {reply.customer.id}" if reply.redirected_from else ""
        preferred = preferred_lines(reply.preferred_channel if reply.HasField("preferred_channel") else None)
        return Group(*([Text(redirected)] if redirected else []), card, *map(Text, preferred))
    if reply.candidates:
        return candidates_table(reply)
    words = {
        "none": "nobody is known by this",
        "empty": "the customer has no live record now",
        "erased": "the customer was erased",
    }
    return Text(words.get(status, status))


def customer_card(customer: customer_pb2.Customer) -> RenderableType:
    """Who, identifiers, channels seen, latest touchpoints."""
    golden = customer.golden_record
    who = Table.grid(padding=(0, 2))
    for name in _FIELDS:
        value: customer_pb2.SurvivingValue = getattr(golden, name)
        if value.value:
            rule = customer_pb2.SurvivorshipRule.Name(value.rule).removeprefix("SURVIVORSHIP_RULE_").lower()
            origin = f"{short_key(value.record)}, {rule.replace('_', ' ')}"
            who.add_row(name.replace("_", " "), escape(value.value), f"[dim]{escape(origin)}[/dim]")
    parts: list[RenderableType] = [who]
    if customer.identifiers:
        parts += ["", identifiers_table(customer.identifiers)]
    if customer.channels:
        parts += ["", channels_table(customer.channels)]
    if customer.latest_touchpoints:
        parts += ["", timeline_table(customer.latest_touchpoints)]
    name = golden.display_name or "no name known"
    subtitle = f"{customer.record_count} records, {customer.touchpoint_count} touchpoints"
    title = f"[bold]{escape(name)}[/bold]  {customer.id or 'a visitor'}"
    return Panel(Group(*parts), title=title, subtitle=subtitle, title_align="left", subtitle_align="left")


def _table(*names: str, wrapped: str = "") -> Table:
    """An empty table, a row of which has one line but for what may be wrapped."""
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, no_wrap=name != wrapped)
    return table


def identifiers_table(identifiers: Iterable[identifier_pb2.CustomerIdentifier]) -> Table:
    """Identifiers with how sure and whence they are."""
    table = _table("identifier", "value", "assurance", "sources", "records", "", wrapped="sources")
    for each in identifiers:
        kind = identifier_pb2.IdentifierKind.Name(each.identifier.kind).removeprefix("IDENTIFIER_KIND_")
        flags = (_word(identifier_pb2.IdentifierFlag.Name(flag), "IDENTIFIER_FLAG_") for flag in each.flags)
        table.add_row(
            " ".join(filter(None, (kind.lower(), escape(each.identifier.namespace)))),
            escape(each.address or each.identifier.value),
            identifier_pb2.Assurance.Name(each.assurance).removeprefix("ASSURANCE_").lower(),
            escape(", ".join(each.sources)),
            str(each.record_count),
            ", ".join(flags),
        )
    return table


def channels_table(channels: Iterable[customer_pb2.ChannelSeen]) -> Table:
    """Channels seen, the last seen first."""
    table = Table("channel", "touchpoints", "theirs", "ours", "first", "last", box=None, pad_edge=False)
    for each in channels:
        table.add_row(
            escape(each.channel),
            str(each.touchpoint_count),
            str(each.inbound_count),
            str(each.outbound_count),
            moment(each.first_time),
            moment(each.last_time),
        )
    return table


def timeline_table(touchpoints: Iterable[touchpoint_pb2.Touchpoint]) -> Table:
    """Touchpoints as given."""
    table = _table("when", "channel", "who", "what", "about", "record")
    who = {touchpoint_pb2.DIRECTION_INBOUND: "they", touchpoint_pb2.DIRECTION_OUTBOUND: "we"}
    for each in touchpoints:
        about = (f"{reference.namespace} {reference.value}".strip() for reference in each.references)
        table.add_row(
            moment(each.occurred_time),
            escape(each.channel),
            who.get(each.direction, ""),
            escape(" ".join(filter(None, (each.kind, each.outcome)))),
            escape(", ".join(about)),
            escape(short_key(each.record)),
        )
    return table


def candidates_table(reply: customer_service_pb2.LookupCustomerResponse) -> Table:
    """Several who share an identifier."""
    table = Table("customer", "name", "assurance", "records", "last seen", box=None, pad_edge=False)
    for each in reply.candidates:
        table.add_row(
            each.customer_id or f"visitor {escape(key(each.record))}",
            escape(each.golden_record.display_name),
            identifier_pb2.Assurance.Name(each.assurance).removeprefix("ASSURANCE_").lower(),
            str(each.record_count),
            moment(each.last_touchpoint_time) if each.HasField("last_touchpoint_time") else "",
        )
    return table


def preferred_lines(preferred: channel_pb2.PreferredChannel | None) -> Iterator[str]:
    """The preferred channel, and each reason in a line of its own."""
    if preferred is None:
        yield "No channel may be used to reach them."
        return
    rank = preferred.rank
    to = f" ({rank.address})" if rank.address else ""
    yield f"Preferred channel for {preferred.purpose}: {rank.channel}{to}, {rank.probability:.0%}, because of"
    for each in rank.reasons:
        yield f"  {_reason(each)}"


def _reason(reason: channel_pb2.ChannelReason) -> str:
    words = {
        channel_pb2.CHANNEL_REASON_KIND_STARTED: "contacts that they started there",
        channel_pb2.CHANNEL_REASON_KIND_ANSWERED: "contacts that they answered there",
        channel_pb2.CHANNEL_REASON_KIND_OPENED: "messages that they opened there",
    }
    if reason.kind not in words:
        return "what is usual among customers"
    return f"{reason.count} {words[reason.kind]}, the last on {moment(reason.last_time)[:10]}"


# -- explanations ------------------------------------------------------------------------------


def bits(millibits: int) -> str:
    """A weight in bits, with its sign."""
    return f"{millibits / 1000:+.1f}"


def side(side: explanation_pb2.Side) -> str:
    """One side of a pair."""
    name = key(side.record) if side.HasField("record") else side.customer_id
    return f"{name} (and {side.record_count - 1} more)" if side.record_count > 1 else name


def verdict_line(pair: explanation_pb2.PairExplanation) -> str:
    """What a pair came to, in one line."""
    decision = (
        explanation_pb2.Decision.Name(pair.decision).removeprefix("DECISION_").lower().replace("_", " ")
    )
    line = f"{decision}: {bits(pair.weight_millibits)} bits, probability {pair.probability:.4f}"
    if pair.refusal_reason:
        reason = explanation_pb2.RefusalReason.Name(pair.refusal_reason).removeprefix("REFUSAL_REASON_")
        line += f"; not merged: {reason.lower().replace('_', ' ')}"
    if pair.relation:
        line += f"; {relation(pair.relation)}"
    for limit in pair.limits:
        line += f"; limit: {explanation_pb2.LimitKind.Name(limit).removeprefix('LIMIT_KIND_').lower()}"
    if pair.judgement_ids:
        line += f"; judgements: {', '.join(pair.judgement_ids)}"
    return line


def pair_table(pair: explanation_pb2.PairExplanation) -> Table:
    """Each attribute compared, with its level and bits against strangers and against the household."""
    title = f"{escape(side(pair.left))}  and  {escape(side(pair.right))}"
    table = Table(
        title=title, caption=escape(verdict_line(pair)), title_justify="left", caption_justify="left"
    )
    for name in ("attribute", "level", "left", "right"):
        table.add_column(name)
    table.add_column("bits: strangers", justify="right")
    table.add_column("household", justify="right")
    for each in pair.comparisons:
        table.add_row(
            each.attribute,
            each.level,
            escape(" / ".join(each.left_values)),
            escape(" / ".join(each.right_values)),
            bits(each.strangers_millibits),
            bits(each.household_millibits),
        )
    table.add_row(
        "prior", "", "", "", bits(pair.prior_strangers_millibits), bits(pair.prior_household_millibits)
    )
    table.add_row("[bold]sum", "", "", "", bits(pair.strangers_millibits), bits(pair.household_millibits))
    return table


def waterfall(pair: explanation_pb2.PairExplanation) -> Table:
    """How the weight of a pair grows, as bars: prior, what each attribute adds or takes away, sum."""
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column("")
    sides = (
        ("against strangers", _falls(pair.prior_strangers_millibits, pair, "strangers_millibits")),
        ("against the household", _falls(pair.prior_household_millibits, pair, "household_millibits")),
    )
    for title, _ in sides:
        table.add_column("bits", justify="right")
        table.add_column(title, width=_BAR)
    labels = [f"{each.attribute}: {each.level}".replace("_", " ") for each in pair.comparisons]
    for label, *bars in zip(("prior", *labels, "sum"), *(falls for _, falls in sides), strict=True):
        table.add_row(escape(label), *(cell for bar in bars for cell in bar))
    return table


_BAR = 26
"""Columns of a bar."""


def _falls(
    prior: int, pair: explanation_pb2.PairExplanation, side: str
) -> Iterator[tuple[str, RenderableType]]:
    """Each step's bits and its bar, which begins where the one before ended; then the sum's."""
    steps = [prior, *(getattr(each, side) for each in pair.comparisons)]
    ends = list(accumulate(steps))
    spans = [*((end - step, end) for step, end in zip(steps, ends, strict=True)), (0, ends[-1])]
    low, high = min(map(min, spans)), max(map(max, spans))
    for number, (begin, end) in enumerate(spans):
        colour = "default" if number in {0, len(steps)} else "blue" if end >= begin else "dark_orange"
        left, right = sorted((begin - low, end - low))
        yield bits(end - begin), Bar(max(high - low, 1), left, right, width=_BAR, color=colour)


def outcome_lines(outcome: stewardship_service_pb2.SuppositionOutcome) -> Iterator[str]:
    """Which customers would be others, a line each, and under it the records that would move."""
    if not outcome.regrouping_count:
        yield "What if: no customer would change."
        return
    number = outcome.regrouping_count
    yield f"What if: {number} {'change' if number == 1 else 'changes'} of customers would come of it."
    for each in outcome.regroupings:
        before, after = _customers(each.before), _customers(each.after)
        yield f"  {_kind_of(each)}: {before or 'nobody'} -> {after or 'nobody'}"
        moved = [short_key(record) for record in each.moved[:_MOVED]]
        more = f" and {len(each.moved) - _MOVED} more" if len(each.moved) > _MOVED else ""
        yield f"    moved: {', '.join(moved)}{more}"
    if len(outcome.regroupings) < number:
        yield f"  and {number - len(outcome.regroupings)} more"


_MOVED = 10
"""Moved records that are named."""


def _kind_of(regrouping: stewardship_service_pb2.Regrouping) -> str:
    before, after = len(regrouping.before), len(regrouping.after)
    if not before:
        return "new"
    if after <= 1:
        return "merge" if before > 1 else "other records" if after else "gone"
    return "split" if before == 1 else "regrouping"


def _customers(customers: Iterable[stewardship_service_pb2.CustomerRecords]) -> str:
    counted = ((each.customer_id or "a new customer", len(each.records)) for each in customers)
    return " + ".join(f"{name} ({count} {'record' if count == 1 else 'records'})" for name, count in counted)


_BASIS = {
    explanation_pb2.LINK_BASIS_EQUAL_EVIDENCE: "equal evidence",
    explanation_pb2.LINK_BASIS_JUDGEMENT: "a steward's judgement",
}


def link_table(link: explanation_pb2.Link) -> RenderableType:
    """One join in the making of a customer."""
    pair = link.explanation
    if link.basis == explanation_pb2.LINK_BASIS_EVIDENCE:
        return pair_table(pair)
    return Text(f"{side(pair.left)}  and  {side(pair.right)}: {_BASIS.get(link.basis, '')}")


def suggestions_table(suggestions: Iterable[suggestion_pb2.Suggestion]) -> Table:
    """Possible matches that wait, the heaviest first."""
    table = Table("left", "right", "bits", "probability", "why not merged", box=None, pad_edge=False)
    for each in suggestions:
        pair = each.explanation
        reason = explanation_pb2.RefusalReason.Name(pair.refusal_reason).removeprefix("REFUSAL_REASON_")
        table.add_row(
            escape(key(pair.left.record)),
            escape(key(pair.right.record)),
            bits(pair.weight_millibits),
            f"{pair.probability:.3f}",
            reason.lower().replace("_", " "),
        )
    return table


def relations_table(relations: Iterable[relation_pb2.CustomerRelation]) -> Table:
    """Who lives or works together with a customer."""
    table = Table("customer", "relation", "shares", box=None, pad_edge=False)
    table.add_column("bits: strangers", justify="right")
    table.add_column("household", justify="right")
    for each in relations:
        table.add_row(
            escape(each.customer_id),
            relation(each.relation),
            ", ".join(each.shared_attributes).replace("_", " "),
            bits(each.strangers_millibits),
            bits(each.household_millibits),
        )
    return table


def relation(relation: explanation_pb2.Relation.ValueType) -> str:
    """What two are to each other, in words."""
    return explanation_pb2.Relation.Name(relation).removeprefix("RELATION_").lower().replace("_", " ")


_TOLD = 3
"""Attributes of a join that are told where it has one line."""


def link_lines(link: explanation_pb2.Link) -> Iterator[str]:
    """One join: its two sides, and what spoke for it the most, in bits against strangers."""
    pair = link.explanation
    sides = "  =  ".join(map(_short_side, (pair.left, pair.right)))
    words = _BASIS.get(link.basis)
    if words:
        yield f"{sides}: {words}"
        return
    yield sides
    told = [f"{each.attribute} {each.level} {bits(each.strangers_millibits)}" for each in pair.comparisons]
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    yield f"    {', '.join(told[:_TOLD])}{more}"


def _short_side(side: explanation_pb2.Side) -> str:
    more = f" (and {side.record_count - 1} more)" if side.record_count > 1 else ""
    return f"{short_key(side.record)}{more}"
