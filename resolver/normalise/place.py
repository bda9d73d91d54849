"""Postal addresses in folded form."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from resolver.normalise import text
from resolver.normalise.data import words
from resolver.normalise.features import Place

_LANGUAGES = (
    "en nl de fr es it pt pl da nb sv fi cs sk hu ro hr sl sr bg ru uk el tr ar he vi id ja ko zh zh_Hant"
).split()
_COUNTRIES = {
    "uk": "GB", "u k": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "groot brittannie": "GB", "engeland": "GB", "schotland": "GB",
    "grossbritannien": "GB", "angleterre": "GB", "inglaterra": "GB", "gran bretana": "GB",
    "usa": "US", "u s a": "US", "u s": "US", "america": "US", "united states of america": "US",
    "amerika": "US", "eeuu": "US", "ee uu": "US", "vs": "US",
    "holland": "NL", "the netherlands": "NL", "niederlande": "NL", "holanda": "NL",
    "brd": "DE", "bundesrepublik deutschland": "DE", "eire": "IE", "czech republic": "CZ",
    "rf": "RU", "turkey": "TR", "ivory coast": "CI", "macedonia": "MK", "south korea": "KR", "russia": "RU",
}  # fmt: skip

_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})  # CLDR's groups and test regions

_SPLIT = re.compile(r"[^a-z0-9]+")
_GLUED = re.compile(r"(?<=[a-z]{3})(?=\d)")
_GLUED_FRONT = re.compile(r"^(\d{1,5})(?=[a-z]{3,})")
_HOUSE = (
    r"\d{1,5}(?:\s*(?:bis|ter|quater))?"
    r"(?:(?:\s*[-/]\s*\d{1,4}){1,3}(?:\s*[-/]?\s*[a-z])?|\s*[-/]?\s*(?!\d)[a-z]{1,2})?"
)
_HOUSE_BEHIND = re.compile(
    rf"[\s,.]+(?:nr|no|num|numero|hausnr|huisnr|n|d\.|dom|bud|civico)?[\s.:#]*(?P<house>{_HOUSE})$"
)
_HOUSE_BEFORE = re.compile(
    r"(?P<house>\d{1,5}(?:\s*(?:bis|ter|quater)|\s?-?\s?[a-z](?=[\s,])|\s*[-/]\s*\d{1,4}[a-z]?)?)[\s,]+"
    r"(?P<street>.*[a-z]{2}.*)"
)
_NUMBER_WORDS = frozenset({"nr", "no", "num", "numero", "hausnr", "huisnr", "house", "number", "dom", "bud"})
_UNSAID = frozenset(
    "ul ulica ulitsa ulice ulicu vul vulitsya vulytsia vulytsya odos duong jl jalan utca u shr so".split()
)
"""Words for a street that may as well be left out, or stand behind its name: ul. Lenina, Lenina."""
_NUMBER_IN_FRONT = re.compile(r"^(?:(?:h|house|plot|flat|door|d)\s?[.#]?\s?)?(?:no|nr|so)\b[\s.:]*(?=\d)")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|e|er|eme|de|ste)\b")
_UNIT = re.compile(
    r"[\s,]+(?:apt|apartment|unit|suite|ste|flat|app|appartement|floor|etage|piso|#)[\s.:#]*[a-z0-9-]{1,6}$"
)
_UNIT_BEHIND = re.compile(
    r"(?<=\d)(?:"
    r"[\s,-]+(?:kv|kvartira|apto|apt|ap|m|lgh|daire|d|kat|esc|pta|lok|byt|int|interno|scala|dpto|th)"
    r"[\s.:#]+[a-z0-9-]{1,6}"
    r"|[\s,]+\d{1,2}\s?(?:o(?:[\s,]+[a-z0-9]{1,3})?|a[\s,]+[a-z0-9]{1,3})"
    r")$"
)
"""A dwelling behind a house's number: kv. 3, m. 12, lgh 1101, 3o B."""
_COUNTED = re.compile("(?<=\\d)\\s*(?:丁目|番地の?|番|号楼|[号號]|호|번지|弄|栋|单元|室)\\s*")
"""What is written behind the numbers of a Chinese, Japanese or Korean address: chome, ban, go, hao."""
_LETTER = re.compile(r"[a-z]")
_STREET = re.compile(r"str(?:aat|asse|asze)$")
_LONGEST = 200
_US_POSTCODE = re.compile(r"(\d{5})-?\d{4}")
_DIGITS = {
    **dict.fromkeys("DE US FR IT ES FI TR UA MX MY KR PR GP MQ GF RE YT".split(), 5),
    **dict.fromkeys("NO AU NZ ZA".split(), 4),
    **dict.fromkeys("CN SG".split(), 6),
    "JP": 7,
}
"""How many digits the postcodes of a country have that may start with a zero, which tables lose (UPU)."""
_POSTCODES = (
    r"\d{5}(?:-\d{4})?|\d{5}-\d{3}|\d{4} ?[a-z]{2}|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d"
    r"|\d{3} \d{2}|\d{2}-\d{3}|\d{4}|\d{6}"
)
_WITH_POSTCODE = re.compile(rf"(?:(?:[a-z]{{1,2}}-)?({_POSTCODES})\s+(.+)|(?:(.+)\s+)?({_POSTCODES}))")
"""A part of an address line: a postcode, and the town before or behind it."""
_POSTCODE_FRONT = re.compile(
    r"^(?:[a-z]{1,3}-(?=\d{3})|(?:t\.?\s?k\.?|cep|cap|plz|c\.?\s?p\.?)[\s.:]*(?=[\d -]{4,}$))"
)
"""A country's sign, or the word for a postcode, before one: D-12345, CEP 01310-100."""
_CITY_SIGN = re.compile(
    "^(?:г|гор|город|м|місто|tp|thành phố)(?:\\.\\s*|\\s+)(?=\\S{2})"
    "|(?<=\\S{2})(?:\\s*\\([A-Z]{2}\\)|\\s*/\\s*[A-Z]{2}|\\s+-\\s+[A-Z]{2}|市|특별시|광역시|시)$",
    re.IGNORECASE,
)
"""What says that a town is one, or in which province: g. Moskva, Beijing-shi, Sao Paulo/SP."""
_STATE_TAIL = re.compile(r"(?:^|\s+)[a-z]{2}$")
_CITY_TAIL = re.compile(r"\s+(?:city|stad|stadt|cedex(?:\s+\d+)?)$")


