"""Evidence in a sentence: what a comparison of two customers came to, in plain English.

Pure. The sentence holds values compared (names, dates of birth), so it is personal data; whoever writes
it into a page escapes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from resolver.match.weigh import Attribute
from resolver.report.marks import DIFFERS
from resolver.resolve.explain import Compared, Comparison

NOTHING: Final = "Nothing that both sides state could be compared"

_ONE: Final[Mapping[str, tuple[str, str]]] = {
    "phone": ("phone", "phones"),
    "email": ("mailbox", "mailboxes"),
    "handle": ("handle", "handles"),
    "loyalty": ("loyalty card", "loyalty cards"),
    "external": ("id in one system", "ids in one system"),
    "government": ("government id", "government ids"),
    "given": ("given name", "given names"),
    "family": ("surname", "surnames"),
    "birth": ("birth date", "birth dates"),
    "organisation": ("organisation name", "organisation names"),
}
"""What an attribute is called, one and several."""

_ALIKE: Final[Mapping[tuple[str, str], str]] = {
    ("phone", "landline"): "one fixed line",
    ("phone", "tail"): "phones with the same last eight digits",
    ("email", "local"): "one mailbox name at two providers",
    ("email", "digits"): "mailboxes alike but for their digits",
    ("email", "close"): "mailboxes much alike",
    ("handle", "elsewhere"): "one handle on two platforms",
    ("given", "middle"): "a middle name in common",
    ("family", "part"): "surnames with a part in common",
    ("birth", "swapped"): "birth dates with day and month swapped",
    ("birth", "slip"): "birth dates a digit apart",
    ("birth", "part"): "birth dates that agree in all but the day or the month",
    ("birth", "near"): "birth dates near each other",
    ("birth", "loose"): "birth dates that agree in part",
    ("birth", "year"): "one year of birth",
    ("alias", ""): "a mailbox and a handle spelt alike",
    ("alias_name", ""): "a mailbox or handle that spells the name",
}
"""Levels that need words of their own; `""` stands for every level."""

_LEVELS: Final[Mapping[str, str]] = {
    "slip": "{many} one slip apart",
    "close": "{many} two slips apart",
    "alike": "{many} spelt alike",
    "kindred": "{many} alike",
    "garbled": "{many} with most letters in common",
}

_NAMED: Final = frozenset({"given", "family", "birth"})
"""Attributes whose values are told: what else differs is seen in the rows."""
_SHOWN: Final = 2
"""Values of a side that are told; of more, none is."""
_RARE_NAME: Final = 20_000
_RARE_SURNAME: Final = 13_000
"""Weights against strangers, in 1/1000 bit, from which a name is called rare."""

_LIMITS: Final[Mapping[str, tuple[Attribute | None, str]]] = {
    "loyalty": ("loyalty", "two cards of one loyalty programme"),
    "birth_date": ("birth", "birth dates too far apart for one person"),
    "external": ("external", "two ids in one system that holds nobody twice"),
    "government": ("government", "two government ids of one kind"),
    "party_type": (None, "a person and an organisation"),
}
"""What a limit is about, which is not told again, and its words."""


class _Point(NamedTuple):
    """One thing that is told: its words, whether it speaks for one customer, and how loudly."""

    words: str
    agrees: bool
    weight: int


def sentence(comparison: Comparison) -> str:
    """What two sides have in common, the strongest first; after a semicolon, what disagrees."""
    agree, disagree = _told(comparison)
    if not (agree or disagree):
        return f"{NOTHING}."
    common = ", ".join(agree) or "nothing in common"
    return _closed(f"{common}; {', '.join(disagree) or 'nothing disagrees'}")


def objection(comparison: Comparison) -> str:
    """What speaks against one customer, the strongest first; after a semicolon, what both have in common."""
    agree, disagree = _told(comparison)
    if not (agree or disagree):
        return f"{NOTHING}."
    against = ", ".join(disagree) or "nothing disagrees"
    return _closed(f"{against}; {'in common: ' + ', '.join(agree) if agree else 'nothing in common'}")


def _told(comparison: Comparison) -> tuple[list[str], list[str]]:
    """What agrees and what disagrees, in words, the strongest of each first; limits before all."""
    limits = [_LIMITS.get(name, (None, name.replace("_", " "))) for name in comparison.limits]
    values = {each.attribute: _values(each) for each in comparison.attributes}
    forbidden = [f"{words}{values.get(attribute, '') if attribute else ''}" for attribute, words in limits]
    limited = {attribute for attribute, _ in limits}
    rest = [each for each in comparison.attributes if each.attribute not in limited]
    name = _name({each.attribute: each for each in rest})
    points = [name] if name else []
    for each in rest:
        if not (name and each.attribute in {"given", "family"}):
            points.extend(_points(each))
    points.sort(key=lambda point: -point.weight if point.agrees else point.weight)
    return [p.words for p in points if p.agrees], [*forbidden, *(p.words for p in points if not p.agrees)]


def _closed(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _name(compared: Mapping[Attribute, Compared]) -> _Point | None:
    """Given name and surname told as one, where both agree or were read the other way round."""
    given, family = compared.get("given"), compared.get("family")
    if given is None or family is None or given.stranger <= 0 or family.stranger <= 0:
        return None
    weight = given.stranger + family.stranger
    same = given.level == family.level == "equal"
    if not set(given.left) & set(given.right) and (
        set(given.left) & set(family.right) or set(family.left) & set(given.right)
    ):
        return _Point(f"{'one name' if same else 'names alike'}, the surname first on one side", True, weight)
    if not same:
        return None
    return _Point("one rare name" if weight >= _RARE_NAME else "one name", True, weight)


def _points(compared: Compared) -> Iterator[_Point]:
    """What one attribute says; an address and attributes say several things, what weighs nothing none."""
    if not (compared.stranger or compared.household):
        return
    parts = _PARTS.get(compared.attribute)
    if parts is not None:
        for words, agrees in parts(compared):
            yield _Point(words, agrees, compared.stranger if agrees else _worst(compared))
    elif compared.level in DIFFERS or compared.stranger < 0:
        yield _Point(_difference(compared), False, _worst(compared))
    else:
        yield _Point(_agreement(compared), True, compared.stranger)


def _worst(compared: Compared) -> int:
    return min(compared.stranger, compared.household)


def _agreement(compared: Compared) -> str:
    attribute, level = compared.attribute, compared.level
    if level == "equal":
        return _equal(compared)
    if attribute in {"given", "family"} and level in {"nickname", "initial"}:
        return f"{_ONE[attribute][0]} {_for(compared)}"
    return _likeness(attribute, level) + _values(compared)


def _likeness(attribute: Attribute, level: str) -> str:
    own = _ALIKE.get((attribute, level)) or _ALIKE.get((attribute, ""))
    return own or _LEVELS.get(level, "{many} alike").format(many=_ONE[attribute][1])


def _equal(compared: Compared) -> str:
    one, many = _ONE[compared.attribute]
    common = len(set(compared.left) & set(compared.right))
    if common > 1 and compared.attribute not in _NAMED:
        return f"{common} {many} in common"
    rare = compared.attribute == "family" and compared.stranger >= _RARE_SURNAME
    return f"one rare {one}" if rare else f"one {one}"


def _for(compared: Compared) -> str:
    """The short form and what it stands for, where either side has but one name."""
    if not (len(compared.left) == len(compared.right) == 1):
        return "in short on one side"
    short, long = sorted((compared.left[0], compared.right[0]), key=lambda name: (len(name), name))
    return f"{_shown(short)} for {_shown(long)}"


def _difference(compared: Compared) -> str:
    """What differs; where the mean of several values speaks against them, the best of them may agree."""
    attribute, level = compared.attribute, compared.level
    if attribute in {"given", "family"}:
        initials = any(all(len(value) == 1 for value in side) for side in (compared.left, compared.right))
        words = "an initial that does not fit" if initials else f"another {_ONE[attribute][0]}"
    elif level in DIFFERS or level == "equal":
        words = f"another {_ONE.get(attribute, (attribute,))[0]}"
    else:
        words = _likeness(attribute, level)
    return f"{words}{_values(compared)}"


def _values(compared: Compared) -> str:
    """The values of both sides in brackets, for names and dates of which there are few."""
    sides = [compared.left, compared.right]
    if compared.attribute not in _NAMED or not all(0 < len(side) <= _SHOWN for side in sides):
        return ""
    left, right = (" or ".join(map(_shown, side)) for side in sides)
    return f" ({left}, {right})"


def _shown(value: str) -> str:
    return value.title()


# -- attributes of several parts --------------------------------------------------------------------

_PLACES: Final[Mapping[str, str]] = {
    "postcode fine": "one postcode",
    "postcode coarse": "one postcode",
    "postcode slip": "postcodes one slip apart",
    "street equal": "one address",
    "street equal_in_postcode": "one address",
    "street road": "one street",
    "city equal": "one city",
    "country equal": "one country",
}


def _place(compared: Compared) -> Iterator[tuple[str, bool]]:
    parts = compared.level.split(", ")
    agreeing = [_PLACES[part] for part in parts if part in _PLACES]
    if "one address" in agreeing:
        agreeing = ["one address"]
    if agreeing:
        yield " and ".join(agreeing), True
    different = [part.removesuffix(" different") for part in parts if part.endswith(" different")]
    if different:
        yield " and ".join(f"another {name}" for name in different), False


def _attributes(compared: Compared) -> Iterator[tuple[str, bool]]:
    for part in compared.level.split(", "):
        name, _, level = part.rpartition(" ")
        if level == "different":
            yield f"another {name}", False
        elif name:
            yield f"{'one' if level in {'equal', 'short'} else 'nearly one'} {name}", True


_PARTS: Final[Mapping[Attribute, Callable[[Compared], Iterator[tuple[str, bool]]]]] = {
    "place": _place,
    "attributes": _attributes,
}


def listed(words: Sequence[str]) -> str:
    """Words as a list is written: `a`, `a and b`, `a, b and c`."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


__all__ = ["NOTHING", "listed", "objection", "sentence"]
