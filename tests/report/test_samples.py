from __future__ import annotations

from graph.model import RecordKey
from resolver.batch.rows import Row
from resolver.report.samples import CLEAR, NARROW, doubts, duplicates
from resolver.resolve.settings import Policy
from tests.report.files import FEMKE, PARTNERS, ROBERT, register, row


def keys(*numbers: int) -> tuple[RecordKey, ...]:
    return tuple(RecordKey("shop", f"r{number}") for number in numbers)


def test_a_merge_is_told_with_both_sides_as_they_were_before_it() -> None:
    found = duplicates(register([*FEMKE, *ROBERT]), Policy())
    cases = [each for sort in found for each in sort]
    by_customer = {each.left[0].record_id: each for each in cases}
    robert = by_customer["r4"]
    assert (robert.left, robert.right, robert.more) == (keys(4), keys(5), 0)
    assert robert.comparison.weight >= Policy().merge_weight
    assert {each.attribute for each in robert.comparison.attributes} >= {"given", "family", "birth", "phone"}
    assert by_customer["r1"].right == keys(3), "records of equal evidence are one side"


def test_the_weight_told_is_the_weight_that_joined() -> None:
    """A customer of many records: the merge shown is explained from the sides that met then."""
    loyal = [
        row(
            n,
            "Wilhelmina",
            "Zwartjes",
            phone=f"061234{n:04}",
            email=f"w{n // 2}@zwartjes.nl",
            card="LC100200300",
        )
        for n in range(1, 9)
    ]
    answer = register(loyal)
    weights = {pair.weight for pair in answer.result.pairs if pair.decision == "match"}
    assert len(weights) > 1
    for sort in duplicates(answer, Policy()):
        assert {each.comparison.weight for each in sort} <= weights


FAMILIES = (
    *("Kwakkelstein", "Oosterhuis", "Berkhout", "Hogendoorn", "Timmerveld", "Quispel", "Ruygrok", "Sijbesma"),
    *("Tuinstra", "Uijterlinde", "Voskuilen", "Wiegersma", "Ypma", "Zuurveen", "Dalmolen", "Elzinga"),
)


def plain() -> list[Row]:
    """Two rows of each customer, the second of which says more and nothing else."""
    return [
        row(
            100 + 2 * n + k,
            "Wilhelmina",
            family,
            phone=f"06{n + 10}{(n + 3) * 7919:06}",
            email=f"{family}@ziggo.nl" if k else "",
        )
        for n, family in enumerate(FAMILIES)
        for k in range(2)
    ]


def test_each_customer_is_shown_once_and_a_list_is_bounded() -> None:
    answer = register(plain())
    found = duplicates(answer, Policy())
    assert answer.result.counts.customers == len(FAMILIES) > CLEAR + NARROW
    assert (len(found.clear), len(found.surprising), len(found.narrow)) == (CLEAR, 0, NARROW)
    shown = [answer.customer[each.left[0]] for sort in found for each in sort]
    assert len(shown) == len(set(shown))


def test_rows_that_say_different_things_are_shown_as_surprising() -> None:
    same = {"email": "zonnebeld.familie@ziggo.nl", "birth": "1980-04-05", "card": "LC100200300"}
    odd = [
        row(1, "Robert", "Dalhuizen", phone="0687654329", **same),
        row(2, "Bob", "Dalhuizen", phone="0612349876", **same),
    ]
    found = duplicates(register([*plain(), *odd]), Policy())
    assert [(each.left, each.right) for each in found.surprising] == [(keys(1), keys(2))]


def test_doubts_are_told_by_reason_and_compare_the_customers_whole() -> None:
    answer = register(
        [*FEMKE, *PARTNERS, row(8, "", "de Graaf", phone="0611112229"), row(9, "Femke", "Bakker")]
    )
    found = doubts(answer, Policy())
    reasons = {pair.decision for pair in answer.result.pairs} & {"possible", "ambiguous"}
    assert found.keys() == reasons and reasons
    for cases in found.values():
        chances = [each.comparison.probability for each in cases]
        assert chances == sorted(chances, reverse=True)
        for each in cases:
            assert answer.customer[each.left[0]] != answer.customer[each.right[0]]


def test_without_merges_and_doubts_there_are_no_examples() -> None:
    answer = register([row(1, "Jan", "Smit", phone="0612345670")])
    assert duplicates(answer, Policy()) == ((), (), ()) and not doubts(answer, Policy())


def test_the_same_answer_gives_the_same_examples() -> None:
    one, other = (duplicates(register([*FEMKE, *ROBERT]), Policy()) for _ in range(2))
    assert one == other
