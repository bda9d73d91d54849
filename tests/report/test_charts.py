from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from resolver import report
from resolver.evaluate.curve import calibration, precision_recall
from resolver.report.charts import Chart, calibration_chart, precision_recall_chart, waterfall
from resolver.resolve.explain import Bound, Compared
from tests.report.comparisons import comparison

COMPARISON = comparison(
    Compared("given", "different", -7000, -7200, ("jan",), ("sanne",)),
    Compared("phone", "equal", 19_500, 3000, ("+31612345671",), ("+31612345671",)),
)


def texts(chart: Chart) -> list[str]:
    return [each.text or "" for each in ET.fromstring(chart.svg).iter() if each.tag.endswith("text")]


def drawn(chart: Chart) -> list[str]:
    return re.findall(r">([^<>]+)</(?:text|tspan)>", chart.svg)


def test_a_waterfall_tells_every_step_in_the_model_s_order() -> None:
    chart = waterfall(COMPARISON)
    shown = drawn(chart)
    for told in ("prior", "phone: equal", "given: different", "sum", "against strangers", "-18.0", "+19.5"):
        assert told in shown
    assert shown.index("phone: equal") < shown.index("given: different"), "identifiers before names"
    assert "names bound" not in shown
    assert "probability .0154" in chart.alt and "phone: equal +19.5" in chart.alt


def test_what_is_not_counted_twice_is_a_step_of_its_own() -> None:
    bound = Bound("names_bound", -3000, 0)
    chart = waterfall(replace(COMPARISON, stranger=COMPARISON.stranger - 3000, bounds=(bound,)))
    assert "names bound" in drawn(chart) and "-3.0" in drawn(chart)


def test_a_comparison_of_nothing_is_still_a_picture() -> None:
    assert "sum" in drawn(waterfall(comparison()))


def test_text_is_escaped_and_is_never_read_as_a_formula() -> None:
    hostile = Compared("given", '<script>alert("$x^2$")</script>&', 1000, 1000, (), ())
    chart = waterfall(comparison(hostile))
    assert "<script" not in chart.svg
    assert ET.fromstring(chart.svg).get("aria-label") == chart.alt
    assert any('<script>alert("$x^2$")</script>&' in text for text in texts(chart))


@pytest.fixture
def charts() -> list[Chart]:
    probability, pairs, true = np.array([0.95, 0.5, 0.05]), np.array([10, 4, 20_000]), np.array([9, 2, 10])
    curve = precision_recall(probability, pairs, true, 30)
    bins = calibration(probability, pairs, true)
    return [
        waterfall(COMPARISON),
        precision_recall_chart(curve, met=0.7, reached=(0.3, 0.9)),
        precision_recall_chart(curve, met=0.7),
        calibration_chart(bins),
        calibration_chart(()),
    ]


def test_charts_stand_by_themselves(charts: list[Chart]) -> None:
    for chart in charts:
        root = ET.fromstring(chart.svg)
        assert root.get("role") == "img" and root.get("aria-label") == chart.alt
        assert root.get("viewBox") and root.get("width") is None, "a page scales it"
        assert "http" not in chart.svg and "<style" not in chart.svg and "<image" not in chart.svg
        ids = {each.get("id") for each in root.iter()} - {None}
        assert set(re.findall(r'(?:href="|url\()#([^")]+)', chart.svg)) <= ids


def test_no_two_charts_share_an_id_and_the_same_is_drawn_the_same(charts: list[Chart]) -> None:
    ids = [set(re.findall(r'\bid="([^"]+)"', chart.svg)) for chart in charts]
    for number, mine in enumerate(ids):
        for others in ids[:number]:
            assert not mine & others
    assert waterfall(COMPARISON) == charts[0]


def test_alternative_texts_tell_the_figures(charts: list[Chart]) -> None:
    assert "70.0% of the true pairs were weighed" in charts[1].alt
    assert "precision 0.900 at recall 0.300" in charts[1].alt
    assert "20k pairs given 0.05 on average, 0.00 true" in charts[3].alt


def test_a_missing_extra_is_one_line_that_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "find_spec", lambda _name: None)
    with pytest.raises(report.MissingExtra) as told:
        waterfall(COMPARISON)
    assert "pip install 'customer-graph[report]'" in str(told.value) and "\n" not in str(told.value)
