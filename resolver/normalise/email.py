"""E-mail addresses (RFC 5321 and 6531 mailboxes; RFC 5891 domains).

A strict pattern of our own with `idna`, not a validating library: this must keep and flag what is
wrong rather than refuse it, must read special-use domains (they are what rubbish looks like), and
runs a hundred times faster. Deliverability is no question of identity.
"""

from __future__ import annotations

import re
from functools import lru_cache

import idna
from disposable_email_domains import blocklist

from resolver.normalise import text
from resolver.normalise.data import words
from resolver.normalise.features import Flag
from resolver.normalise.form import Form, flagged

_BRACKETED = re.compile(r"<\s*([^<>]*@[^<>]*?)\s*>")
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f.]+(?:\.[^\s@\"(),:;<>\[\\\]\x00-\x1f.]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
# One slip away from an address (live.n, gmailcom, a..b): compared, but not to be written to.
_NEARLY = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_DOTS = re.compile(r"\.{2,}")
_AT = re.compile(r"\s*(?:[(\[{]\s*at\s*[)\]}]|@)\s*")
_DOT = re.compile(r"\s*[(\[{]\s*dot\s*[)\]}]\s*")
_SPOKEN = re.compile(r"(?<=\S) at (?=\S+(?:\.| dot )\S)|%40")
_SPOKEN_DOT = re.compile(r"(?<=\S) dot (?=\S)")
_MAILTO = re.compile(r"mailto:(?://)?([^?]*)(?:\?.*)?")
_LABEL = re.compile(r"^[^\W\d_][^@/:]{2,}:\s*(?=[^\s/])")
_COMMENT = re.compile(r"\([^()@]*\)")
_BEHIND = re.compile(r"(\S+@\S+\.[a-z]{2,})[\s,;]+[(\[-]?\s*[^\W\d_]{4,}[^@]*")
"""An address and words behind it, of more letters than the piece of a domain that was torn in two."""
_HALF = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3002: ord(".")}
"""Full-width characters by the usual ones."""
_EDGES = " \t.,;:<>()[]\"'"

_GMAIL = "gmail.com"
# Other names under which a provider delivers to the same mailbox, by the provider's own word.
_ALIASES = {
    "googlemail.com": _GMAIL,
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
}

_ROLES = frozenset(words("role_mailboxes.txt"))
_NOBODY = frozenset(words("nobody_mailboxes.txt"))
# Rubbish whatever the domain; of the rest only at a domain that is itself made up.
_NOBODY_ANYWHERE = frozenset(words("nobody_mailboxes_anywhere.txt"))
# RFC 2606 and 6761, and what people type into a mandatory field.
_NOWHERE = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org|edu)|example|test|invalid|localhost|local|"
    r"(?:test|tests|testing|tester|none|no|noemail|nomail|null|fake|fakeemail|fakemail|dummy|asdf|asdfasdf|qwerty|"
    r"unknown|undefined|nothing|nowhere|foo|foobar|blah|geen|geenmail|onbekend|keine|"
    r"yourdomain|mydomain|noreply|x{2,}|a{2,}|z{2,})\.[a-z]{1,4})"
)


def _domain(raw: str) -> str | None:
    """Return the domain in lower-case ASCII (RFC 5891 A-labels), None where it is not one."""
    domain = raw.strip(_EDGES).replace(",", ".").lower()
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return domain if len(domain) <= 253 and _DOMAIN.fullmatch(domain) else None


def _mailbox(local: str, domain: str) -> str:
    """Return the spelling that all spellings of one mailbox share."""
    domain = _ALIASES.get(domain, domain)
    plain = local.partition("+")[0].rstrip(".") or local
    if domain == _GMAIL:
        plain = plain.replace(".", "") or plain
    return f"{plain}@{domain}"


def _is_rubbish(local: str, domain: str) -> bool:
    bare = local.partition("+")[0]
    if bare in _NOBODY_ANYWHERE or _NOWHERE.fullmatch(domain):
        return True
    name = domain.rpartition(".")[0]
    if bare == name and (bare in _NOBODY or len(bare) <= 2 or len(set(bare)) == 1):
        return True
    return len(bare) > 1 and len(set(bare)) == 1 and not bare.isdigit() and len(bare) >= 4


def _flags(local: str, domain: str) -> tuple[Flag, ...]:
    flags = []
    if _is_rubbish(local, domain):
        flags.append(Flag.RUBBISH)
    if local.partition("+")[0] in _ROLES:
        flags.append(Flag.ROLE)
    parents = domain.split(".")
    if any(".".join(parents[start:]) in blocklist for start in range(len(parents) - 1)):
        flags.append(Flag.DISPOSABLE)
    return flagged(flags)


def normalise(raw: str) -> Form | None:
    """Return an e-mail address in normal form, None where the text is empty.

    Compared without case, plus tag, Gmail's dots and between a provider's names for one mailbox; a
    slip of the fingers in the domain is left for matching to see, but for a comma typed as a dot.
    A label before it, words behind it and the marks of tables and mail programs are no part of it. What is
    no address is kept whole, MALFORMED.
    """
    if len(raw) > text.LIMIT:
        return Form(text.opaque(raw), (Flag.MALFORMED,))
    return _normalise(raw)


def _address(cleaned: str) -> str:
    """Return what stands for the address in a text, folded, without what is written around it."""
    written = text.unmarked(cleaned.translate(_HALF))
    bracketed = _BRACKETED.search(written)
    written = (bracketed.group(1) if bracketed else written).casefold()
    if "@" not in written:
        written = _SPOKEN_DOT.sub(".", _SPOKEN.sub("@", written))
    written = _DOT.sub(".", _AT.sub("@", written)).strip(_EDGES)
    if match := _MAILTO.fullmatch(written):
        written = match[1]
    written = _COMMENT.sub("", _LABEL.sub("", written))
    if match := _BEHIND.fullmatch(written):
        written = match[1]
    return written.strip(_EDGES).replace(" ", "")


@lru_cache(maxsize=65536)
def _normalise(raw: str) -> Form | None:
    cleaned = text.clean(raw)
    if not cleaned:
        return None
    candidate = _address(cleaned)
    local, _, rest = candidate.rpartition("@")
    domain = _domain(rest)
    local = local.strip(_EDGES)
    if len(local.encode()) > 64 or len(rest) > 253:
        domain = None
    elif domain is None or not _LOCAL.fullmatch(local):
        mended = _DOTS.sub(".", candidate)
        if _NEARLY.fullmatch(mended):
            local, _, domain = mended.partition("@")
            return Form(_mailbox(local, domain), _flags(local, domain))
        domain = None
    if domain is None:
        flags = [Flag.MALFORMED] + ([Flag.RUBBISH] if text.is_placeholder(cleaned) else [])
        return Form(candidate or cleaned, flagged(flags))
    return Form(_mailbox(local, domain), _flags(local, domain), f"{local}@{domain}")
