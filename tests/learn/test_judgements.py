from __future__ import annotations

import pytest

from resolver.learn.judgements import FEWEST, LARGEST, Judged, calibrate
from resolver.match.document import check, shipped
from tests.learn.people import customers, record

POPULATION = 1000
DOCUMENT = check(shipped())


def weak(number: int) -> tuple[Judged, Judged]:
    """Two pairs that agree on name and birth; whether they are one person only a steward knows."""
    one = record(given="Zebulon", family=f"Quacken{number}", birth="1960-02-03")
    other = record(
        given="Zebulon", family=f"Quacken{number}", birth="1960-02-03", phone=f"+31612000{number:03}"
    )
    return Judged(one, other, same=True), Judged(one, other, same=False)


def clear(count: int) -> list[Judged]:
    nodes = customers(2 * count)
    same = [Judged(nodes[2 * n], nodes[2 * n + 1], same=True) for n in range(count)]
    return same + [Judged(nodes[2 * n], nodes[2 * n + 2], same=False) for n in range(count)]


def test_decisions_that_agree_with_the_model_change_little() -> None:
    found = calibrate(DOCUMENT, clear(30), population=POPULATION)
    told = found["learnt"]["judgements"]
    assert told["same"] == told["different"] == 30
    assert abs(told["records_per_customer"]["bits"]) < 1


def test_stewards_who_refuse_what_the_model_likes_lower_the_prior() -> None:
    refused = [weak(n)[1] for n in range(40)]
    found = calibrate(DOCUMENT, clear(FEWEST) + refused, population=POPULATION)
    told = found["learnt"]["judgements"]
    bits = [told[name]["bits"] for name in ("records_per_customer", "person_to_household")]
    assert min(bits) < -1
    assert all(-LARGEST <= each <= LARGEST for each in bits)
    assert found["prior"]["records_per_customer"] <= DOCUMENT["prior"]["records_per_customer"]


def test_what_is_changed_is_the_prior_and_nothing_else() -> None:
    refused = [weak(n)[1] for n in range(40)]
    found = calibrate(DOCUMENT, clear(FEWEST) + refused, population=POPULATION)
    assert {**found, "prior": 0, "learnt": 0} == {**DOCUMENT, "prior": 0, "learnt": 0}
    told = found["learnt"]["judgements"]
    for name in ("records_per_customer", "person_to_household"):
        assert told[name]["before"] == DOCUMENT["prior"][name]
        assert told[name]["after"] == found["prior"][name]
        assert told[name]["after"] == pytest.approx(told[name]["before"] * 2 ** told[name]["bits"], rel=1e-3)


def test_too_few_decisions_change_nothing_and_say_so() -> None:
    found = calibrate(DOCUMENT, clear(FEWEST - 1), population=POPULATION)
    assert found["prior"] == DOCUMENT["prior"]
    assert "are needed" in found["learnt"]["judgements"]["changed"]


def test_the_order_of_decisions_does_not_matter() -> None:
    judged = clear(FEWEST) + [weak(n)[n % 2] for n in range(20)]
    one = calibrate(DOCUMENT, judged, population=POPULATION)
    other = calibrate(DOCUMENT, judged[::-1], population=POPULATION)
    for name in ("records_per_customer", "person_to_household"):
        assert one["prior"][name] == pytest.approx(other["prior"][name], rel=1e-2)
