"""Handles: the name under which somebody is known on a platform.

Compared without case; separators are kept, for platforms hold `jan.devries` and `jan_devries` to be
two accounts, and matching compares them fuzzily. Ids that a platform hands out in the scope of one
business or app are opaque: byte-exact.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from resolver.normalise import text
from resolver.normalise.data import words
from resolver.normalise.features import Flag
from resolver.normalise.form import Form, flagged

_PLATFORMS = {
    "facebook messenger": "facebook",
    "facebookmessenger": "facebook",
    "messenger": "facebook",
    "fb": "facebook",
    "fb messenger": "facebook",
    "ig": "instagram",
    "insta": "instagram",
    "instagram dm": "instagram",
    "instagram direct": "instagram",
    "twitter": "x",
    "x (twitter)": "x",
    "x/twitter": "x",
    "x twitter": "x",
    "tg": "telegram",
    "whats app": "whatsapp",
    "whatsapp business": "whatsapp",
    "wa": "whatsapp",
    "yt": "youtube",
    "linked in": "linkedin",
    "snap": "snapchat",
    "weixin": "wechat",
    "tik tok": "tiktok",
}
_HOSTS = {
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "fb.me": "facebook",
    "m.me": "facebook",
    "messenger.com": "facebook",
    "instagram.com": "instagram",
    "instagr.am": "instagram",
    "ig.me": "instagram",
    "x.com": "x",
    "twitter.com": "x",
    "tiktok.com": "tiktok",
    "t.me": "telegram",
    "telegram.me": "telegram",
    "telegram.org": "telegram",
    "linkedin.com": "linkedin",
    "snapchat.com": "snapchat",
    "wa.me": "whatsapp",
    "whatsapp.com": "whatsapp",
    "viber.com": "viber",
    "threads.net": "threads",
    "threads.com": "threads",
    "youtube.com": "youtube",
    "line.me": "line",
    "wechat.com": "wechat",
    "pinterest.com": "pinterest",
    "reddit.com": "reddit",
    "github.com": "github",
    "bsky.app": "bluesky",
}
# Path segments that stand before the name, and those under which no account stands.
_BEFORE_NAME = frozenset(
    {"in", "pub", "add", "c", "user", "u", "channel", "profile", "stories", "people", "#!", "t"}
)
_NO_ACCOUNT = frozenset(
    {"p", "reel", "reels", "explore", "watch", "groups", "hashtag", "status", "share", "search"}
)

_URL = re.compile(r"^(?:https?://|www\.)?(?P<host>(?:[a-z0-9-]+\.)+[a-z]{2,})/(?=.)", re.IGNORECASE)
_NAME = re.compile(r"\w[\w.\-]{0,99}")
_EDGES = " \t,;:/\"'<>()"

_SCOPED = {
    "whatsapp": re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}"),
    "line": re.compile(r"[UCR][0-9a-f]{32}"),
    "wechat": re.compile(r"o[A-Za-z0-9_-]{27}"),
    "youtube": re.compile(r"UC[A-Za-z0-9_-]{22}"),
    "viber": re.compile(r"[A-Za-z0-9+/]{22}=="),
    "facebook": re.compile(r"\d{5,}"),
    "telegram": re.compile(r"-?\d{5,}"),
    "discord": re.compile(r"\d{15,20}"),
}
_LONG_NUMBER = re.compile(r"\d{14,}")

_NOBODY = frozenset(words("nobody_handles.txt"))


@lru_cache(maxsize=1024)
def platform(namespace: str) -> str:
    """Return the one spelling of a platform's name: facebook for Messenger too, x for Twitter."""
    folded = text.fold(namespace).strip(" .")
    folded = " ".join(folded.replace("_", " ").replace("-", " ").split())
    if folded in _PLATFORMS:
        return _PLATFORMS[folded]
    return _HOSTS.get(folded.removeprefix("www."), folded)


def _host_platform(host: str) -> str:
    labels = host.lower().split(".")
    for start in range(len(labels) - 1):
        found = _HOSTS.get(".".join(labels[start:]))
        if found:
            return found
    return ""


def _from_url(url: str) -> tuple[str, str]:
    """Return platform and account named by a profile's URL; no platform where it is not a profile's."""
    try:
        parts = urlsplit(url if "://" in url else "https://" + url)
        found = _host_platform(parts.hostname or "")
    except ValueError:
        return "", ""
    query = parse_qs(parts.query, max_num_fields=20) if parts.query.count("&") < 20 else {}
    path = parts.path + ("#" + parts.fragment if parts.fragment.startswith("!") else "")
    segments = [unquote(segment) for segment in path.split("/") if segment]
    if found == "facebook" and segments[:1] == ["profile.php"] and "id" in query:
        return found, query["id"][0]
    if found == "facebook" and segments[:1] == ["people"] and len(segments) > 2:
        return found, segments[2]
    while len(segments) > 1 and segments[0].lower() in _BEFORE_NAME:
        segments = segments[1:]
    if not segments or segments[0].lower() in _NO_ACCOUNT:
        return "", ""
    return found, segments[0]


def normalise(raw: str, namespace: str = "") -> Form | None:
    """Return a handle in normal form with its platform as namespace, None where the text is empty.

    The platform is read from a profile's URL where `namespace` does not give it. Text with blanks is a
    display name, which may be anybody's: RUBBISH. What cannot be a handle is MALFORMED.
    """
    if len(raw) > text.LIMIT:
        return Form(text.opaque(raw), (Flag.MALFORMED,), namespace=platform(namespace))
    return _normalise(raw, namespace)


@lru_cache(maxsize=65536)
def _normalise(raw: str, namespace: str) -> Form | None:
    cleaned = text.clean(raw)
    if not cleaned:
        return None
    space = platform(namespace)
    exact = text.opaque(raw)
    scoped = _SCOPED.get(space)
    if (scoped and scoped.fullmatch(exact)) or _LONG_NUMBER.fullmatch(exact):
        flags = [Flag.OPAQUE] + ([Flag.RUBBISH] if len(set(exact)) == 1 else [])
        return Form(exact, flagged(flags), exact, space)
    name = cleaned
    if _URL.match(cleaned):
        found, account = _from_url(cleaned)
        if account and (found or space):
            name, space = account, space or found
            scoped = _SCOPED.get(space)
            if (scoped and scoped.fullmatch(name)) or _LONG_NUMBER.fullmatch(name):
                return Form(name, (Flag.OPAQUE,), name, space)
    name = text.clean(name).strip(_EDGES).lstrip("@").strip(_EDGES).lower()
    if not _NAME.fullmatch(name):
        flags = [Flag.MALFORMED]
        if " " in name or text.is_placeholder(name):
            flags.append(Flag.RUBBISH)
        return Form(name or cleaned, flagged(flags), namespace=space)
    rubbish = name in _NOBODY or text.is_placeholder(name)
    return Form(name, (Flag.RUBBISH,) if rubbish else (), name, space)
