from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.evaluate.curve import calibration, calibration_error, precision_recall

# (probability, pairs, of which true)
PAIRS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.999, 1.0]), st.integers(0, 3), st.integers(0, 3)).map(
        lambda pair: (pair[0], max(pair[1:]), min(pair[1:]))
    ),
    max_size=8,
)


def columns(pairs: list[tuple[float, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([p for p, _, _ in pairs], np.float64),
        np.array([n for _, n, _ in pairs], np.int64),
        np.array([t for _, _, t in pairs], np.int64),
    )


@given(PAIRS, st.integers(0, 4))
def test_a_point_is_the_precision_and_recall_from_its_probability_up(
    pairs: list[tuple[float, int, int]], unmet: int
) -> None:
    every = sum(t for _, _, t in pairs) + unmet
    curve = precision_recall(*columns(pairs), every)
    assert list(curve.probability) == sorted(set(curve.probability), reverse=True)
    assert set(curve.probability) <= {p for p, n, _ in pairs}
    for threshold, precision, recall in zip(*(curve.probability, curve.precision, curve.recall), strict=True):
        found = [(n, t) for p, n, t in pairs if p >= threshold]
        assert precision == pytest.approx(sum(t for _, t in found) / sum(n for n, _ in found))
        assert recall == pytest.approx(sum(t for _, t in found) / every if every else 0)


def test_recall_at_a_precision_is_the_most_that_any_threshold_gives() -> None:
    curve = precision_recall(*columns([(0.9, 10, 10), (0.8, 10, 5), (0.7, 80, 80), (0.1, 100, 0)]), 100)
    assert curve.recall_at(1.0) == 0.10
    assert curve.recall_at(0.9) == 0.95
    assert curve.recall_at(0.5) == 0.95
    assert precision_recall(*columns([]), 5).recall_at(0.5) == 0


def test_calibration_by_hand() -> None:
    bins = calibration(*columns([(0.92, 3, 3), (1.0, 1, 0), (0.05, 10, 1), (0.5, 4, 1)]))
    assert [(b.low, b.high, b.pairs) for b in bins] == [(0.0, 0.1, 10), (0.5, 0.6, 4), (0.9, 1.0, 4)]
    assert [b.probability for b in bins] == pytest.approx([0.05, 0.5, 0.94])
    assert [b.true.estimate for b in bins] == pytest.approx([0.1, 0.25, 0.75])
    # (10 * .05 + 4 * .25 + 4 * .19) / 18
    assert calibration_error(bins) == pytest.approx(2.26 / 18)
    assert calibration_error(()) == 0


@given(PAIRS)
def test_every_pair_is_in_one_bin(pairs: list[tuple[float, int, int]]) -> None:
    bins = calibration(*columns(pairs))
    assert sum(each.pairs for each in bins) == sum(n for _, n, _ in pairs)
    assert all(each.low - 1e-9 <= each.probability <= each.high + 1e-9 for each in bins)
