"""Which pairs of values may agree: told for whole columns at once, so that only those are compared singly.

A screen never decides: what it passes is compared in full, and what it holds back is surely different,
so that one pair may answer for all of its shape (the same namespaces, for instance).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler, LCSseq
from rapidfuzz.process import cpdist

from resolver.match import compare
from resolver.match.compare import Alias, Code
from resolver.normalise import government
from resolver.normalise.features import Name

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Keys = Callable[[Any], Iterable[Hashable]]

_NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Screen:
    """How the values of an attribute may agree: by sharing a key, or by being few edits apart.

    `keys` and `other_keys` give a value's keys, a constant number of them, None for one that it lacks;
    without `keys` nothing is held back. `text` gives what is compared by edits, of which `edits` are always
    and a fraction `portion` of the longer text allowed. `shape` is all that the comparison of two surely
    different values depends on, where there is anything.
    """

    keys: Keys | None = None
    other_keys: Keys | None = None
    text: Callable[[Any], str] | None = None
    edits: int = 0
    portion: int = 0
    shape: Callable[[Any], Hashable] | None = None


@dataclass(frozen=True, slots=True)
class _Side:
    """One column of distinct values, by value: the numbers of its keys and of its shape."""

    keys: Ints
    shape: Ints


@dataclass(frozen=True, slots=True)
class Screened:
    """Two columns of distinct values made ready for a screen. `texts` are those of the one column."""

    screen: Screen
    one: _Side
    other: _Side
    shapes: int
    texts: Sequence[str]

    @classmethod
    def of(cls, screen: Screen, one: Sequence[Any], other: Sequence[Any]) -> Screened:
        """Two columns, or one with itself."""
        index: dict[Hashable, int] = {}
        shapes: dict[Hashable, int] = {}
        mine = _Side(_numbered(index, screen.keys, one), _shaped(shapes, screen, one))
        theirs = mine
        if one is not other:
            theirs = _Side(
                _numbered(index, screen.other_keys or screen.keys, other), _shaped(shapes, screen, other)
            )
        texts = [] if screen.text is None else [screen.text(value) for value in one]
        return cls(screen, mine, theirs, len(shapes), texts)

    def turned(self) -> Screened:
        """The same with the columns changed about, where no text is compared."""
        return replace(self, one=self.other, other=self.one)

    def may_agree(self, left: Ints, right: Ints) -> Bools:
        """Whether each pair of values, the first of the one column and the second of the other, may agree."""
        if self.screen.keys is None:
            return np.ones(len(left), bool)
        agree: Bools = np.zeros(len(left), bool)
        theirs = self.other.keys[right]
        for column in self.one.keys.T:  # one by one, so that memory stays bounded where values have many keys
            mine = column[left, None]
            agree |= ((mine == theirs) & (mine != _NONE)).any(axis=1)
        if self.screen.text is not None:
            rest = np.flatnonzero(~agree)
            agree[rest] = self._near(left[rest], right[rest])
        return agree

    def shape(self, left: Ints, right: Ints) -> Ints:
        """A number for each pair of values: equal where what is surely different compares alike."""
        return self.one.shape[left] * self.shapes + self.other.shape[right]

    def _near(self, left: Ints, right: Ints) -> Bools:
        one, other = _picked(self.texts, left), _picked(self.texts, right)
        distance = distances(one, other)
        allowed = np.full(len(one), self.screen.edits)
        if self.screen.portion:
            longest = [max(len(a), len(b)) // self.screen.portion for a, b in zip(one, other, strict=True)]
            allowed = np.maximum(allowed, longest)
        near: Bools = distance <= allowed
        return near


def distances(one: Sequence[str], other: Sequence[str]) -> NDArray[np.uint16]:
    """The edits between each two texts (optimal string alignment)."""
    return cpdist(one, other, scorer=OSA.distance, dtype=np.uint16)


class Words:
    """Words made ready to tell of many pairs at once which may be spellings, or short forms, of one."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._letters = ["".join(sorted(word)) for word in words]
        self._length = np.fromiter(map(len, words), np.int64, len(words))
        stems: dict[str, int] = {}
        self._stem = np.array([stems.setdefault(compare.stem(word), len(stems)) for word in words], np.int64)

    def alike(self, one: Ints, other: Ints) -> Bools:
        """Whether each two words, by number, are two edits apart, of high similarity, or of one stem."""
        longest = np.maximum(self._length[one], self._length[other])
        left, right = _picked(self._words, one), _picked(self._words, other)
        near: Bools = distances(left, right) <= np.maximum(longest * 2 // 5, 2)
        # Greedy matching may depend on the order of the two by a trifle, so the screen is the more generous.
        near |= cpdist(left, right, scorer=JaroWinkler.similarity, dtype=np.float32) >= compare.ALIKE - 0.05
        rest = np.flatnonzero(~near)
        letters = _picked(self._letters, one[rest]), _picked(self._letters, other[rest])
        near[rest] = cpdist(*letters, scorer=LCSseq.similarity, dtype=np.int64) * 4 >= longest[rest] * 3
        near |= self._stem[one] == self._stem[other]
        return near

    def nicknamed(self, one: Ints, other: Ints) -> Bools:
        """Whether each two words, by number, are given names that may be short for each other or a third."""
        start, forms = self._starts_and_forms
        found: Bools = (start[one] == start[other]) | (forms[one] & forms[other] != 0)
        likely = np.flatnonzero(found)
        left, right = _picked(self._words, one[likely]), _picked(self._words, other[likely])
        found[likely] = np.fromiter(map(compare.nicknamed, left, right), bool, len(likely))
        return found

    @cached_property
    def _starts_and_forms(self) -> tuple[Ints, Ints]:
        """Of each word a number for its start, and a bit for each that it may stand for.

        Names of which one is short for the other have a bit in common; so have few of the rest.
        """
        starts: dict[str, int] = {}
        bits: dict[str, int] = {}
        start = [starts.setdefault(word[: compare.CLIPPED], len(starts)) for word in self._words]
        forms = [
            reduce(or_, (1 << bits.setdefault(form, len(bits)) % 63 for form in compare.readings(word)))
            for word in self._words
        ]
        return np.array(start, np.int64), np.array(forms, np.int64)


def _picked(texts: Sequence[str], ids: Ints) -> list[str]:
    return [texts[each] for each in ids.tolist()]


def _numbered(index: dict[Hashable, int], keys: Keys | None, values: Sequence[Any]) -> Ints:
    if keys is None:
        return np.zeros((len(values), 0), np.int64)
    rows = [
        [_NONE if key is None else index.setdefault(key, len(index)) for key in each]
        for each in map(keys, values)
    ]
    found = np.array(rows, np.int64) if rows else np.zeros((0, 1), np.int64)
    return found[:, (found != _NONE).any(axis=0)]


def _shaped(shapes: dict[Hashable, int], screen: Screen, values: Sequence[Any]) -> Ints:
    if screen.shape is None:
        return np.zeros(len(values), np.int64)
    return np.array([shapes.setdefault(screen.shape(value), len(shapes)) for value in values], np.int64)


# -- the attributes' screens ----------------------------------------------------------------------


def _whole(value: Hashable) -> tuple[Hashable]:
    return (value,)


def _text(code: Code) -> str:
    return code.text


def _kept_apart(code: Code) -> Hashable:
    return code.namespace, code.fuzzy


def _tail(code: Code) -> tuple[str]:
    return (code.text[-8:],)


def _local(code: Code) -> tuple[str, str]:
    local = code.text.rpartition("@")[0]
    return f"@{local}", "".join(filter(str.isalpha, local))


def _alphanumerics(code: Code) -> tuple[str]:
    return ("".join(filter(str.isalnum, code.text)),)


def _just_text(code: Code) -> tuple[str]:
    return (code.text,)


def _hashes(code: Code) -> tuple[str | None, ...]:
    near = government.near(code.text)
    return (code.text, *near, *(None,) * (government.WIDTH - len(near)))


def _letters(alias: Alias) -> tuple[str]:
    return (alias.letters,)


def _spellings(name: Name) -> tuple[str | None, ...]:
    return compare.spellings(name) or (None,) * 4


PHONE: Final = Screen(_tail, text=_text, edits=2, shape=_kept_apart)
EMAIL: Final = Screen(_local, text=_text, edits=3, portion=5, shape=_kept_apart)
HANDLE: Final = Screen(_alphanumerics, text=_text, edits=2, shape=_kept_apart)
LOYALTY: Final = Screen(_just_text, text=_text, edits=2, shape=_kept_apart)
EXACT: Final = Screen(_just_text, shape=_kept_apart)
GOVERNMENT: Final = Screen(_hashes, shape=_kept_apart)
ALIAS: Final = Screen(_letters)
ALIAS_NAME: Final = Screen(_letters, other_keys=_spellings)
EVERY: Final = Screen()
"""Holds nothing back: for attributes whose values are few or compared quickly."""
