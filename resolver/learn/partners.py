"""No learnt model may take partners for one person: what two of one household share must not suffice.

Partners, and parents and children, share a telephone, a mailbox, an address and a surname for good. A
file in which they look alike would teach that people change their given names; the fit is bounded
against it (`resolver.learn.people`), and here its outcome is asked outright.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from resolver.match.document import Document
from resolver.match.model import Level, Model, build
from resolver.match.weigh import ROW, Saying, summed, threshold

HOME_PRIOR: Final = "person_to_household"
LINES: Final = ("equal", "landline")
APART: Final = ("different", "unknown")
"""Levels of two given names that nobody takes for one."""


def keep_apart(document: Document, start: Document, population: int, merge: float) -> Document:
    """The document, with as much of the start's as it takes that partners stay two customers.

    `merge` is the probability from which customers are joined. First the given names become the start's,
    then how many pairs of one person there are for each of a household; what was done, and whether it
    sufficed, is told in words under `learnt.partners`.
    """
    if stay_apart(document, population, merge):
        return _telling(document, "stay two customers")
    named = _with_given(document, start)
    if stay_apart(named, population, merge):
        return _telling(named, "would become one customer, so given names are weighed as before")
    before = {**named["prior"], HOME_PRIOR: start["prior"][HOME_PRIOR]}
    homely = {**named, "prior": before}
    account = f"would become one customer, so given names and prior {HOME_PRIOR} are as before"
    if not stay_apart(homely, population, merge):
        account += "; under the model that was started from they become one, too"
    return _telling(_with_home_told(homely), account)


def stay_apart(document: Document, population: int, merge: float) -> bool:
    """Whether two who share phone, mailbox, address and surname but no given name are left apart."""
    model = build(document, population)
    line = threshold(merge)
    return all(summed(model, said)[2] < line for said in _partners(model))


def _partners(model: Model) -> Iterator[Saying]:
    """What is said of two partners, by their kind of line, their kind of postcode and their names."""
    given = model.comparisons["given"]
    apart = [given[name] for name in APART if name in given]
    places = ("fine", "coarse")
    for line, postcode, names in product(LINES, places, apart):
        yield {
            ROW["phone"]: _said(model.level("phone", line)),
            ROW["email"]: _said(model.level("email", "equal")),
            ROW["given"]: _said(names),
            ROW["family"]: _said(model.level("family", "equal"), rarity=model.rarest_family),
            ROW["place"]: _said(
                model.level("postcode", postcode), model.level("street", "equal_in_postcode")
            ),
        }


def _said(*levels: Level, rarity: int = 0) -> tuple[int, int]:
    return sum(each.stranger for each in levels) + rarity, sum(each.household for each in levels)


def _with_given(document: Document, start: Document) -> Document:
    """The document with the start's given names, and the account of them changed to say so."""
    told = {name: dict(each) for name, each in document["learnt"]["comparisons"].items()}
    for name, each in told.items():
        if name.partition(":")[0] == "given":
            each["learnt"] = []
            each["prior"] = [*each["prior"], "all: partners would become one customer"]
    return {
        **document,
        "comparisons": {**document["comparisons"], "given": start["comparisons"]["given"]},
        "learnt": {**document["learnt"], "comparisons": told},
    }


def _with_home_told(document: Document) -> Document:
    told = {**document["learnt"]["prior"], HOME_PRIOR: "prior: partners would become one customer"}
    return {**document, "learnt": {**document["learnt"], "prior": told}}


def _telling(document: Document, account: str) -> Document:
    learnt: dict[str, Any] = {
        **document["learnt"],
        "partners": f"two of one household who share all but their given names {account}",
    }
    return {**document, "learnt": learnt}


__all__ = ["keep_apart", "stay_apart"]
