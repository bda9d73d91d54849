"""Telephone numbers, by libphonenumber's metadata (ITU-T E.164 and the national numbering plans).

`address` is the number to dial, in E.164. The compared form folds what a country has changed about
one line's spelling: Brazil's ninth digit, Argentina's 9 and Mexico's former 1 for mobiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from anyascii import anyascii
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from resolver.normalise import text
from resolver.normalise.features import Flag
from resolver.normalise.form import Form, flagged

_SCHEME = re.compile(r"^(?:tel|sms|mms|callto|whatsapp|wa|rcs|viber|signal)\s*:\s*(?://)?", re.IGNORECASE)
_CHAT_ADDRESS = re.compile(
    r"^\+?(\d{8,15})(?::\d+)?@(?:s\.whatsapp\.net|c\.us|whatsapp\.com)$", re.IGNORECASE
)
_CHAT_LINK = re.compile(
    r"^(?:https?://)?(?:wa\.me|api\.whatsapp\.com/send\?phone=)/?\+?(\d{8,15})\b", re.IGNORECASE
)
_EXTENSION = re.compile(
    r"(?<=\d)[\s,;./)-]*(?:;ext=|extension|ext|xtn|toestel|tst|durchwahl|dw|poste|int|anexo|x|#)\s*[.:=]?\s*\d{1,7}\s*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:phone|telephone|tel|mobile|mob|cell|fax|gsm|telefoon|telefon|handy|movil)\s*[.:]+\s*|^[tmf]\s*[:.]\s*"
)
_WORDS = re.compile(
    r"^[^\d+]*[\s:.)\]](?=[+(\d])|(?<=\d)(?:\s*[(\[,;:]|\s+[-/|]?)\s*[(\['\"]?[^\W\d_][^\d+]*$"
)
"""Words before or behind a number: whose it is, of which kind. Letters that are dialled follow a dash."""
_TRUNK = re.compile(r"\(\s*0\s*\)")
_ALLOWED = re.compile(r"^[+\d\s().\-/_*~]+$")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00ad]")
_EDGES = " ,;<>[]\"'"
_NOT_DIGIT = re.compile(r"\D+")

_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_SERVICES = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)

# Blocks that regulators keep for films and examples (NANPA 555-01xx, Ofcom's numbers for drama, ACMA's).
_FICTION = re.compile(r"^(?:1\d{3}55501\d\d|44(?:7700900|1632960|2079460)\d{3}|61491570\d{3})$")
_ASCENDING = "01234567890123456789"
_DESCENDING = _ASCENDING[::-1]
_RUN = re.compile(r"(\d)\1{6,}$|0{6,}$")
_PAIRS = re.compile(r"(\d\d)\1{3,}$")
_SEQUENCE = 7


def _parse(number: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region or None)
    except NumberParseException:
        return None


class _Reading(NamedTuple):
    """One way to read a number, and the kind of line that it is in its plan; unknown where it is in none.

    That the plan knows its kind is what makes a number valid: asking for the kind alone spares the
    search for its region, twice.
    """

    number: PhoneNumber
    plan: int

    @property
    def valid(self) -> bool:
        return self.plan != PhoneNumberType.UNKNOWN


def _read(number: str, region: str) -> _Reading | None:
    parsed = _parse(number, region)
    return None if parsed is None else _Reading(parsed, phonenumbers.number_type(parsed))


def _readings(digits: str, international: bool, region: str) -> Iterator[_Reading]:
    """The ways to read a number, the likeliest first."""
    if region and not international:
        national = _read(digits, region)
        if national is None or national.plan not in _MOBILE:
            yield from _mobile_without_plus(digits, region)
        if national is not None:
            yield national
    if international or digits.startswith("00"):
        whole = _read("+" + digits.lstrip("0"), "")
        if whole is not None:
            yield whole
        return
    # International without its plus. Ten digits and fewer are national far more often.
    calling = str(phonenumbers.country_code_for_region(region)) if region else ""
    if len(digits) >= 11 or (calling not in {"", "0"} and digits.startswith(calling)):
        whole = _read("+" + digits, "")
        if whole is not None and whole.valid:
            yield whole


def _mobile_without_plus(digits: str, region: str) -> Iterator[_Reading]:
    """Read a mobile of the region with its calling code and no plus, as 491711234567 in Germany.

    Where plans are wide the same digits are a landline far away too, but its caller would have dialled a 0.
    """
    if digits.startswith(str(phonenumbers.country_code_for_region(region))):
        whole = _read("+" + digits, "")
        mobile = whole is not None and whole.plan == PhoneNumberType.MOBILE
        if whole is not None and mobile and phonenumbers.is_valid_number_for_region(whole.number, region):
            yield whole


def _choose(readings: Iterable[_Reading]) -> _Reading | None:
    """Return the first valid reading, else the first of possible length, else none."""
    possible = None
    for reading in readings:
        if reading.valid or _mexican(reading.number):
            return reading
        if possible is None and phonenumbers.is_possible_number(reading.number):
            possible = reading
    return possible


def _mexican(number: PhoneNumber) -> bool:
    """Tell whether it is a Mexican mobile with the 1 that was dropped in 2019 (+52 1 55...)."""
    national = str(number.national_number)
    return number.country_code == 52 and len(national) == 11 and national[0] == "1"


def _line(e164: str) -> str:
    """Return one spelling for the spellings of one line."""
    digits = e164[1:]
    if digits.startswith("549") and len(digits) == 13:
        return "+54" + digits[3:]
    if digits.startswith("521") and len(digits) == 13:
        return "+52" + digits[3:]
    if digits.startswith("55") and len(digits) == 12 and digits[4] in "6789":
        return "+55" + digits[2:4] + "9" + digits[4:]
    return e164


def _is_rubbish(digits: str) -> bool:
    """Tell whether nobody is called under these digits (country code included where there is one)."""
    if len(set(digits)) <= 1 or _RUN.search(digits) or _PAIRS.search(digits) or _FICTION.match(digits):
        return True
    tail = digits[-_SEQUENCE:]
    return len(tail) == _SEQUENCE and (tail in _ASCENDING or tail in _DESCENDING)


def _written(raw: str) -> str:
    """Return what is written as a number, in lower-case ASCII, without scheme, label and a table's marks."""
    cleaned = text.unmarked(text.clean(raw))
    chat = _CHAT_ADDRESS.match(cleaned) or _CHAT_LINK.match(cleaned)
    if chat:
        return "+" + chat.group(1)
    if not cleaned.isascii():
        cleaned = anyascii(_DASHES.sub("-", cleaned))
    return text.whole(_LABEL.sub("", _SCHEME.sub("", cleaned.lower().strip(_EDGES))))


