from __future__ import annotations

import math

import pytest

from resolver.match.model import bits, build, default_model

DOCUMENT = {
    "version": "1",
    "prior": {"records_per_customer": 2.0, "person_to_household": 4.0},
    "comparisons": {
        "phone": {
            "why": "a test",
            "equal": {"m": 0.5, "shared": 0.01, "h": 0.25},
            "other": {"m": 0.5, "u": 1, "h": 1},
        }
    },
    "names": {"given": {"jan": 4000.0}, "family": {}, "rarest_given_ppm": 100.0, "rarest_family_ppm": 50.0},
}


def test_levels_are_bits_against_both_alternatives() -> None:
    model = build(DOCUMENT, 1000)
    assert model.level("phone", "equal").stranger == bits(0.5 / (0.01 / 1000))
    assert model.level("phone", "equal").household == 1000
    assert model.version == "1/1000"
    with pytest.raises(KeyError):
        model.level("phone", "why")


def test_the_prior_falls_and_a_shared_value_rises_with_the_population() -> None:
    small, large = build(DOCUMENT, 1000), build(DOCUMENT, 1_000_000)
    assert small.prior - large.prior == pytest.approx(1000 * math.log2(1000), abs=2)
    assert small.prior + small.level("phone", "equal").stranger == pytest.approx(
        large.prior + large.level("phone", "equal").stranger, abs=2
    )


def test_an_unlisted_name_is_as_rare_as_the_bound_says() -> None:
    model = build(DOCUMENT, 1000)
    assert model.given_bits("jan") == bits(250)
    assert model.given_bits("nobody") == bits(10_000) > model.given_bits("jan")
    assert model.family_bits("nobody") == bits(20_000)


@pytest.mark.parametrize("population", [0, -1])
def test_a_population_is_at_least_one(population: int) -> None:
    with pytest.raises(ValueError, match="population"):
        build(DOCUMENT, population)


def test_the_shipped_model_has_all_probabilities_between_nothing_and_one() -> None:
    for population in (1, 10_000, 10_000_000):
        model = default_model(population)
        for levels in model.comparisons.values():
            assert all(
                abs(level.stranger) < 60_000 and abs(level.household) < 20_000 for level in levels.values()
            )
