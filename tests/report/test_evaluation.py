from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from resolver.evaluate.curve import calibration, precision_recall
from resolver.evaluate.evaluation import Suggested, Weighing, advise, evaluate
from resolver.evaluate.intervals import Interval
from resolver.evaluate.worst import Error, Errors
from resolver.report.evaluation import Findings, evaluation_page, verdict
from resolver.report.page import render
from resolver.resolve.explain import Compared
from tests.report.comparisons import comparison

HOSTILE = "<script>alert(1)</script>\"' onmouseover=x {{ 7 * 7 }}"
COMPARISON = replace(
    comparison(Compared("given", "equal", 9000, 4000, (HOSTILE, "jan"), ("jan",))), limits=("birth_date",)
)
ERROR = Error((0, 1, 2, 3), (4,), 4, None, COMPARISON)
PROBABILITY, PAIRS, TRUE = np.array([0.95, 0.05]), np.array([10, 20]), np.array([9, 1])
BINS = calibration(PROBABILITY, PAIRS, TRUE)
PRED, TRUTH = ["a", "a", "b", "c", "c"], [1, 2, 2, 3, 3]
FINDINGS = Findings(
    heading=f"Rows of {HOSTILE}",
    evaluation=evaluate(PRED, TRUTH),
    weighing=Weighing(30, 0.8, precision_recall(PROBABILITY, PAIRS, TRUE, 12), BINS, 0.05),
    advice=advise([Suggested(0, 2, 0.7)], PRED, TRUTH),
    errors=Errors((ERROR,), (ERROR, ERROR), (), 12, 2, 0),
    names=[HOSTILE, "r1", "r2", "r3", "r4"],
    reason=lambda _left, _right: "ambiguous",
    notes=[f"A note on {HOSTILE}."],
)


class Page(HTMLParser):
    """What a browser would make of a page: its elements, and whether each is closed."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "xlink:href"}]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def html() -> str:
    return evaluation_page(FINDINGS)


def test_the_page_fetches_nothing_and_runs_nothing(html: str) -> None:
    page = Page(html)
    assert "script" not in page.tags and "link" not in page.tags and "img" not in page.tags
    assert all(address.startswith("#") for address in page.addresses)
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", html)
    assert not page.handlers


def test_values_of_rows_are_text_and_nothing_else(html: str) -> None:
    page = Page(html)
    assert page.text.count(HOSTILE) >= 5, "heading, title, note, names and values"
    assert "<script" not in html


def test_the_page_tells_what_there_is(html: str) -> None:
    page = Page(html)
    text = " ".join(page.text.split())
    assert page.tags.count("svg") == 2 + 1 + 3
    assert "They hold 80.0% of all true pairs" in text
    assert "12 in all, of which the 1 that look least like an error are shown" in text
    assert "(and 1 more)" in text
    assert "no record of one was ever weighed against one of the other: others brought them" in text
    assert "fits two customers about equally well; limit: birth date" in text
    assert "Misses that nothing led to" in text and "None." in text
    assert "personal data" in text


def test_measures_alone_are_a_page_too() -> None:
    page = Page(evaluation_page(Findings("a.csv against b.csv", FINDINGS.evaluation)))
    assert "svg" not in page.tags
    assert "Pairs together that should be" in page.text and "personal data" not in page.text


@pytest.mark.parametrize(
    ("strangers", "grade"), [(0, "good"), (150, "good"), (151, "fair"), (300, "fair"), (301, "poor")]
)
def test_the_verdict_is_by_who_sees_a_stranger_s_data(strangers: float, grade: str) -> None:
    measures = dict(FINDINGS.evaluation.measures)
    measures["strangers_per_10000"] = Interval(strangers, strangers - 1, strangers + 1)
    measures["pairwise_recall"] = Interval(0.8, 0.75, 0.85)
    found = verdict(measures)
    assert found.grade == grade
    assert "800 (between 750 and 850)" in found.sentences[2]


def test_a_value_that_a_template_names_must_be_there() -> None:
    with pytest.raises(Exception, match="undefined"):
        render("evaluation.html", heading="x")


def test_the_same_findings_are_the_same_page(html: str) -> None:
    assert evaluation_page(replace(FINDINGS)) == html
