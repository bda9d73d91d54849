from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from resolver import report
from resolver.batch.rows import Reject
from resolver.batch.summary import Rejections, summarise
from resolver.evaluate.against import Extent
from resolver.match.commonness import Common
from resolver.report.figures import Figures
from resolver.report.first_page import (
    Compared,
    Overview,
    RawRow,
    compare,
    differences,
    first_page,
    overview,
    verdict,
)
from resolver.report.register import Register
from resolver.resolve.settings import Policy
from tests.report.files import FEMKE, PARTNERS, ROBERT, register, row

HOSTILE = "<script>alert(1)</script>\"' onmouseover=x {{ 7 * 7 }}"
COLUMNS = {"id": "record_id", "first": "given_name", "last": "family_name", "tel": "phone"}
SOUND = Figures(
    rows=1000, rejected=0, customers=800, repeated=150, copies=50, identified=145, likely=5, unsure=2,
    doubtful=4, refused=0, too_large=0, visitors=0,
)  # fmt: skip


def told(
    answer: Register, *, compared: Compared | None = None, rejections: Rejections | None = None
) -> Overview:
    return overview(answer, summarise(answer.result, rejections or Rejections()), Policy(), compared)


def page(found: Overview, cells: Mapping[str, str] | None = None, name: str = "shop.csv") -> str:
    raw = {number: RawRow(f"row {number}", cells or {"first": f"first{number}"}) for number in found.shown()}
    return first_page(found, raw, COLUMNS, name=name, notes=["Population 1,000."])


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> _Tags:
    tags = _Tags()
    tags.feed(html)
    assert not tags.open, "every tag is closed"
    return tags


def test_the_page_tells_duplicates_doubts_and_rejects_with_their_evidence() -> None:
    rejections = Rejections()
    rejections.take(Reject(10, 11, "birth date in the future", "geboren", "x"))
    answer = register([*FEMKE, *ROBERT, *PARTNERS, row(8, "", "de Graaf", phone="0611112229")])
    text = parsed(page(told(answer, rejections=rejections))).text
    assert "given name Bob for Robert" in text and "nothing disagrees" in text
    assert "another customer fits about as well" in text
    assert "birth date in the future" in text and "geboren" in text
    assert "first4" in text and "first5" in text, "the rows as they came"
    assert "Personal data." in text


def test_the_page_stands_by_itself() -> None:
    tags = parsed(page(told(register([*FEMKE, *ROBERT, *PARTNERS]))))
    names = {name for name, _ in tags.seen}
    assert not names & {"script", "link", "img", "iframe", "object", "form"}
    for _, attributes in tags.seen:
        assert not {"src", "onclick", "srcset"} & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#")
    html = page(told(register(FEMKE)))
    assert "//" not in html and "url(" not in html and "@import" not in html
    assert "default-src 'none'" in html, "a browser is told to fetch nothing"
    assert "prefers-color-scheme: dark" in html and "@media print" in html and "viewport" in html
    anchors = {attributes["href"] for name, attributes in tags.seen if name == "a"}
    assert anchors <= {f"#{attributes['id']}" for _, attributes in tags.seen if "id" in attributes}


def test_hostile_values_stay_text() -> None:
    rejections = Rejections()
    rejections.take(Reject(10, 11, HOSTILE, HOSTILE, HOSTILE))
    rows = [
        row(1, HOSTILE, HOSTILE, phone="0612345670", email='"<img src=x>"@ziggo.nl', card="<b>LC100200</b>"),
        row(2, HOSTILE, "<i>", phone="0612345670", card="<b>LC100200</b>"),
        row(3, "Jan", "Smit", email="info@<u>.nl"),
    ]
    answer = register(rows)
    keys = [placed.key for placed in answer.result.rows if placed.key]
    against = compare(answer, Policy(), keys, [HOSTILE, "b", HOSTILE], HOSTILE, [HOSTILE])
    found = told(answer, compared=against, rejections=rejections)
    html = page(found, dict.fromkeys(COLUMNS, HOSTILE), HOSTILE)
    tags = parsed(html)
    assert not {name for name, _ in tags.seen} & {"script", "img", "b", "u"}
    assert not any("onmouseover" in attributes for _, attributes in tags.seen)
    assert tags.text.count(HOSTILE) > len(COLUMNS) and "49" not in tags.text.replace(HOSTILE, "")


def test_columns_whose_cells_could_not_be_read_are_told() -> None:
    rows = [replace(each, unread=(HOSTILE, "tel")[: 1 + number % 2]) for number, each in enumerate(FEMKE)]
    tags = parsed(page(told(register(rows))))
    _, _, section = tags.text.partition("Cells that could not be read")
    assert f"{HOSTILE}{len(rows)}" in section and f"tel{len(rows) // 2}" in section
    assert "could not be read" not in parsed(page(told(register(FEMKE)))).text


def test_a_file_in_which_nothing_repeats_has_a_page_too() -> None:
    text = parsed(page(told(register([row(1, "Jan", "Smit", phone="0612345670")])))).text
    assert "Nothing repeats" in text and "likeness" not in text


