from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import email
from resolver.normalise.features import Flag
from resolver.normalise.form import Form


def form(raw: str) -> Form:
    found = email.normalise(raw)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "raw",
    [
        "jandevries@gmail.com",
        "Jan.De.Vries@GoogleMail.com",
        " jan.devries+shop@gmail.com ",
        "mailto:jandevries@gmail.com?subject=x",
        "Jan de Vries <jandevries@gmail.com>",
        "jandevries@gmail,com",
        "jan devries @ gmail.com.",
        "'jandevries@gmail.com',",
        "jan..devries@gmail.com",
        "jandevries(at)gmail.com",
        "jan\u200bdevries@gmail.com",
        "MAILTO:jandevries@gmail.com",
        "<mailto:jandevries@gmail.com>",
        "SMTP:jandevries@gmail.com",
        "E-mail privé: jandevries@gmail.com",
        "\uff4a\uff41\uff4edevries\uff20gmail\uff0ecom",
        '="jandevries@gmail.com"',
        "jandevries@gmail.com..",
        "jandevries%40gmail.com",
        "jandevries {at} gmail [dot] com",
        "jandevries at gmail dot com",
        "jandevries@gmail.com (privé)",
        "jandevries@gmail.com werk",
        "jandevries@gmail.com - thuis",
        "jandevries@gmail. com",
        "jandevries@gmail.co m",
    ],
)
def test_spellings_of_one_mailbox(raw: str) -> None:
    assert form(raw).value == "jandevries@gmail.com"
    assert form(raw).flags == ()


def test_the_address_is_as_it_came() -> None:
    assert form("Jan.deVries+x@GoogleMail.com").address == "jan.devries+x@googlemail.com"


def test_dots_matter_outside_gmail() -> None:
    assert form("jan.de@planet.nl").value != form("jande@planet.nl").value


def test_domains_are_compared_as_a_labels() -> None:
    assert form("jan@Bücher.de").value == form("jan@xn--bcher-kva.de").value == "jan@xn--bcher-kva.de"


@pytest.mark.parametrize("raw", ["jan@gmial.com", "jan@live.n", "jan@gmailcom"])
def test_a_slip_is_kept_for_matching_to_see(raw: str) -> None:
    assert form(raw).value == raw
    assert Flag.MALFORMED not in form(raw).flags


@pytest.mark.parametrize(
    "raw",
    [
        "test@test.com",
        "a@a.com",
        "x@x.x",
        "none@none.com",
        "no@no.nl",
        "fake@gmail.com",
        "jan@example.com",
        "jan@mail.example.org",
        "noreply@store.com",
        "xxx@xxx.nl",
        "aaaa@gmail.com",
        "jan@localhost",
        "n/a",
    ],
)
def test_rubbish_is_known(raw: str) -> None:
    assert Flag.RUBBISH in form(raw).flags


@pytest.mark.parametrize("raw", ["info@bakker.nl", "Klantenservice@x.nl", "sales+eu@x.com", "ventas@x.es"])
def test_offices_are_nobody_s(raw: str) -> None:
    assert form(raw).flags == (Flag.ROLE,)


def test_disposable_mailboxes_are_flagged_under_subdomains_too() -> None:
    assert form("jan@mailinator.com").flags == (Flag.DISPOSABLE,)
    assert form("jan@eu.mailinator.com").flags == (Flag.DISPOSABLE,)


@pytest.mark.parametrize(
    "raw",
    [
        "jan",
        "a@b@c.nl",
        "@x.nl",
        "jan@",
        "jan@-x.nl@",
        "Jan at home",
        "x:y@z",
        "x" * 1_000_000 + "@x.nl",
        "j" * 65 + "@x.nl",
    ],
)
def test_what_is_no_address_is_kept_and_cannot_be_written_to(raw: str) -> None:
    assert Flag.MALFORMED in form(raw).flags
    assert form(raw).address == ""


@given(st.text() | st.emails() | st.text(alphabet="ab@.+,<>(): \u00fc\uff20", max_size=20))
def test_takes_any_text_and_its_own_answer_is_a_fixpoint(raw: str) -> None:
    found = email.normalise(raw)
    if found is not None and found.address:
        again = form(found.address)
        assert (again.value, again.address) == (found.value, found.address)
        assert form(found.value).value == found.value


@given(st.emails())
def test_case_and_blanks_say_nothing(raw: str) -> None:
    assert form(f"  {raw.upper()} ").value == form(raw).value