def _expansions(name: str) -> dict[str, str]:
    found = {}
    for line in words(name):
        canonical, _, spellings = line.partition("=")
        for spelling in spellings.split(","):
            found[spelling.strip()] = canonical.strip()
    return found


@cache
def _street_words() -> dict[str, str]:
    return _expansions("street_words.txt")


@cache
def _cities() -> dict[str, str]:
    return _expansions("cities.txt")


@cache
def _country_names() -> dict[str, str]:
    """Return the alpha-2 codes of countries by folded name, from CLDR in several languages."""
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in sorted(Locale(language).territories.items()):
            if len(code) == 2 and code not in _NO_COUNTRIES:
                found.setdefault(_plain(text.fold(name)), code)
    return found | _COUNTRIES


@cache
def _alpha3() -> dict[str, str]:
    """Return alpha-2 codes by the alpha-3 code, from CLDR's aliases."""
    aliases = get_global("territory_aliases")
    return {code.lower(): found[0] for code, found in aliases.items() if len(code) == 3 and len(found) == 1}


def _plain(folded: str) -> str:
    return _SPLIT.sub(" ", folded).strip()


@lru_cache(maxsize=8192)
def _country(raw: str) -> str:
    folded = text.fold(raw)
    plain = _plain(folded.replace(".", "")) if len(folded) <= 8 else _plain(folded)
    if plain in _COUNTRIES:
        return _COUNTRIES[plain]
    if not raw.isascii():  # no code: three letters of Arabic are not an alpha-3's
        return _country_names().get(plain, "")
    if len(plain) == 2 and plain.upper() not in _NO_COUNTRIES and plain.upper() in Locale("en").territories:
        return plain.upper()
    if len(plain) == 3 and plain in _alpha3():
        return _alpha3()[plain]
    return _country_names().get(plain, "")


def country(raw: str) -> str:
    """Return the ISO 3166 alpha-2 code of a country given by code or by name, empty where unknown.

    Names are read in the languages of Europe, in Arabic, Hebrew, Turkish and those of East Asia.
    """
    return _country(raw) if raw and len(raw) <= text.LIMIT else ""


@lru_cache(maxsize=65536)
def _postcode(raw: str, country: str) -> str:
    folded = text.whole(text.fold(text.unmarked(raw.strip())))
    if text.is_placeholder(folded):
        return ""
    if match := _US_POSTCODE.fullmatch(folded):
        return match[1]
    if country == "US" and (match := _US_POSTCODE.fullmatch(f"0{folded}")):
        return match[1]
    folded = _POSTCODE_FRONT.sub("", folded)
    folded = _SPLIT.sub("", folded)
    if folded.strip("0") == "":
        return ""
    length = _DIGITS.get(country, 0)
    return (
        folded.zfill(length)
        if len(folded) >= 3 and length - len(folded) <= 2 and folded.isdigit()
        else folded
    )


@lru_cache(maxsize=65536)
def _city(raw: str) -> str:
    folded = text.fold(_CITY_SIGN.sub("", text.clean(raw))).replace("'", "")
    if text.is_placeholder(folded):
        return ""
    plain = _plain(folded)
    return _cities().get(plain) or _cities().get(_CITY_TAIL.sub("", plain)) or _CITY_TAIL.sub("", plain)


