from __future__ import annotations

from graph.model import Identifier, IdentifierKind
from resolver.batch.rows import Reject
from resolver.batch.summary import Standing
from resolver.report.figures import JunkFound, figures, junk
from tests.report.files import FEMKE, PARTNERS, ROBERT, register, row


def test_every_row_is_rejected_or_first_or_repeats_by_a_copy_an_identifier_or_likeness() -> None:
    found = figures(register([*FEMKE, *ROBERT, *PARTNERS, Reject(8, 9, "no identity", "", "x")]))
    assert (found.rows, found.rejected, found.usable) == (8, 1, 7)
    assert (found.customers, found.repeated) == (4, 2)
    assert (found.copies, found.identified, found.likely) == (1, 1, 1)
    assert found.repeats + found.customers + found.rejected == found.rows


def test_a_record_stated_twice_is_a_copy() -> None:
    found = figures(register([row(1, "Jan", "Smit", phone="0612345670", record_id="a"),
                              row(2, "JAN", "Smit", phone="06 12345670", record_id="a")]))  # fmt: skip
    assert (found.customers, found.copies, found.repeats, found.replaced) == (1, 1, 1, 0)


def test_a_row_that_another_of_its_record_replaces_is_no_copy() -> None:
    found = figures(
        register(
            [
                row(1, "Jan", "Smit", phone="0612345670", record_id="a"),
                row(2, "Sanne", "Kok", phone="0612345671", record_id="a"),
                row(3, "Sanne", "Kok", phone="0612345671", record_id="b"),
                Reject(4, 5, "no identity", "", "x"),
            ]
        )
    )
    assert (found.replaced, found.repeats) == (1, found.copies + found.identified + found.likely)
    assert found.customers + found.repeats + found.replaced + found.rejected == found.rows


def test_visitors_are_no_customers() -> None:
    found = figures(register([*FEMKE, row(8, "", "", record_id="x"), row(9, "", "", record_id="y")]))
    assert (found.customers, found.visitors, found.rows) == (1, 2, 5)
    assert found.customers + found.visitors + found.repeats == found.rows


def test_pairs_that_may_be_one_are_counted_with_the_customers_in_them() -> None:
    answer = register([*FEMKE, row(8, "Femke", "Bakker"), row(9, "Femke", "Bakker")], 10_000_000)
    found = figures(answer)
    doubtful = {
        answer.customer[key]
        for pair in answer.result.pairs
        if pair.decision == "possible"
        for key in (pair.left, pair.right)
    }
    assert found.unsure == answer.result.counts.suggestions
    assert found.doubtful == len(doubtful)


def test_an_identifier_that_does_not_speak_holds_nobody_together() -> None:
    info = [row(n, "Femke", "Zonnebeld", email="info@zonnebeld.nl", birth="1980-04-05") for n in (1, 2)]
    info[1] = row(2, "Femke", "Zonnebelt", email="info@zonnebeld.nl", birth="1980-04-05")
    found = figures(register(info))
    assert (found.customers, found.identified, found.likely) == (1, 0, 1)


def test_junk_is_counted_by_why_it_is_junk_and_by_row() -> None:
    found = junk(
        register(
            [
                row(1, "Femke", "Bakker", email="info@bakker.nl", phone="0612345670"),
                row(2, "Robert", "Zonnebeld", email="info@bakker.nl"),
                row(3, "Jan", "de Graaf", email="test@test.com", phone="0687654329"),
            ]
        )
    )
    assert {(kind.standing, kind.values, kind.rows) for kind in found.kinds} == {
        (Standing.ROLE, 1, 2),
        (Standing.PLACEHOLDER, 1, 1),
    }
    first = found.most[0]
    assert first.identifier == Identifier(IdentifierKind.EMAIL, "", "info@bakker.nl")
    assert (first.standing, first.rows, first.customers) == (Standing.ROLE, 2, 2)


def test_a_value_that_too_many_share_is_junk() -> None:
    names = ["Anna", "Bram", "Chris", "Dirk", "Eva", "Frits", "Gijs", "Hans", "Iris", "Joost"]
    found = junk(register([row(n, name, f"{name}sen", phone="0612345670") for n, name in enumerate(names)]))
    assert [(kind.standing, kind.values, kind.rows) for kind in found.kinds] == [(Standing.GENERIC, 1, 10)]


def test_no_more_junk_is_named_than_asked_and_of_none_none_is() -> None:
    rows = [row(n, email=f"info@shop{n}.nl", phone=f"061234567{n}") for n in range(5)]
    found = junk(register(rows), most=2)
    assert len(found.most) == 2 and found.kinds[0].values == 5
    assert junk(register(FEMKE)) == JunkFound((), ())
