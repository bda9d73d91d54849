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
    "attributes": {
        "levels": {
            "default": {
                "why": "a test",
                "equal": {"m": 0.5, "u": 0.125, "h": 0.5},
                "short": {"m": 0.5, "u": 0.25, "h": 0.5},
                "close": {"m": 0.5, "u": 0.25, "h": 0.5},
                "different": {"m": 0.25, "u": 0.5, "h": 0.5},
            },
            "gender": {
                "equal": {"m": 1.0, "u": 0.5, "h": 0.5},
                "close": {"m": 0.5, "u": 0.5, "h": 0.5},
                "different": {"m": 0.125, "u": 0.5, "h": 0.5},
            },
        },
        "frequencies": {"trade": {"rarest_ppm": 125_000, "values": {"baker": 250_000, "miller": 1}}},
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


def test_an_attribute_that_the_model_does_not_know_has_the_defaults_levels() -> None:
    model = build(DOCUMENT, 1000)
    assert model.attribute("gender", "equal").stranger == 1000
    assert model.attribute("shoe_size", "equal").stranger == 2000
    assert model.attribute("shoe_size", "different").stranger == -1000
    assert model.attribute_bits("shoe_size", "44") == 0


def test_an_equal_code_is_told_apart_only_where_the_model_does_so() -> None:
    model = build(DOCUMENT, 1000)
    assert model.attribute("shoe_size", "short").name == "short"
    assert model.attribute("gender", "short").name == "equal"


def test_frequencies_of_an_attributes_values_take_the_place_of_u() -> None:
    model = build(DOCUMENT, 1000)
    assert model.attribute("trade", "equal").stranger == model.attribute("trade", "short").stranger == -1000
    assert model.attribute("trade", "different") == model.attribute("shoe_size", "different")
    assert model.attribute_bits("trade", "baker") == 2000
    assert model.attribute_bits("trade", "miller") == model.attribute_bits("trade", "never heard of") == 3000


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


def test_no_attribute_of_the_shipped_model_weighs_like_an_identifier() -> None:
    model = default_model(10_000)
    for levels in model.attributes.values():
        assert levels.keys() == {"equal", "short", "close", "different"}
        assert all(
            abs(level.stranger) < 10_000 and abs(level.household) < 10_000 for level in levels.values()
        )
        assert levels["different"].stranger < levels["close"].stranger
        assert levels["different"].stranger < 0 < levels["equal"].stranger