def test_examples_are_bounded_however_many_rows_there_are() -> None:
    rows = [
        row(
            2 * n + k,
            "Anna" if k else "Jan",
            f"Zonnebeld{chr(97 + n % 26)}{chr(97 + n // 26)}" * 2,
            phone=f"06{12345600 + n}",
        )
        for n in range(120)
        for k in range(2)
    ]
    answer = register(rows)
    keys = [placed.key for placed in answer.result.rows if placed.key]
    theirs = [str(number // 2) for number in range(len(keys))]
    found = told(answer, compared=compare(answer, Policy(), keys, theirs, "their.csv"))
    assert found.compared and found.compared.opinions.contradicted.clusters > 25
    assert len(found.compared.wrong) == 25
    assert page(found).count("<article") <= 25 * 3 + 12 * 3


def test_the_other_tool_s_merges_and_misses_are_told_with_their_evidence() -> None:
    answer = register([*FEMKE, *PARTNERS])
    keys = [placed.key for placed in answer.result.rows if placed.key]
    compared = compare(answer, Policy(), keys, ["a", "b", "a", "c", "c"], "their.csv", ["1 record left out."])
    wrong, missed = differences(compared)
    assert wrong == (
        "their.csv puts people together whom something tells apart in 1 of its 3 clusters: "
        "2 customers here, 2 records."
    )
    assert missed == "their.csv spreads 1 of 3 customers over 2 clusters: 3 records, 1 merge missed."
    text = parsed(page(told(answer, compared=compared))).text
    assert "cluster c. Here: customers" in text and "clusters a and b. Here: customer" in text
    assert re.search(r"Another (given name|birth date) \([^)]+\)", text) and "1 record left out." in text


# -- the verdict ----------------------------------------------------------------------------------


def reasons(found: Figures) -> list[tuple[str, str]]:
    return [(each.grade, each.told) for each in verdict(found).reasons]


def test_a_sound_file_may_be_merged_and_every_figure_says_of_what() -> None:
    found = verdict(SOUND)
    assert (found.grade, found.headline) == ("good", "This file can be merged as it stands.")
    assert {grade for grade, _ in reasons(SOUND)} == {"", "good"}
    text = " ".join(told for _, told in reasons(SOUND))
    assert "1 in 5 rows repeats a customer that another row has already: 200 of 1,000 rows." in text
    assert "The file holds 800 customers, 150 of them with several rows." in text
    visited = " ".join(told for _, told in reasons(replace(SOUND, rows=1002, visitors=2)))
    assert "several rows, and 2 visitors, whose records name nobody." in visited
    assert "98% of these hang on an identifier" in text and "195 of 200; 5 hang on likeness alone." in text
    assert "2 pairs of customers may be one and not merged: 4 of 800 customers are in one." in text
    assert text.endswith("All of 1,000 rows could be used.")


@pytest.mark.parametrize(
    ("changes", "grade", "told"),
    [
        ({"identified": 110, "likely": 40}, "fair", "80% of these"),
        ({"identified": 10, "likely": 140}, "poor", "30% of these"),
        ({"doubtful": 700, "unsure": 900}, "fair", "700 of 800 customers"),
        ({"rows": 1050, "rejected": 50}, "fair", "50 rows of 1,050 could not be used."),
        ({"rows": 1500, "rejected": 500}, "poor", "500 rows of 1,500 could not be used."),
        ({"too_large": 1}, "fair", "1 group of rows"),
        ({"named": False}, "fair", "No row has a name that is understood"),
        ({"rows": 1801, "visitors": 801}, "poor", "801 of 1,601 customers and visitors have neither"),
        ({"rows": 1001, "replaced": 1}, "fair", "1 row is replaced by another row of the same record id"),
    ],
)
def test_what_is_not_sound_lowers_the_grade_with_its_reason(
    changes: dict[str, Any], grade: str, told: str
) -> None:
    found = replace(SOUND, **changes)
    assert verdict(found).grade == grade and verdict(found).headline != verdict(SOUND).headline
    assert any(each == grade and told in words for each, words in reasons(found))


def test_customers_more_alike_than_the_model_supposes_are_a_reason_to_look() -> None:
    found = verdict(SOUND, common=[Common("postcode", 60.4), Common("family", 36.2)])
    assert found.grade == "fair" and len(found.reasons) == len(verdict(SOUND).reasons) + 1
    assert "These customers share postcodes 60 times and surnames 36 times" in found.reasons[-1].told


def test_shares_are_never_rounded_to_all_or_nothing() -> None:
    nearly = replace(SOUND, rows=100_000, customers=80_000, copies=0, identified=19_999, likely=1)
    assert "99% of these" in reasons(nearly)[1][1]
    mostly = replace(SOUND, rows=1000, customers=1, repeated=1, copies=999, identified=0, likely=0)
    assert "99% of the rows repeat" in reasons(mostly)[0][1]


def test_another_tool_s_figures_do_not_lower_the_grade() -> None:
    answer = register(FEMKE)
    keys = [placed.key for placed in answer.result.rows if placed.key]
    compared = compare(answer, Policy(), keys, ["a", "b", "c"], "their.csv")
    bad = replace(compared, opinions=replace(compared.opinions, contradicted=Extent(9, 99, 999)))
    assert verdict(SOUND, bad).grade == "good"
    assert len(verdict(SOUND, bad).reasons) == len(verdict(SOUND).reasons) + 2


def test_without_the_extra_there_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    from resolver.report import page as pages  # noqa: PLC0415

    found = told(register(FEMKE))
    pages._environment.cache_clear()
    monkeypatch.setattr(report, "find_spec", lambda _name: None)
    with pytest.raises(report.MissingExtra):
        page(found)