def _digits(written: str) -> tuple[str, bool] | None:
    """Return the digits to read and whether they start with a country code; None if it is no number."""
    cleaned = _EXTENSION.sub("", written.partition(";")[0] if ";ext" not in written else written)
    if not _ALLOWED.match(cleaned):
        return None
    international = cleaned.lstrip(" (").startswith("+")
    if international or cleaned.lstrip(" (").startswith("00"):
        cleaned = _TRUNK.sub("", cleaned)
    digits = _NOT_DIGIT.sub("", cleaned)
    return (digits, international) if digits else None


def _chosen(digits: str, international: bool, region: str) -> _Reading | None:
    return _choose(_readings(digits, international, region)) if len(digits) <= 20 else None


def _amid_words(written: str, region: str) -> tuple[str, bool] | None:
    """Return the digits of a number that a plan knows and that stands between words; None for no such."""
    found = _digits(_WORDS.sub("", written))
    reading = None if found is None else _chosen(*found, region)
    return found if reading is not None and reading.valid else None


def is_assigned(raw: str, region: str = "") -> bool:
    """Tell whether a text is one telephone number that a plan knows; see `normalise` for `region`."""
    form = normalise(raw, region)
    reading = _read(form.address, "") if form is not None and form.address else None
    return reading is not None and reading.valid


def normalise(raw: str, region: str = "") -> Form | None:
    """Return a telephone number in normal form, None where the text is empty.

    `region` is the ISO 3166 alpha-2 code whose national notation is read; without it only
    international notations are. A number of possible length that no plan assigns is kept for fuzzy
    comparison; anything else is MALFORMED and has no address. An extension is no part of the line, nor are
    words beside a number that a plan knows.
    """
    if len(raw) > text.LIMIT:
        return Form(text.opaque(raw), (Flag.MALFORMED,))
    return _normalise(raw, region.upper())


@lru_cache(maxsize=65536)
def _normalise(raw: str, region: str) -> Form | None:
    folded = text.clean(raw)
    if not folded:
        return None
    if region not in phonenumbers.SUPPORTED_REGIONS:
        region = ""
    written = _written(raw)
    found = _digits(written) or _amid_words(written, region)
    if found is None:
        flags = [Flag.MALFORMED] + ([Flag.RUBBISH] if text.is_placeholder(folded) else [])
        return Form(folded.casefold(), flagged(flags))
    digits, international = found
    chosen = _chosen(digits, international, region)
    if chosen is None:
        flags = [Flag.MALFORMED]
        if _is_rubbish(digits):
            flags.append(Flag.RUBBISH)
        elif len(digits) <= 6:  # a short code: a service, not a person
            flags.append(Flag.ROLE)
        return Form(("+" if international else "") + digits, flagged(flags))
    number, plan = chosen
    address = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    flags = []
    if _is_rubbish(address[1:]) or _is_rubbish(str(number.national_number)):
        flags.append(Flag.RUBBISH)
    elif plan in _SERVICES:
        flags.append(Flag.ROLE)
    elif plan == PhoneNumberType.FIXED_LINE:
        flags.append(Flag.LANDLINE)
    return Form(_line(address), flagged(flags), address)
