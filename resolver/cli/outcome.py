"""What comparing will take and what became of a file, as lines of text.

Values of the file are told only where the lines are `legible`: the user's own data on the user's own
screen, never in what may be a log. There a kind stands in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from graph.model import IdentifierKind
from resolver.batch.forecast import Family, Forecast, Silenced
from resolver.batch.summary import Large, Rejection, Shared, Standing, Summary, told_value

_WIDEST: Final = 40
"""Characters of a value that are shown."""

_FAMILIES: Final[Mapping[str, str]] = {
    "alias": "mailbox or handle, punctuation aside",
    "birth": "birth date, with an initial or a place",
    "card": "card, two neighbours swapped",
    "city": "city, with a name and an initial",
    "day": "birthday, with a name",
    "end": "given name, with a surname's end",
    "id": "government id, a slip aside",
    "letters": "name, mailbox or handle, letters only",
    "mail": "mailbox's first half, with an initial",
    "mailend": "mailbox's second half, with an initial",
    "phone1": "phone without its end, with a name's start",
    "phone2": "phone's end, with a name's start",
    "postcode": "postcode, with a name or an initial",
    "start": "given name, with a surname's start",
    "street": "street, with a name",
    "tail": "phone, last eight digits",
    "verified": "verified identifier",
    "year": "birth year, with a name",
}
_STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.SPEAKS: "",
    Standing.GENERIC: "generic: weighs nothing",
    Standing.CROWDED: "not searched by: too many records",
    Standing.PLACEHOLDER: "placeholder: weighs nothing",
    Standing.ROLE: "an organisation's: weighs nothing between persons",
    Standing.OWNED: "the company's own: weighs nothing",
}
REPLACED: Final = "another of the same record id says something else and stands"
"""Why a row is lost whose record another row states too."""
_REASONS: Final = {"possible": "below threshold"}
_HASHED: Final = frozenset({IdentifierKind.GOVERNMENT.value, "id"})


def forecast_lines(forecast: Forecast, *, legible: bool) -> Iterator[str]:
    """What comparing will take, family by family, and what would have exploded."""
    comparisons = f"at most {many(forecast.pairs, 'comparison')} of {many(forecast.nodes, 'distinct record')}"
    if forecast.families:
        yield f"{comparisons}, by{'' if forecast.exact else ' (shares estimated)'}"
        head = ("", "blocks", "comparisons", "largest block")
        yield from _table([head, *map(_family, forecast.families)])
    else:
        yield comparisons
    if forecast.silenced:
        yield (
            f"{many(forecast.silenced, 'key is', 'keys are')} silent, for too many share them: "
            f"{many(forecast.spared, 'comparison')} less, most of them by"
        )
        head = ("", "records", "comparisons", "why")
        yield from _table([head, *(_exploded(each, legible) for each in forecast.explosions)])


def _family(family: Family) -> tuple[str, ...]:
    name = _FAMILIES.get(family.name, family.name)
    return name, f"{family.blocks:,}", f"{family.pairs:,}", f"{family.largest:,}"


def _exploded(each: Silenced, legible: bool) -> tuple[str, ...]:
    family, _, rest = each.key.partition(":")
    named = _FAMILIES.get(family, family)
    if legible and family not in _HASHED:
        named = f"{named}: {_clean(rest.lstrip(':'))}"
    why = "generic value" if each.generic else "block too large"
    return named, f"{each.nodes:,}", f"{each.pairs:,}", why


def count_lines(summary: Summary) -> Iterator[str]:
    """What there was and what it came to, a line a figure."""
    merged = many(summary.merged, "customer has", "customers have")
    yield f"{many(summary.duplicates, 'duplicate')}; {merged} more than one record"
    suggested = _by_reason(summary.suggestions, "suggestion", "suggestions")
    yield f"{many(summary.visitors, 'visitor')}, {suggested}"
    if summary.replaced:
        advice = "where they are other people, name another --id"
        yield f"{many(summary.replaced, 'row')} replaced: {REPLACED}; {advice}"
    if summary.refused:
        yield _by_reason(summary.refused, "refused", "refused")
    if summary.too_large:
        yield f"{many(summary.too_large, 'group was', 'groups were')} too large to be weighed whole"
    if summary.unread:
        columns = ", ".join(f"{cells:,} in {_clean(column)}" for column, cells in summary.unread.items())
        yield f"{many(sum(summary.unread.values()), 'cell')} could not be read: {columns}"


def silent_told(visitors: int, records: int) -> str:
    """Most records identify nobody."""
    return (
        f"{visitors:,} of {many(records, 'record')} identify nobody: no name and no usable identifier; see "
        "above how the columns are read"
    )


def many(count: int, one: str, several: str = "") -> str:
    """A count with what is counted: `1 row`, `2,000 rows`."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def _by_reason(counts: Mapping[str, int], one: str, several: str) -> str:
    """Counts by reason with their sum; at equal counts in the reasons' order."""
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    reasons = ", ".join(f"{number:,} {_REASONS.get(why, why)}" for why, number in ranked)
    return many(sum(counts.values()), one, several) + (f": {reasons}" if reasons else "")


def rejection_lines(rejections: Iterable[Rejection]) -> Iterator[str]:
    """Why rows were rejected, and where the first of each stand. Reasons have no value in them."""
    yield from _table([_rejection(each) for each in rejections])


def _rejection(each: Rejection) -> tuple[str, ...]:
    why = f"{_clean(each.field)}: {each.reason}" if each.field else each.reason
    places = [f"{where.file} {where.line}" if where.file else str(where.line) for where in each.places]
    more = ", …" if each.rows > len(places) else ""
    return why, f"{each.rows:,}", f"{'line' if each.rows == 1 else 'lines'} {', '.join(places)}{more}"


def leading_lines(summary: Summary, *, legible: bool) -> Iterator[str]:
    """The largest customers and the most shared values."""
    if summary.largest:
        yield "largest customers"
        yield from _table(
            [("customer", "records", "who share"), *(_large(each, legible) for each in summary.largest)]
        )
    if summary.shared:
        yield "most shared values"
        yield from _table(
            [
                ("", "records", "customers", "visitors", ""),
                *(_shared(each, legible) for each in summary.shared),
            ]
        )


def _large(each: Large, legible: bool) -> tuple[str, ...]:
    bonds = (
        f"{_value(bond.kind, bond.text, legible)} ({'all' if bond.records == each.records else bond.records})"
        for bond in each.bonds
    )
    return each.customer, f"{each.records:,}", ", ".join(bonds)


def _shared(each: Shared, legible: bool) -> tuple[str, ...]:
    return (
        _value(each.identifier.kind.value, told_value(each.identifier), legible),
        f"{each.records:,}",
        f"{each.customers:,}",
        f"{each.visitors:,}",
        _STANDINGS[each.standing],
    )


def _value(kind: str, text: str, legible: bool) -> str:
    return f"{kind} {_clean(text)}" if legible and kind not in _HASHED else kind


def _clean(text: str) -> str:
    """A text of the file, with nothing in it that a terminal would obey, and not too long."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in text[: _WIDEST + 1])
    return shown if len(shown) <= _WIDEST else f"{shown[: _WIDEST - 1]}…"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of columns as wide as they must be: numbers to the right, words and the first to the left."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [number > 0 and any(map(_is_number, column)) for number, column in enumerate(columns)]
    for row in rows:
        cells = (
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        )
        yield f"  {'  '.join(cells)}".rstrip()


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").isdigit()
