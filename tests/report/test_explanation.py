from __future__ import annotations

from dataclasses import replace

from resolver.report.explanation import Told, explanation_page
from resolver.resolve.explain import Bound, Compared
from tests.report.comparisons import comparison

HOSTILE = "<script>alert(1)</script>"
COMPARISON = replace(
    comparison(Compared("phone", "equal", 19_500, 3000, (HOSTILE,), ("+31612345671",))),
    bounds=(Bound("family_bound", 0, -1900),),
)


def test_a_page_tells_each_comparison_with_its_values_and_bounds() -> None:
    told = [Told("now", "possible match", COMPARISON), Told("what if", "match", COMPARISON)]
    page = explanation_page("crm:one and crm:two", told)
    assert page.count("<svg") == 2 and "what if" in page
    assert page.count("+31612345671") == 2 and page.count("<td>family bound</td>") == 2
    assert "-1.9" in page


def test_what_a_customer_wrote_is_text() -> None:
    page = explanation_page(HOSTILE, [Told(HOSTILE, HOSTILE, COMPARISON)])
    assert "<script" not in page
