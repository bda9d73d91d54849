"""Names in scripts from which their Latin spelling cannot be told, letter by letter.

Latin, Cyrillic, Greek and their like are transliterated and compared in Latin letters. That fails where a
character has several readings (a Japanese name in Chinese characters), where many names share a reading
(Chinese) and where vowels are not written (Arabic, Hebrew). Such words are kept as written, and so are Korean
ones, since the lists of names have them in no one spelling. Against a word in Latin letters the sounds are
compared (`sounds_like`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii
from rapidfuzz.distance import OSA

_HAN: Final = "\u3005\u3006\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KANA: Final = "\u3041-\u3096\u30a1-\u30fa\u30fc"
_HANGUL: Final = "\uac00-\ud7a3"
_ABJAD: Final = "\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u066e-\u06d3"
_AS_WRITTEN: Final = re.compile(f"[{_HAN}{_KANA}]*[{_HAN}][{_HAN}{_KANA}]*|[{_HANGUL}]+|[{_ABJAD}]+")
_NATIVE: Final = re.compile(f"[{_HAN}{_KANA}{_HANGUL}{_ABJAD}]")
_EAST_ASIAN: Final = re.compile(f"[{_HAN}{_KANA}]*[{_HAN}][{_HAN}{_KANA}]*|[{_HANGUL}]+")
_FAMILY_FIRST: Final = re.compile(f"[{_HAN}\u3041-\u3096{_HANGUL}]")
_KANA_LETTER: Final = re.compile(f"[{_KANA}]")
_POINTS: Final = re.compile("[\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_ONE_LETTER: Final = str.maketrans(
    "\u0622\u0623\u0625\u0671\u0649\u06cc\u0629\u06a9\u0624\u0626\u05da\u05dd\u05df\u05e3\u05e5",
    "\u0627\u0627\u0627\u0627\u064a\u064a\u0647\u0643\u0648\u064a\u05db\u05de\u05e0\u05e4\u05e6",
)
"""Arabic and Hebrew letters that are one for whoever searches: seats of the hamza, final forms."""

_KOREAN: Final = {
    "김": "kim", "이": "lee", "리": "lee", "박": "park", "최": "choi", "정": "jung",
    "강": "kang", "조": "cho", "윤": "yoon", "장": "jang", "임": "lim", "림": "lim",
    "오": "oh", "서": "seo", "신": "shin", "권": "kwon", "안": "ahn", "유": "yoo",
    "류": "ryu", "고": "ko", "문": "moon", "손": "son", "백": "baek", "허": "heo",
    "심": "shim", "노": "noh", "주": "joo", "우": "woo", "구": "koo", "전": "jeon",
    "현": "hyun", "엄": "um", "변": "byun", "추": "choo", "송": "song",
}  # fmt: skip
"""Korean surnames as their bearers spell them."""
_TWO_SYLLABLES: Final = frozenset(["남궁", "황보", "제갈", "사공", "선우", "독고", "서문"])
_TWO_CHARACTERS: Final = frozenset(
    [
        "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛",
        "諸葛", "司徒", "东方", "東方", "皇甫", "尉迟",
        "公孙", "慕容", "令狐", "夏侯", "长孙", "長孫",
        "轩辕", "端木",
    ]
)  # fmt: skip
_ONE_CHARACTER: Final = frozenset("林森原関辻堀星泉柳菅南岡西東北谷乾島浜")
"""Japanese surnames of one character, where most have two."""
_OF_PLACES: Final = frozenset("田山川村本井野原島沢岡橋藤瀬下上崎口木尾浦津内谷平澤嶋")
"""Characters in which Japanese surnames of two end."""

_AFTER_CONSONANT: Final = "a|ai|an|ang|ao|e|ei|en|eng|ong|ou|u|ua|uai|uan|uang|ui|un|uo"
_SYLLABLE: Final = (
    "(?:[bpmf](?:a|ai|an|ang|ao|ei|en|eng|i|ian|iao|ie|in|ing|iu|o|ou|u)"
    "|[dtnl](?:a|ai|an|ang|ao|e|ei|en|eng|i|ia|ian|iang|iao|ie|in|ing|iu|ong|ou|u|uan|ue|ui|un|uo|v|ve)"
    f"|[gkh](?:{_AFTER_CONSONANT})|(?:[zcs]h?|r)(?:i|{_AFTER_CONSONANT})"
    "|[jqx](?:i|ia|ian|iang|iao|ie|in|ing|iong|iu|u|uan|ue|un)"
    "|y(?:a|an|ang|ao|e|i|in|ing|o|ong|ou|u|uan|ue|un)|w(?:a|ai|an|ang|ei|en|eng|o|u)"
    "|a|ai|an|ang|ao|e|ei|en|er|o|ou)"
)
"""A syllable of Mandarin in Pinyin (ISO 7098), without its tone."""

_VOWELS: Final = re.compile(r"[^bcdfghjklmnpqrstvxz]+")
_SOUNDS: Final = (
    ("sch", "s"), ("sh", "s"), ("ch", "s"), ("kh", "x"), ("gh", "x"), ("th", "t"), ("dh", "d"), ("ph", "f"),
    ("dj", "j"), ("zh", "j"), ("ts", "z"), ("tz", "z"), ("c", "k"), ("q", "k"), ("g", "j"), ("p", "b"),
    ("v", "b"), ("w", ""), ("y", ""),
)  # fmt: skip
_LEAST_SOUND: Final = 2
_ARTICLE: Final = re.compile(r"^(?:al|el|ul)(?=[a-z]{3})")
_WRITTEN_ARTICLE: Final = "\u0627\u0644"


def is_native(raw: str) -> bool:
    """Tell whether text holds letters of a script that this module reads."""
    return not raw.isascii() and _NATIVE.search(raw) is not None


def word(raw: str) -> str:
    """Return a word as it is to be compared; empty where it is to be transliterated as any other.

    Chinese characters, with kana among them, Korean, Arabic and Hebrew letters stay, vowel points and variant
    forms taken off.
    """
    plain = _POINTS.sub("", unicodedata.normalize("NFKC", raw)).translate(_ONE_LETTER)
    return plain if _AS_WRITTEN.fullmatch(plain) else ""


def family_first(raw: str) -> bool:
    """Tell whether a name so written starts with the family name, as in China, Japan and Korea.

    Katakana alone are for foreigners, who keep their order.
    """
    return not raw.isascii() and _FAMILY_FIRST.search(raw) is not None


def parted(raw: str, region: str = "") -> tuple[str, str] | None:
    """Return family and given name of a name in one word (family name first), None where it is no such name.

    Japanese family names mostly have two characters, others one; of four each has two. `region` is the
    ISO 3166 alpha-2 code that tells whose a name of three is, where no kana do.
    """
    if not 2 <= len(raw) <= 6 or not _EAST_ASIAN.fullmatch(raw):
        return None
    cut = 1
    if raw[:2] in _TWO_CHARACTERS or raw[:2] in _TWO_SYLLABLES:
        cut = 2 if len(raw) > 2 else 1
    elif is_read(raw):
        cut = 1
    elif len(raw) > 3:
        cut = 2
    elif len(raw) == 3 and (region == "JP" or _KANA_LETTER.search(raw)):
        cut = 1 if raw[0] in _ONE_CHARACTER and raw[1] not in _OF_PLACES else 2
    return raw[:cut], raw[cut:]


@lru_cache(maxsize=65536)
def latin(token: str) -> str:
    """Return a token in lower-case Latin letters: as it is, or a reading of it."""
    if token.isascii():
        return token
    if token in _KOREAN:
        return _KOREAN[token]
    spelt = "".join(filter(str.isalpha, anyascii(token).lower()))
    return spelt or "x"


@lru_cache(maxsize=65536)
def _sound(token: str) -> str:
    """The consonants of a name, those that are written for each other as one."""
    if not token.isascii():
        bare = token.removeprefix(_WRITTEN_ARTICLE)
        token = latin(bare if len(bare) > 1 else token)
    token = _ARTICLE.sub("", token)
    for written, sound in _SOUNDS:
        token = token.replace(written, sound)
    token = token.rstrip("h")
    once = (letter for at, letter in enumerate(token) if at == 0 or letter != token[at - 1])
    return _VOWELS.sub("", "".join(once))


def _is_abjad(token: str) -> bool:
    return "\u0590" <= token[0] <= "\u06ff"


def is_read(token: str) -> bool:
    """Tell whether a token's reading is certain: Latin letters and Korean."""
    return token.isascii() or "\uac00" <= token[0] <= "\ud7a3"


@lru_cache(maxsize=65536)
def sounds_unlike(one: str, other: str) -> bool:
    """Tell whether two tokens, one of them kept as written, that are not one name surely are two.

    Chinese has a syllable a character, Japanese mostly has not: Latin letters of just so many syllables
    would be its reading, if it were one. Of Arabic and Hebrew two consonants must be others.
    """
    written, spelt = (other, one) if one.isascii() else (one, other)
    if _is_abjad(written):
        sounds = _sound(written), _sound(spelt)
        return min(map(len, sounds)) >= _LEAST_SOUND and OSA.distance(*sounds) >= _LEAST_SOUND
    return written >= "々" and re.fullmatch(f"{_SYLLABLE}{{{len(written)}}}", spelt) is not None


def sounds_like(one: str, other: str) -> bool:
    """Tell whether two tokens, one of them kept as written, may be one name.

    Chinese by its reading; Arabic and Hebrew by consonants, of which at least two must be there.
    """
    if one.isascii() == other.isascii():
        return one == other
    if latin(one) == latin(other):
        return True
    if not _is_abjad(other if one.isascii() else one):
        return False
    sound = _sound(one)
    return len(sound) >= _LEAST_SOUND and sound == _sound(other)
