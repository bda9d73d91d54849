"""`resolver explain`: why as bars and as a chart, and what if."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import RecordKey
from resolver import report
from resolver.cli import chart, main
from resolver.inquiry import Account, Side
from resolver.match.model import default_model
from resolver.normalise.evidence import normalise
from resolver.normalise.features import Features
from resolver.resolve.explain import Decision, compare_customers
from resolver.serve.account import account_out
from tests.serve.builders import Stubs, person, record, served
from tests.simulation.universe import evidences

Run = Callable[..., tuple[int, str, str]]
MODEL = default_model(1000)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Stubs]]:
    with served(tmp_path_factory.mktemp("explain") / "s.db") as (running, client):
        for name, given in (("one", "Hidde"), ("two", "Hidde"), ("three", "Fenna")):
            evidence = person(given, "Zijlstra", f"{given}.zijlstra@kpnmail.nl", "0655501234")
            client.resolution.UpsertRecord(record(name, evidence))
        yield running.address, client


@pytest.fixture
def explain(
    service: tuple[str, Stubs],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Run:
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, str, str]:
        words = ("resolver", "explain", *map(str, arguments), "--target", service[0])
        monkeypatch.setattr(sys, "argv", list(words))
        code = main()
        return code, *capsys.readouterr()

    return ran


sides = st.lists(evidences.map(normalise), min_size=1, max_size=3, unique=True)


@settings(max_examples=60, deadline=None)
@given(sides, sides)
def test_what_is_drawn_is_what_was_weighed(left: list[Features], right: list[Features]) -> None:
    """The reply adds up by itself, and the chart's comparison is the one that the service made."""
    weighed = compare_customers(MODEL, frozenset(), left, right)
    one, other = (Side("", (RecordKey("s", name),)) for name in "ab")
    account = Account(one, other, weighed, Decision.NON_MATCH, "", "", False, ())
    reply = account_out(account, values=True)
    for prior, part, total in (
        (reply.prior_strangers_millibits, "strangers_millibits", reply.strangers_millibits),
        (reply.prior_household_millibits, "household_millibits", reply.household_millibits),
    ):
        assert prior + sum(getattr(each, part) for each in reply.comparisons) == total
    drawn = chart.comparison(reply)
    assert {each.attribute: each for each in drawn.attributes} == {
        each.attribute: each for each in weighed.attributes
    }
    assert (drawn.bounds, drawn.prior, drawn.stranger, drawn.household, drawn.weight) == (
        weighed.bounds,
        weighed.prior,
        weighed.stranger,
        weighed.household,
        weighed.weight,
    )
    assert (drawn.probability, drawn.limits, drawn.model) == (
        weighed.probability,
        weighed.limits,
        weighed.model,
    )


def test_why_is_told_as_bars_that_end_at_the_sum(explain: Run) -> None:
    code, out, _ = explain("crm:one", "crm:three")
    assert code == 0
    lines = [line for line in out.splitlines() if "█" in line or line.startswith(("prior", "sum"))]
    assert lines[0].startswith("prior") and lines[-1].startswith("sum")
    assert any(line.startswith(("given: different", "given: unknown")) for line in lines)


def test_a_chart_is_a_picture_or_a_page(explain: Run) -> None:
    assert explain("crm:one", "crm:two", "--chart", "out.svg")[0] == 0
    picture = ET.parse("out.svg").getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg" and "given: equal" in picture.get(
        "aria-label", ""
    )
    assert explain("crm:one", "crm:two", "--if-apart", "--chart", "out.HTML")[0] == 0
    page = Path("out.HTML").read_text()
    assert page.count("<svg") == 2 and "what if" in page and "hidde" in page
    code, _, err = explain("crm:one", "crm:two", "--chart", "out.pdf")
    assert code == 1 and ".svg" in err and len(err.splitlines()) == 1
    code, _, err = explain("--if-deleted", "crm:two", "--chart", "out.svg")
    assert code == 1 and "nothing to draw" in err


def test_a_chart_without_the_extra_says_how_to_get_it(explain: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "find_spec", lambda _name: None)
    code, _, err = explain("crm:one", "crm:two", "--chart", "out.svg")
    assert code == 1 and "pip install" in err and len(err.splitlines()) == 1


def test_what_if_two_were_told_apart(explain: Run) -> None:
    code, out, _ = explain("crm:one", "crm:two", "--if-apart")
    assert code == 0
    assert "split: " in out and "a new customer (1 record)" in out and "moved: crm:two" in out
    assert "not merged: judgement" in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("crm:one", "crm:three", "--if-together"), "merge: "),
        (("crm:one", "crm:two", "--if-merge", "strict"), "What if: "),
        (("crm:one", "crm:two", "--if-blocked", "phone:06 5550 1234"), "no customer would change"),
        (("--if-deleted", "crm:three"), "gone: "),
        (("--if-stated", "crm:three", "--set", "given_name=Hidde"), "What if: "),
        (
            ("--if-stated", "crm:four", "--set", "given_name=Ids", "--set", "family_name=Zee"),
            "new: nobody -> a new",
        ),
        (("--customer", "crm:one", "--if-deleted", "crm:two"), "other records: "),
    ],
)
def test_what_if_is_told_in_a_line(explain: Run, options: tuple[str, ...], told: str) -> None:
    code, out, err = explain(*options)
    assert code == 0, err
    assert told in out


def test_nothing_of_it_was_written(explain: Run, service: tuple[str, Stubs]) -> None:
    before = json.loads(explain("crm:one", "crm:two", "--json")[1])
    reply = json.loads(explain("crm:one", "crm:two", "--if-apart", "--json")[1])
    assert reply.pop("whatIf")["regroupingCount"] == 1
    assert reply == before


@pytest.mark.parametrize(
    "options",
    [
        ("crm:one", "crm:two", "--if-apart", "--if-together"),
        ("crm:one", "crm:two", "--if-merge", "sure"),
        ("crm:one", "crm:two", "--if-blocked", "device:x"),
        ("crm:one", "crm:two", "--if-blocked", "phone:"),
        ("--if-deleted", "crm"),
        ("--if-stated", "crm:one"),
        ("--set", "given_name=x", "crm:one", "crm:two"),
        ("--if-stated", "crm:one", "--set", "age=3"),
        ("--if-deleted", "crm:one", "crm:two"),
        (),
    ],
)
def test_what_cannot_be_asked_is_mistyped(explain: Run, options: tuple[str, ...]) -> None:
    assert explain(*options)[0] == 2


@pytest.mark.parametrize(
    "options", [("--if-merge", ".95"), ("--if-apart",), ("--if-together", "--customer", "c")]
)
def test_what_needs_two_says_so(explain: Run, options: tuple[str, ...]) -> None:
    code, _, err = explain(*options)
    assert code == 2 and "give two to compare" in err
