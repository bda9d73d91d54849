"""Comparison levels: what one attribute of a pair says, as weights against both alternatives.

Each comparator is a function of two distinct values. It answers a `Comparison`, or None where the two
cannot be compared, which counts neither for nor against. It is called once for each distinct pair of
values, however many pairs of records hold them (`resolver.match.columns`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, Final, Literal, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler, LCSseq

from resolver.match.model import Model
from resolver.normalise import government, script
from resolver.normalise.features import BirthDate, Name, Place
from resolver.normalise.nickname import nicknames


class Comparison(NamedTuple):
    """The level reached, and its weights in 1/1000 bit against strangers and against the household."""

    level: str
    stranger: int
    household: int


class Code(NamedTuple):
    """An identifier's value as compared: its namespace, its text, and whether slips may be forgiven.

    `landline` tells a telephone that whoever is in answers, `named` a mailbox whose local part spells the
    name that stands beside it.
    """

    namespace: str
    text: str
    fuzzy: bool
    landline: bool = False
    named: bool = False


class Alias(NamedTuple):
    """What a handle or an e-mail's local part says of its bearer: its letters, and all that it holds."""

    letters: str
    text: str


Comparator = Callable[[Model, Any, Any], Comparison | None]
"""Two distinct values of one attribute, in either order with one answer."""

SLIPPABLE: Final = 6
"""Codes shorter than this are too dense for one slip to mean the same code."""
ALIAS: Final = 7
"""An alias with fewer letters says too little of its bearer."""
NAMED: Final = 18_000
"""An alias that spells a name says no more than this, in 1/1000 bit: a little less than the name itself."""
INITIALLED: Final = 11_000
"""One of an initial and a surname, likewise: brothers share it."""
MISSPELT: Final = 14
"""Addresses shorter than this are not compared in whole."""
LIKENESSES: Final = {"alike": "kindred", "clipped": "kindred", "garbled": "different"}
"""What likeness comes to where both given names exist: Jan and Jon, or Marc and Marcel, are two people
as often as one and a slip of the pen."""
UNCERTAIN: Final = {"clipped": "nickname", "different": "unknown"}
"""And where one of them is in no list: what looks like no name may be one that was spoilt."""
FEMALE: Final = frozenset("a e ia na ne ina ine ijn ette elle ime".split())
"""Endings that make a man's name a woman's."""
SPELLINGS: Final = (
    ("ph", "f"), ("ch", "k"), ("ck", "k"), ("c", "k"), ("h", ""),
    ("y", "i"), ("v", "f"), ("z", "s"), ("ou", "u"),
)  # fmt: skip
"""Letters for which others are usual, in the order of replacing."""
CLIPPED: Final = 3
"""So many letters at least begin a name for which they are short."""
GENERATION: Final = 20
"""Years between two births from which these are parent and child: a digit is no slip, and a limit holds."""
ALIKE: Final = 0.92
"""Jaro-Winkler similarity from which two words are taken for spellings of one."""


def _level(model: Model, comparison: str, name: str) -> Comparison:
    level = model.level(comparison, name)
    return Comparison(name, level.stranger, level.household)


def compare_phone(model: Model, left: Code, right: Code) -> Comparison | None:
    """Two numbers: one line, the same national tail, one or two slips of the finger, or different."""
    if left.text == right.text:
        return _level(model, "phone", "landline" if left.landline and right.landline else "equal")
    if len(left.text) > 8 and len(right.text) > 8 and left.text[-8:] == right.text[-8:]:
        return _level(model, "phone", "tail")
    if not (left.fuzzy and right.fuzzy):
        return _level(model, "phone", "different")
    return _level(model, "phone", code_level(left.text, right.text))


def compare_email(model: Model, left: Code, right: Code) -> Comparison | None:
    """Two mailboxes: one, a slip away (another digit is more often another person), or one local part.

    Two that each spell a name are alike because the names are, and namesakes make theirs alike too.
    """
    if left.text == right.text:
        return _level(model, "email", "equal")
    level = _one_mailbox(left.text, right.text)
    if left.named and right.named and _made_alike(level, left.text, right.text):
        return SPELT
    if level == "different" and not _two_initials(left.text, right.text):
        level = "close" if _misspelt(left.text, right.text) else "different"
    return _level(model, "email", level)


SPELT: Final = Comparison("spelt", 0, 0)
"""Two mailboxes that are made of the name beside them: that name speaks for itself."""


def _made_alike(level: str, left: str, right: str) -> bool:
    """Whether mailboxes at this level may be two that were made of one name, and not one with a slip."""
    return level in {"local", "digits"} or (level == "slip" and _local(left) != _local(right))


