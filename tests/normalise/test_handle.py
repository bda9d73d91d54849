from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import handle
from resolver.normalise.features import Flag
from resolver.normalise.form import Form


def form(raw: str, namespace: str = "") -> Form:
    found = handle.normalise(raw, namespace)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("raw", "namespace", "platform"),
    [
        ("@Jan.deVries", "Instagram", "instagram"),
        ("https://www.instagram.com/jan.devries/?hl=nl", "", "instagram"),
        ("instagram.com/jan.devries", "ig", "instagram"),
        ("https://twitter.com/jan.devries", "", "x"),
        ("jan.devries", "Twitter", "x"),
        ("https://m.me/jan.devries", "", "facebook"),
        ("jan.devries", "Facebook Messenger", "facebook"),
        ("https://nl.linkedin.com/in/jan.devries/", "", "linkedin"),
        ("https://www.tiktok.com/@jan.devries?lang=en", "", "tiktok"),
        ("https://www.youtube.com/@jan.devries", "", "youtube"),
        ("https://www.snapchat.com/add/jan.devries", "", "snapchat"),
        ("t.me/jan.devries", "", "telegram"),
    ],
)
def test_reads_a_handle_and_its_platform(raw: str, namespace: str, platform: str) -> None:
    assert form(raw, namespace) == Form("jan.devries", (), "jan.devries", platform)


def test_separators_are_kept() -> None:
    assert form("jan_devries", "x").value != form("jan.devries", "x").value


@pytest.mark.parametrize(
    ("raw", "namespace"),
    [
        ("US.13491208655302741918", "whatsapp"),
        ("1234567890123456", "messenger"),
        ("17841400000000123", "instagram"),
        ("U4af4980629f1b2c3d4e5f60718293a4b", "line"),
        ("UCXuqSBlHAE6Xw-yeJA0Tunw", "youtube"),
    ],
)
def test_scoped_ids_are_byte_exact(raw: str, namespace: str) -> None:
    assert form(f" {raw} ", namespace).value == raw
    assert Flag.OPAQUE in form(raw, namespace).flags


def test_a_facebook_profile_without_a_name() -> None:
    found = form("https://www.facebook.com/profile.php?id=100012345678")
    assert found == Form("100012345678", (Flag.OPAQUE,), "100012345678", "facebook")


@pytest.mark.parametrize("raw", ["admin", "@User", "test", "unknown", "null", "Jan de Vries", "@"])
def test_rubbish_is_known(raw: str) -> None:
    assert Flag.RUBBISH in form(raw, "x").flags


def test_a_post_is_no_account() -> None:
    assert Flag.MALFORMED in form("https://www.instagram.com/p/abc/").flags


@given(
    st.text() | st.text(alphabet="aB1@._-/:?&=#! ", max_size=40),
    st.sampled_from(["", "x", "facebook", "whatsapp"]),
)
def test_takes_any_text_and_its_own_answer_is_a_fixpoint(raw: str, namespace: str) -> None:
    found = handle.normalise(raw, namespace)
    if found is not None and found.address:
        assert form(found.address, found.namespace).value == found.value


@given(st.from_regex(r"[a-z][a-z0-9._]{2,20}[a-z]", fullmatch=True))
def test_case_and_at_say_nothing(name: str) -> None:
    assert form("@" + name.upper(), "instagram").value == form(name, "instagram").value
