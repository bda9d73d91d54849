"""Small files resolved, for pages to be made of."""

from __future__ import annotations

from collections.abc import Iterable

from graph.model import Evidence, IdentifierKind, StatedIdentifier
from resolver.batch.dedupe import dedupe
from resolver.batch.rows import Reject, Row
from resolver.report.register import Register


def row(
    number: int,
    given: str = "",
    family: str = "",
    *,
    phone: str = "",
    email: str = "",
    card: str = "",
    birth: str = "",
    record_id: str = "",
) -> Row:
    """A row of a Dutch shop's."""
    kinds = (IdentifierKind.PHONE, IdentifierKind.EMAIL, IdentifierKind.LOYALTY)
    stated = [
        StatedIdentifier(kind, raw) for kind, raw in zip(kinds, (phone, email, card), strict=True) if raw
    ]
    evidence = Evidence(tuple(stated), given_name=given, family_name=family, birth_date=birth, region="NL")
    return Row(number, number, "shop", record_id or f"r{number}", evidence, None, None)


def register(rows: Iterable[Row | Reject], population: int = 1000) -> Register:
    """What becomes of them."""
    return Register(dedupe(rows, population=population))


FEMKE = [
    row(1, "Femke", "Bakker", phone="0612345670", email="femke.bakker@ziggo.nl"),
    row(2, "Femke", "Bakker", phone="06 12345670", email="Femke.Bakker@ziggo.nl"),
    row(3, "F.", "Bakker", email="femke.bakker@ziggo.nl"),
]
"""Three rows of one customer: a copy, and one that states the same mailbox."""
ROBERT = [
    row(4, "Robert", "Zonnebeld", phone="0687654329", birth="1980-04-05"),
    row(5, "Bob", "Zonnebeld", phone="0687654392", birth="1980-04-05"),
]
"""Two rows of one customer by likeness alone."""
PARTNERS = [
    row(6, "Jan", "de Graaf", phone="0611112229", birth="1970-01-12"),
    row(7, "Sanne", "de Graaf", phone="0611112229", birth="1973-11-30"),
]
"""Two people on one phone."""