def _local(address: str) -> str:
    return address.rpartition("@")[0]


def _two_initials(left: str, right: str) -> bool:
    """Whether two addresses differ in their first letter alone: j.jansen and m.jansen are two people."""
    return left[0] != right[0] and left[1:] == right[1:]


def _one_mailbox(left: str, right: str) -> str:
    left_local, _, left_domain = left.rpartition("@")
    right_local, _, right_domain = right.rpartition("@")
    one_domain = left_domain == right_domain or _domain_slipped(left_domain, right_domain)
    if left_local == right_local:
        if one_domain:
            return "slip"
        return "local" if len(left_local) >= 8 else "different"
    if not one_domain:
        return "different"
    if _two_initials(left_local, right_local):
        return "different"
    if (letters := _letters(left_local)) and letters == _letters(right_local):
        return "slip" if _alphanumerics(left_local) == _alphanumerics(right_local) else "digits"
    shorter = min(len(left_local), len(right_local))
    distance = OSA.distance(left_local, right_local, score_cutoff=2)
    if distance == 1 and shorter >= SLIPPABLE:
        return "slip"
    return "close" if distance == 2 and shorter >= 10 else "different"


def _domain_slipped(left: str, right: str) -> bool:
    """Whether two domains may be one, mistyped; short ones, and endings that countries have, may not."""
    (one, _, end), (other, _, other_end) = left.partition("."), right.partition(".")
    shorter = min(len(one), len(other))
    if one == other:
        return min(len(end), len(other_end)) > 2 and OSA.distance(end, other_end, score_cutoff=1) <= 1
    allowed = 2 if shorter > 8 else 1
    return end == other_end and shorter > 4 and OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _misspelt(left: str, right: str) -> bool:
    """Whether two addresses are long and so alike in whole that slips in both halves explain them.

    The halves of a public provider's addresses would be alike in their domain alone, so the letters
    outside the longest common ending must be alike too.
    """
    longest = max(len(left), len(right))
    if longest < MISSPELT or OSA.distance(left, right, score_cutoff=longest // 5) > longest // 5:
        return False
    left_local, right_local = left.partition("@")[0], right.partition("@")[0]
    bound = max(1, min(len(left_local), len(right_local)) // 4)
    return OSA.distance(left_local, right_local, score_cutoff=bound) <= bound


def compare_handle(model: Model, left: Code, right: Code) -> Comparison | None:
    """Two handles of one platform, or of two, where only the same one says anything."""
    elsewhere = bool(left.namespace and right.namespace and left.namespace != right.namespace)
    if not (left.fuzzy and right.fuzzy):
        if elsewhere:
            return None
        return _level(model, "handle", "equal" if left.text == right.text else "different")
    same = left.text == right.text
    if elsewhere:
        telling = same and len(left.text) >= ALIAS
        return _level(model, "handle", "elsewhere") if telling else None
    if same:
        return _level(model, "handle", "equal")
    if _alphanumerics(left.text) == _alphanumerics(right.text):
        return _level(model, "handle", "slip")
    return _level(model, "handle", code_level(left.text, right.text))


def compare_loyalty(model: Model, left: Code, right: Code) -> Comparison | None:
    """Two cards of one programme; a programme that is not named may be any."""
    if left.namespace and right.namespace and left.namespace != right.namespace:
        return None
    if left.text == right.text:
        return _level(model, "loyalty", "equal")
    return _level(model, "loyalty", code_level(left.text, right.text))


def compare_external(model: Model, left: Code, right: Code) -> Comparison | None:
    """Two ids of one system, byte for byte; ids of two systems say nothing of each other."""
    if left.namespace != right.namespace:
        return None
    return _level(model, "external", "equal" if left.text == right.text else "different")


def compare_government(model: Model, left: Code, right: Code) -> Comparison | None:
    """Two government ids of one kind, of which no more is known than their keyed hashes."""
    if left.namespace != right.namespace:
        return None
    return _level(model, "government", government_level(left.text, right.text))


def government_level(left: str, right: str) -> str:
    """The level of two government ids in keyed form: equal, slip (one edit, or nearly) or different."""
    if left == right:
        return "equal"
    return "different" if set(government.near(left)).isdisjoint(government.near(right)) else "slip"


def code_level(left: str, right: str) -> str:
    """The level of two unequal codes: slip (one edit), close (two, in a long one) or different."""
    if left == right:
        return "equal"
    if min(len(left), len(right)) < SLIPPABLE:
        return "different"
    distance = OSA.distance(left, right, score_cutoff=2)
    if distance == 1:
        return "slip"
    return "close" if distance == 2 and min(len(left), len(right)) >= SLIPPABLE + 2 else "different"


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def _alphanumerics(text: str) -> str:
    return "".join(filter(str.isalnum, text))


# -- names ----------------------------------------------------------------------------------------


class NamePart(NamedTuple):
    """How one part of two names compares, given names or surnames."""

    level: str
    stranger: int
    household: int


PartComparator = Callable[[Model, Sequence[str], Sequence[str]], NamePart]


class NameComparison(NamedTuple):
    """Two names compared part by part; a part is None where one side lacks it."""

    given: NamePart | None
    family: NamePart | None

    @property
    def sure(self) -> bool:
        """Whether every part agrees so well that the names may be read so."""
        given, family = self
        return (given is None or given.household >= SURE_GIVEN) and (
            family is None or family.stranger >= SURE_FAMILY
        )

    @property
    def stranger(self) -> int:
        """Weight of both parts against strangers, in 1/1000 bit, before the model's bound."""
        return sum(part.stranger for part in self if part is not None)


TURNED: Final = 1500
"""What the other reading of a name must bring more, in 1/1000 bit, to be believed."""
SURE_GIVEN: Final = 3500
"""From here on, against the household, a given name is the same, or one and what it is called at home."""
SURE_FAMILY: Final = 2000
"""From here on, against strangers, a surname is the same or a spelling of it."""


def compare_name_parts(model: Model, left: Name, right: Name) -> NameComparison:
    """The reading of two names under which they agree best, whichever stands first.

    Where a source gave one display name its order is not certain, and people type a surname into the
    given name's field; so the greater name is also read the other way round, and that reading is taken
    where it speaks more for one person.
    """
    if right < left:
        left, right = right, left
    straight = _read(model, left.given, left.family, right.given, right.family)
    turned = _read(model, left.given, left.family, right.family, right.given)
    certain = left.ordered and right.ordered
    believed = max(straight.stranger, 0) if certain else straight.stranger
    return turned if turned.sure and turned.stranger - TURNED > believed else straight


def _read(
    model: Model,
    left_given: Sequence[str],
    left_family: Sequence[str],
    right_given: Sequence[str],
    right_family: Sequence[str],
) -> NameComparison:
    return NameComparison(
        compare_given(model, left_given, right_given) if left_given and right_given else None,
        compare_family(model, left_family, right_family) if left_family and right_family else None,
    )


UNREAD: Final = NamePart("unread", 0, 0)
"""Two names in two scripts of which the one does not tell how the other is spelt: neither for nor against."""
UNLIKE: Final = NamePart("unread", -3000, -3000)
"""The same, where the other is spelt as if it told, and differs: one in eight are one name nonetheless."""


def compare_given(model: Model, left: Sequence[str], right: Sequence[str]) -> NamePart:
    """Two people's given names by the first of each, by a middle name that one goes by, or as one word."""
    if _scripts_differ(left, right):
        return _given_across_scripts(model, left, right)
    if len(left) != len(right) and _unmarked("".join(left)) == _unmarked("".join(right)):
        return _same_given(model, max(left[0], right[0], key=len), "equal")
    first = _given_token(model, left[0], right[0])
    if first.level not in {"different", "uninitial"} or (len(left) == 1 and len(right) == 1):
        return first
    others = (_given_token(model, one, other) for one, other in product(left, right))
    best = max(others, key=lambda part: (part.stranger, part.household))
    if best.level in {"equal", "nickname", "alike"}:
        return NamePart("middle", best.stranger // 2, best.household // 2)
    return first


def _scripts_differ(left: Sequence[str], right: Sequence[str]) -> bool:
    return left[0].isascii() != right[0].isascii()


def _given_across_scripts(model: Model, left: Sequence[str], right: Sequence[str]) -> NamePart:
    """A given name in Latin letters and one in a script that does not tell them: the same, or who knows."""
    if script.is_read(left[0]) and script.is_read(right[0]):
        read = compare_given(model, _read_out(left), _read_out(right))
        return read._replace(stranger=min(read.stranger, UNLISTED_HERE))
    for one, other in ((left[0], right[0]), ("".join(left), "".join(right))):
        if script.sounds_like(one, other):
            return _same_given(model, one if one.isascii() else other, "nickname")
    one, other = script.latin(left[0]), script.latin(right[0])
    if (_is_initial(left[0]) or _is_initial(right[0])) and one[0] == other[0]:
        weights = model.level("given", "initial")
        return NamePart("initial", weights.stranger, weights.household)
    return UNLIKE if script.sounds_unlike("".join(left), "".join(right)) else UNREAD


def _read_out(tokens: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(script.latin, tokens))


def _same_given(model: Model, token: str, level: str) -> NamePart:
    weights, rarity = model.level("given", level), model.given_bits(token)
    return NamePart(level, _named(level, weights.stranger, rarity), weights.household)


def _given_token(model: Model, left: str, right: str) -> NamePart:
    level = given_level(left, right)
    exist = left in model.given_names and right in model.given_names
    if level in {"nickname", "clipped", "alike"} and _gendered(left, right):
        level = "kindred"
    elif exist and level in LIKENESSES and _sound(left) == _sound(right):
        level = "nickname"
    level = (LIKENESSES if exist else UNCERTAIN).get(level, level)
    weights = model.level("given", level)
    rarity = min(_given_bits(model, left), _given_bits(model, right))
    stranger, household = _named(level, weights.stranger, rarity), weights.household
    if level == "equal":
        # Two of one household, or one office, bear a common name by chance alone.
        household = min(household, max(rarity - 1000, 0))
    if level == "alike":
        stranger = min(stranger, _likeness(left, right))
    return NamePart(level, stranger, household)


def compare_family(model: Model, left: Sequence[str], right: Sequence[str]) -> NamePart:
    """Two people's surnames, weighed by the rarest word that both have, the commoner spelling of it."""
    if _scripts_differ(left, right):
        return _family_across_scripts(model, left, right)
    level, words = family_level(tuple(left), tuple(right))
    weights = model.level("family", level)
    rarity = max(min(_family_bits(model, one), _family_bits(model, other)) for one, other in words)
    stranger = _named(level, weights.stranger, rarity)
    if level == "alike":
        stranger = min(stranger, _likeness("".join(left), "".join(right)))
    return NamePart(level, stranger, weights.household)


def _family_across_scripts(model: Model, left: Sequence[str], right: Sequence[str]) -> NamePart:
    """The same of surnames."""
    if script.is_read(left[0]) and script.is_read(right[0]):
        return compare_family(model, _read_out(left), _read_out(right))
    one, other = "".join(left), "".join(right)
    if not (script.sounds_like(one, other) or script.sounds_like(left[-1], right[-1])):
        return UNLIKE if script.sounds_unlike(one, other) else UNREAD
    rarity = model.family_bits(one if one.isascii() else other)
    weights = model.level("family", "alike")
    return NamePart("alike", _named("alike", weights.stranger, rarity), weights.household)


UNLISTED_HERE: Final = 8000
"""How rare a name that is kept as written is at most, in 1/1000 bit: no list says how common it is."""


def _given_bits(model: Model, token: str) -> int:
    spelt = script.latin(token)
    return _rarity(token, model.given_bits(spelt), listed=spelt in model.given_names)


def _family_bits(model: Model, token: str) -> int:
    spelt = script.latin(token)
    return _rarity(token, model.family_bits(spelt), listed=spelt in model.family_names)


def _rarity(token: str, bits: int, *, listed: bool) -> int:
    return bits if listed or token.isascii() else min(bits, UNLISTED_HERE)


def _named(level: str, weight: int, rarity: int) -> int:
    """A name's weight against strangers: the rarer the name, the more its agreement says."""
    match level:
        case "equal":
            return weight + rarity
        case "alike" | "kindred":
            return max(rarity * 3 // 4 - 1000, 0)
        case "nickname" | "part":
            return rarity * 3 // 5
        case _:
            return weight


def _likeness(left: str, right: str) -> int:
    """What two names that are alike say at most, in 1/1000 bit, however rare they are.

    One stranger in some 1,500 has a name that is a letter from one's own, one in 600 a name that is less
    like it; of a person's own records one in 20 has the name with one slip, one in 50 with more.
    """
    return 6500 if OSA.distance(left, right, score_cutoff=1) <= 1 else 4500


@lru_cache(maxsize=1 << 18)
def given_level(left: str, right: str) -> str:
    """How alike two folded given names are, before it is asked whether both exist."""
    if _is_initial(left) or _is_initial(right):
        return "uninitial" if _initials(left).isdisjoint(_initials(right)) else "initial"
    if left == right or _unmarked(left) == _unmarked(right):
        return "equal"
    if not left.isascii():
        return _written_level(left, right)
    if _one_name(left, right):
        return "nickname"
    if _clipped(left, right):
        return "clipped"
    if _alike(left, right):
        return "alike"
    return "garbled" if _garbled(left, right) else "different"


def _initials(token: str) -> frozenset[str]:
    """With what a given name, or the one for which it is short, may be abbreviated: Tony is T. or A."""
    return frozenset(form[0] for form in _forms(token))


def nicknamed(left: str, right: str) -> bool:
    """Whether one given name may be short for the other, or both for a third."""
    return _one_name(left, right) or _clipped(left, right)


def readings(name: str) -> frozenset[str]:
    """Names that a given name may stand for, and sounds: those that are one name have one in common."""
    return _forms(name) | _formal_sounds(name) | {_sound(name)}


def _one_name(left: str, right: str) -> bool:
    """Whether one given name is known to be called like the other, or both like a third.

    Formal names are compared by their sound: Liz is as short for Elisabeth as for Elizabeth.
    """
    if not _forms(left).isdisjoint(_forms(right)):
        return True
    one, other = _formal_sounds(left), _formal_sounds(right)
    return not one.isdisjoint({_sound(right), *other}) or _sound(left) in other


def _gendered(left: str, right: str) -> bool:
    """Whether one name is the other's for the other sex: Daniel and Daniela, Mario and Maria."""
    short, long = (left, right) if len(left) < len(right) else (right, left)
    ending = long[len(short) :] if len(short) >= 3 and long.startswith(short) else ""
    stem = ending in FEMALE and not short.endswith(ending)
    return stem or (
        len(left) == len(right) and left[:-1] == right[:-1] and {left[-1], right[-1]} == {"a", "o"}
    )


@lru_cache(maxsize=1 << 16)
def _sound(name: str) -> str:
    """A given name as it is heard, whichever of its usual spellings is written: Catherine and Katherine."""
    heard = name
    for written, sound in SPELLINGS:
        heard = heard.replace(written, sound)
    return "".join(letter for place, letter in enumerate(heard) if place == 0 or letter != heard[place - 1])


def _clipped(left: str, right: str) -> bool:
    """Whether one name begins the other, as most short forms do."""
    short, long = (left, right) if len(left) < len(right) else (right, left)
    return len(short) >= CLIPPED and long.startswith(short)


@lru_cache(maxsize=1 << 16)
def _forms(token: str) -> frozenset[str]:
    """What a given name may stand for, itself included."""
    return nicknames(token) | {token}


@lru_cache(maxsize=1 << 16)
def _formal_sounds(token: str) -> frozenset[str]:
    """How the formal names sound for which a given name may be short."""
    return frozenset(map(_sound, nicknames(token)))


@lru_cache(maxsize=1 << 18)
def family_level(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The level of two folded surnames and the pairs of words whose rarity weighs their agreement."""
    if left == right and not _is_initial(left[0]):
        return "equal", tuple((word, word) for word in left)
    first = ((left[0], right[0]),)
    if len(left) == 1 and len(right) == 1 and (_is_initial(left[0]) or _is_initial(right[0])):
        return ("initial" if left[0][0] == right[0][0] else "uninitial"), first
    if _same_family(left, right):
        return "equal", tuple(zip(left, right, strict=True))
    if not left[0].isascii():
        return _written_level("".join(left), "".join(right)), first
    common = tuple((word, word) for word in left if len(word) > 2 and word in right)
    if common:
        return "part", common
    whole = _bared("".join(left), "".join(right))
    if _alike(*whole):
        return "alike", first
    words = tuple(pair for pair in product(left, right) if min(map(len, pair)) > 3 and _alike(*_bared(*pair)))
    if words:
        return "part", words
    return ("garbled" if _garbled(*whole) else "different"), first


_PARTICLES: Final = re.compile(
    "(?:van(?:der|den|de|het|t)?|von(?:der|dem)?|de(?:los|las|la|l)|della)(?=.{3})"
)
"""Particles that a surname is folded into one word with."""


def _bared(left: str, right: str) -> tuple[str, str]:
    """Two surnames without their particles, where both have some: van der Ven is no likelier van der Laan."""
    one, other = _PARTICLES.match(left), _PARTICLES.match(right)
    return (left[one.end() :], right[other.end() :]) if one and other else (left, right)


_MARK_WRITTEN: Final = re.compile("(?<=[aou])e(?!$)")
_UNMARKED: Final = 5
"""Letters that a name must have for ue and u to be one: Mueller is Muller, but Bloem is not Blom."""
_DECLINED: Final = (
    (re.compile("(?<=[oeyi])va$"), "v"), (re.compile("(?<=[iy])na$"), "n"),
    (re.compile("(?<=[sc])ka(?:ya|ia|ja|a)?$|(?<=[sc])k(?:iy|ii|ij|yy|yi|i|y)$"), "k"),
    (re.compile("(?<=.{6}o)[su]$|(?<=.{6}[ia])s$"), ""),
)  # fmt: skip
"""Endings by which a Slavic or Greek surname is a woman's or a man's, and what is left of them."""


@lru_cache(maxsize=1 << 16)
def _unmarked(token: str) -> str:
    """A token as it is without its umlauts, whether these were left out or written out: ae, oe, ue."""
    plain = _MARK_WRITTEN.sub("", token)
    return plain if len(plain) >= _UNMARKED else token


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A surname without marks and without what tells man from woman: Ivanova is Ivanov, Kowalska Kowalski."""
    bare = _unmarked(word)
    if len(bare) > 4:
        for ending, left in _DECLINED:
            bare = ending.sub(left, bare)
    return bare


def _same_family(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return len(left) == len(right) and all(map(_same_word, left, right)) and not _is_initial(left[0])


_EAST_ASIAN: Final = "\u3000"
"""From here on a character is a word or a syllable, before it a letter."""


def _is_initial(token: str) -> bool:
    """Whether a token is one letter; one Chinese character or Korean syllable is a name."""
    return len(token) == 1 and token < _EAST_ASIAN


def _same_word(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) > 3 and stem(one) == stem(other))


def _written_level(left: str, right: str) -> str:
    """The level of two unequal names in a script that is compared as written.

    In Chinese characters a slip of the input is another character of the same sound; letters slip as others.
    """
    if left < _EAST_ASIAN:
        return "alike" if _alike(left, right) else "different"
    return "garbled" if len(left) == len(right) and script.latin(left) == script.latin(right) else "different"


def _alike(left: str, right: str) -> bool:
    if right < left:  # greedy matching may depend on the order of the two
        left, right = right, left
    shorter = min(len(left), len(right))
    if shorter < 3:
        return False
    distance = OSA.distance(left, right, score_cutoff=2)
    if distance <= 1:
        return shorter >= 4 or left[0] == right[0]
    return (distance == 2 and shorter >= 6) or (shorter >= 5 and JaroWinkler.similarity(left, right) >= ALIKE)


def _garbled(left: str, right: str) -> bool:
    """Whether most of two words is the same, as where one was typed in haste or read from a scan.

    Three letters of five stand in their place, or three of four somewhere: haste turns letters round.
    """
    length, longest = min(len(left), len(right)), max(len(left), len(right))
    if length > 3 and OSA.distance(left, right, score_cutoff=longest * 2 // 5) <= longest * 2 // 5:
        return True
    # Of sorted letters the longest common subsequence is what both words have.
    common = LCSseq.similarity(sorted(left), sorted(right))
    return length > 2 and common * 4 >= longest * 3


# -- birth date -----------------------------------------------------------------------------------


def compare_birth(model: Model, left: BirthDate, right: BirthDate) -> Comparison | None:
    """Two dates: equal, day and month turned, one slip, two of three parts, or different."""
    return _level(model, "birth", birth_level(left, right))


@lru_cache(maxsize=1 << 20)
def birth_level(left: BirthDate, right: BirthDate) -> str:
    """The level of two dates of birth."""
    if not (left.day and right.day) or _new_year(left) or _new_year(right):
        named = left.month and right.month and not (_new_year(left) or _new_year(right))
        months = not named or left.month == right.month
        return "year" if left.year == right.year and months else "different"
    if _ymd(left) == _ymd(right):
        return "equal"
    if left.year == right.year and (left.day, left.month) == (right.month, right.day):
        return "equal" if left.ambiguous or right.ambiguous else "swapped"
    one, other = _ymd(left), _ymd(right)
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return "slip" if abs(left.year - right.year) < GENERATION else "part"
    same = (left.year == right.year) + (left.month == right.month) + (left.day == right.day)
    if same == 2 and left.year == right.year:
        return "part"
    if _near(left, right):
        return "near"
    return "loose" if same and OSA.distance(one, other, score_cutoff=2) <= 2 else "different"


def _new_year(date: BirthDate) -> bool:
    """Whether a date is what is entered where only the year is known."""
    return date.day == 1 and date.month == 1


def _near(left: BirthDate, right: BirthDate) -> bool:
    """Whether every part is off by little, as where a date is remembered or misread, not typed wrongly."""
    years = abs(left.year - right.year)
    return (
        (years <= 1 or years == 10) and abs(left.month - right.month) <= 1 and abs(left.day - right.day) <= 5
    )


def _ymd(date: BirthDate) -> str:
    return f"{date.year:04}{date.month:02}{date.day:02}"


# -- place ----------------------------------------------------------------------------------------


def compare_place(model: Model, left: Place, right: Place) -> Comparison | None:
    """Two addresses as one attribute: postcode, street and city are correlated and count together."""
    parts = place_parts(model, left, right)
    if not parts:
        return None
    levels, stranger, household = [], 0, 0
    for name, part in parts:
        levels.append(f"{name} {part.level}")
        stranger += part.stranger
        household += part.household
    return Comparison(", ".join(levels), stranger, household)


def place_parts(model: Model, left: Place, right: Place) -> list[tuple[str, Comparison]]:
    """What each part of two addresses says, a part that another already implies left out."""
    if left.country and right.country and left.country != right.country:
        return [("country", _level(model, "country", "different"))]
    parts: list[tuple[str, Comparison]] = []
    postcode, street = _postcode(left.postcode, right.postcode), _street(left, right)
    if postcode == "slip" and street in {"road", "different"}:
        # A digit off is a slip where the house vouches for it, else the next district of the town.
        postcode = "different"
    if postcode:
        parts.append(("postcode", _level(model, "postcode", postcode)))
    if street == "equal" and postcode in {"fine", "coarse"}:
        street = "equal_in_postcode"
    if street:
        parts.append(("street", _level(model, "street", street)))
    implied = postcode in {"fine", "coarse", "slip"} or street == "equal"
    if left.city and right.city and not implied:
        same = left.city == right.city or _alike(left.city, right.city) or _garbled(left.city, right.city)
        parts.append(("city", _level(model, "city", "equal" if same else "different")))
    if not parts and left.country and right.country:
        parts.append(("country", _level(model, "country", "equal")))
    return parts


def _postcode(left: str, right: str) -> str:
    if not (left and right):
        return ""
    if left == right:
        return "coarse" if left.isdigit() else "fine"
    return "slip" if OSA.distance(left, right, score_cutoff=1) <= 1 else "different"


def _street(left: Place, right: Place) -> str:
    if not (left.street and right.street):
        return ""
    if not (left.street == right.street or _alike(left.street, right.street)):
        return "different"
    return "equal" if left.house and left.house == right.house else "road"


# -- what says little -----------------------------------------------------------------------------


VagueAttribute = Literal["given", "family", "birth", "place"]


def _initial_given(name: Name) -> bool:
    return bool(name.given) and _is_initial(name.given[0])


def _initial_family(name: Name) -> bool:
    return _is_initial("".join(name.family))


def _birth_year(date: BirthDate) -> bool:
    return not date.day or _new_year(date)


def _region(place: Place) -> bool:
    return not (place.street or place.postcode)


VAGUE: Final[Mapping[VagueAttribute, Callable[[Any], bool]]] = {
    "given": _initial_given,
    "family": _initial_family,
    "birth": _birth_year,
    "place": _region,
}
"""By attribute, which values many would fit: an initial, a year of birth, a city. Who has given a firm
value is compared by that one."""

# -- what may be said at most ---------------------------------------------------------------------

_PLACED: Final = ("postcode", "street", "city", "country")
ASPECTS: Final = 1 << len(_PLACED)
"""So many combinations there are of what a value may tell (see `aspects`)."""


def aspects(value: object) -> int:
    """What a value of an attribute that one has once tells, a bit each: of a place which parts, else 1."""
    if not isinstance(value, Place):
        return 1
    return sum(1 << bit for bit, part in enumerate(_PLACED) if getattr(value, part))


def most(model: Model, attribute: str, told: int) -> int:
    """What two values that both tell these aspects say against strangers at most, in 1/1000 bit."""
    if attribute == "attributes":
        return ATTRIBUTES_BOUND if told else 0
    asked = _PLACED if attribute == "place" else (attribute,)
    levels = [model.comparisons[part].values() for bit, part in enumerate(asked) if told >> bit & 1]
    return sum(max(0, *(level.stranger for level in part)) for part in levels)


# -- organisations --------------------------------------------------------------------------------


def compare_organisation(model: Model, left: tuple[str, ...], right: tuple[str, ...]) -> Comparison | None:
    """Two organisations' names, their legal forms left out."""
    if left == right:
        return _level(model, "organisation", "equal")
    return _level(model, "organisation", "alike" if _alike("".join(left), "".join(right)) else "different")


# -- attributes of a company's own ----------------------------------------------------------------

ATTRIBUTES_BOUND: Final = 10_000
"""What all attributes together say at most, for or against, in 1/1000 bit: nobody has measured how far
one follows from another."""
SHORT: Final = 2
"""A value of so few characters is a code or a flag: there are few of them to differ in."""

Attributes = Sequence[tuple[str, str]]
"""Names and values in normal form, sorted; of one name there may be several values."""


def compare_attributes(model: Model, left: Attributes, right: Attributes) -> Comparison | None:
    """Attributes of the user's own as one: those that both sides have, each name once, the sum bounded."""
    parts = attribute_parts(model, left, right)
    if not parts:
        return None
    stranger = sum(part.stranger for _, part in parts)
    household = sum(part.household for _, part in parts)
    levels = ", ".join(f"{name} {part.level}" for name, part in parts)
    return Comparison(levels, _bounded(stranger), _bounded(household))


def attribute_parts(model: Model, left: Attributes, right: Attributes) -> list[tuple[str, Comparison]]:
    """What each attribute that both sides have says, in order of name; of several values the best."""
    theirs: dict[str, list[str]] = {}
    for name, value in right:
        theirs.setdefault(name, []).append(value)
    found: dict[str, Comparison] = {}
    for name, value in left:
        for other in theirs.get(name, ()):
            answer, best = compare_attribute(model, name, value, other), found.get(name)
            if best is None or _agreement(answer) > _agreement(best):
                found[name] = answer
    return list(found.items())


def compare_attribute(model: Model, name: str, left: str, right: str) -> Comparison:
    """Two values of one attribute; an equal one says the more the rarer the model knows its value to be."""
    level = model.attribute(name, attribute_level(left, right))
    rarity = model.attribute_bits(name, left) if left == right else 0
    return Comparison(level.name, level.stranger + rarity, level.household)


@lru_cache(maxsize=1 << 18)
def attribute_level(left: str, right: str) -> str:
    """The level of two values in normal form: equal, short (equal, but only a code), close or different.

    Close are two spellings, and a wording that holds all words of the other (`paris`, `paris france`).
    Numbers are equal or different: next to 1984 stands another house, class or year.
    """
    if left == right:
        return "short" if len(left) <= SHORT else "equal"
    if any(map(str.isdigit, left + right)):
        return "different"
    words, others = set(left.split()), set(right.split())
    within = words <= others or others <= words
    return "close" if (within and min(len(left), len(right)) > SHORT) or _alike(left, right) else "different"


def _agreement(answer: Comparison) -> tuple[int, int, str]:
    return answer.stranger, answer.household, answer.level


def _bounded(weight: int) -> int:
    return max(-ATTRIBUTES_BOUND, min(weight, ATTRIBUTES_BOUND))


# -- across kinds ---------------------------------------------------------------------------------


def compare_alias(model: Model, left: Alias, right: Alias) -> Comparison | None:
    """A handle and the local part of a mailbox; silence where they differ, for most do."""
    if left.text == right.text:
        return _level(model, "alias", "equal")
    one, other = sorted((left.text, right.text))  # greedy matching may depend on the order of the two
    if left.letters == right.letters and JaroWinkler.similarity(one, other) >= ALIKE:
        return _level(model, "alias", "close")
    return None


def compare_alias_name(model: Model, alias: Alias, name: Name) -> Comparison | None:
    """A handle or local part that spells a name: given and family, or an initial and the family name."""
    spelt = spellings(name)
    if spelt is None or alias.letters not in spelt:
        return None
    given, family = _spelt(name)
    rarity = model.family_bits(script.latin(name.family[0]))
    if alias.letters in spelt[:2] and len(given) > 1:
        weights = model.level("alias", "named")
        stranger = weights.stranger + model.given_bits(given) + rarity
        return Comparison("named", min(stranger, NAMED), weights.household)
    if len(family) < 4:
        return None
    weights = model.level("alias", "initialled")
    stranger = weights.stranger + rarity + 2000
    return Comparison("initialled", min(stranger, INITIALLED), weights.household)


def compare_name_alias(model: Model, name: Name, alias: Alias) -> Comparison | None:
    """The same, the name first."""
    return compare_alias_name(model, alias, name)


def spellings(name: Name) -> tuple[str, str, str, str] | None:
    """How an alias spells a name: in full either way round, with an initial either way round."""
    if not (name.given and name.family):
        return None
    given, family = _spelt(name)
    return given + family, family + given, given[0] + family, family + given[0]


def spells(local: str, name: Name | None) -> bool:
    """Whether a mailbox's local part is made of a name; digits do not count.

    Of the whole of it, or of the given name alone or with a letter more.
    """
    if name is None or not name.given:
        return False
    letters, given, spelt = _letters(local), script.latin(name.given[0]), spellings(name)
    if spelt is not None and letters in spelt:
        return True
    return len(given) > 2 and letters.startswith(given) and len(letters) <= len(given) + 1


def _spelt(name: Name) -> tuple[str, str]:
    """The first given name and the whole family name in Latin letters, as an alias has them."""
    return script.latin(name.given[0]), "".join(map(script.latin, name.family))