def _house(folded: str) -> str:
    """Return a house number with its addition, without separators between digits and letters."""
    number = " ".join(folded.replace("#", " ").split()).strip(" .,")
    number = re.sub(r"^(?:nr|no|num|numero|n)[\s.:]*(?=\d)", "", number)
    number = re.sub(r"(?<=\d)[\s\-/.]*(?=[a-z])|(?<=[a-z])[\s\-/.]*(?=\d)", "", number)
    return re.sub(r"\s*[-/]\s*|\s+", "-", number)[:20]


def _street_name(folded: str) -> str:
    tokens = [token for token in _SPLIT.split(folded.replace("'", "")) if token]
    while len(tokens) > 1 and tokens[-1] in _NUMBER_WORDS:
        tokens.pop()
    expansions = _street_words()
    result = []
    for at, token in enumerate(tokens):
        if token == "st" and at == 0 and len(tokens) > 1:
            result.append("saint")
        elif token in expansions:
            result.append(expansions[token])
        elif token in _UNSAID and len(tokens) > 1:
            continue
        else:
            result.append(_STREET.sub("str", token))  # Hauptstrasse, Dorpsstraat
    return " ".join(result) or " ".join(tokens)


@lru_cache(maxsize=65536)
def _street(raw: str) -> tuple[str, str]:
    """Return street and house number of a line that may hold both."""
    if not raw.isascii():
        raw = _COUNTED.sub("-", unicodedata.normalize("NFKC", raw)).rstrip("- ")
    folded = text.fold(raw)[:_LONGEST]
    if text.is_placeholder(folded):
        return "", ""
    folded = _UNIT.sub("", folded) or folded
    folded = _NUMBER_IN_FRONT.sub("", _UNIT_BEHIND.sub("", folded))
    folded = _GLUED_FRONT.sub(r"\1 ", folded)
    if (match := _HOUSE_BEFORE.fullmatch(folded)) and not _ORDINAL.match(folded):
        return _street_name(match["street"]), _house(match["house"])
    folded = _GLUED.sub(" ", folded)
    if (match := _HOUSE_BEHIND.search(folded)) and _LETTER.search(folded, 0, match.start()):
        return _street_name(folded[: match.start()]), _house(match["house"])
    return _street_name(folded), ""


def _is_street(folded: str) -> bool:
    return _STREET.search(folded) is not None or _plain(folded).rpartition(" ")[2] in _street_words()


@lru_cache(maxsize=65536)
def _whole(raw: str) -> tuple[str, str, str, str]:
    """Return street, postcode, city and country of a line that may hold all of them, parted by commas.

    A line without a postcode or a state behind a comma is a street, whatever its commas.
    """
    first, *behind = [part.strip() for part in raw.split(",")]
    country_ = _country(behind[-1]) if len(behind) > 1 and len(behind[-1]) > 2 else ""
    parts = behind[:-1] if country_ else behind
    for at, part in enumerate(parts):
        match = _WITH_POSTCODE.fullmatch(text.fold(part))
        town = (match[2] or match[3] or "") if match is not None else ""
        if match is None or _is_street(town):  # 1234 Elm Street, behind a building's name
            continue
        if at == 0 and not town and len(parts) == 1 and not any(map(str.isdigit, first)):
            continue  # Avenida Paulista, 1578
        town = _STATE_TAIL.sub("", town) if match[4] else town  # Las Vegas NV 89132
        end = at
        if not town and at > 0:  # Las Vegas, NV 89132
            town, end = parts[at - 1], at - 1
        return ", ".join((first, *parts[:end])), match[1] or match[4], town, country_
    if len(parts) > 1 and _STATE_TAIL.fullmatch(text.fold(parts[-1])):  # Las Vegas, NV
        return ", ".join((first, *parts[:-2])), "", parts[-2], country_
    return raw, "", "", ""


@lru_cache(maxsize=65536)
def _text(raw: str) -> str:
    folded = text.fold(raw)
    return "" if text.is_placeholder(folded) else _plain(folded)


def normalise(
    house: str = "", street: str = "", postcode: str = "", city: str = "", state: str = "", country: str = ""
) -> Place:
    """Return an address in folded form; what is absent, a placeholder or over-long is empty.

    A house number that stands in the street is taken out of it; a given `house` comes first. Postcodes
    are compared without blanks, a US ZIP+4 by its five digits, with the zeros in front that a table has lost
    where the country tells how many digits there are. Where neither postcode nor city is given
    and the street is a whole address, parted by commas, they are taken out of it.
    """
    house, street, postcode, city, state, country = (
        part if len(part) <= text.LIMIT else "" for part in (house, street, postcode, city, state, country)
    )
    if "," in street and not (postcode or city):
        street, postcode, city, within = _whole(street)
        country = country or within
    name, number = _street(street) if street else ("", "")
    code = _country(country) if country else ""
    if house and not text.is_placeholder(house):
        number = _house(text.whole(text.fold(house))) or number
    return Place(
        house=number,
        street=name,
        postcode=_postcode(postcode, code) if postcode else "",
        city=_city(city) if city else "",
        state=_text(state) if state else "",
        country=code,
    )
