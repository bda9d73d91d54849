"""Two customers compared as one page: the waterfall, and what was compared beside its bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from resolver.report.charts import Chart, waterfall
from resolver.report.page import render

if TYPE_CHECKING:
    from resolver.resolve.explain import Comparison


class Told(NamedTuple):
    """A comparison under a heading, with what it came to in a line."""

    heading: str
    verdict: str
    comparison: Comparison

    @property
    def chart(self) -> Chart:
        """The comparison drawn."""
        return waterfall(self.comparison)


def explanation_page(title: str, told: Sequence[Told]) -> str:
    """Comparisons as one self-contained page. It shows the values compared, so it is personal data."""
    return render("explanation.html", title=title, told=told)
