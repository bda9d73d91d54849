"""Which pairs of values may agree: told for whole columns at once, so that only those are compared singly.

A screen never decides: what it passes is compared in full, and what it holds back is surely different,
so that one pair may answer for all of its shape (the same namespaces, for instance).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
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

    `keys` and `other_keys` give a value's keys, a constant number of them, None for one that it lacks.
    `text` gives what is compared by edits, of which `edits` are always and a fraction `portion` of the
    longer text allowed. `shape` is all that the comparison of two surely different values depends on.
    """

    keys: Keys
    other_keys: Keys | None = None
    text: Callable[[Any], str] | None = None
    edits: int = 0
    portion: int = 0
    shape: Callable[[Any], Hashable] = lambda _: None


class Screened:
    """Two columns of distinct values made ready for a screen."""

    def __init__(self, screen: Screen, one: Sequence[Any], other: Sequence[Any]) -> None:
        index: dict[Hashable, int] = {}
        shapes: dict[Hashable, int] = {}
        other_keys = screen.other_keys or screen.keys
        same = one is other and other_keys is screen.keys
        self.screen = screen
        self.one_keys = _numbered(index, map(screen.keys, one))
        self.other_keys = self.one_keys if same else _numbered(index, map(other_keys, other))
        self.one_shape = _shaped(shapes, screen, one)
        self.other_shape = self.one_shape if one is other else _shaped(shapes, screen, other)
        self.shapes = len(shapes)
        self.texts = [] if screen.text is None else [screen.text(value) for value in one]

    def may_agree(self, left: Ints, right: Ints) -> Bools:
        """Whether each pair of values, the first of the one column and the second of the other, may agree."""
        agree: Bools = np.zeros(len(left), bool)
        theirs = self.other_keys[right]
        for column in self.one_keys.T:  # one by one, so that memory stays bounded where values have many keys
            mine = column[left, None]
            agree |= ((mine == theirs) & (mine != _NONE)).any(axis=1)
        if self.screen.text is not None:
            rest = np.flatnonzero(~agree)
            agree[rest] = self._near(left[rest], right[rest])
        return agree

    def shape(self, left: Ints, right: Ints) -> Ints:
        """A number for each pair of values: equal where what is surely different compares alike."""
        return self.one_shape[left] * self.shapes + self.other_shape[right]

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


def alike_words(one: Sequence[str], other: Sequence[str]) -> Bools:
    """Whether each two words may be spellings of one: two edits apart, or of high Jaro-Winkler similarity."""
    longest = np.array([max(len(a), len(b)) for a, b in zip(one, other, strict=True)], np.int64)
    near = distances(one, other) <= np.maximum(longest * 2 // 5, 2)
    letters = [["".join(sorted(word)) for word in words] for words in (one, other)]
    near |= cpdist(*letters, scorer=LCSseq.similarity, dtype=np.int64) * 4 >= longest * 3
    # Greedy matching may depend on the order of the two by a trifle, so the screen is the more generous.
    similar = cpdist(one, other, scorer=JaroWinkler.similarity, dtype=np.float32) >= compare.ALIKE - 0.05
    return near | similar


def _picked(texts: Sequence[str], ids: Ints) -> list[str]:
    return [texts[each] for each in ids.tolist()]


def _numbered(index: dict[Hashable, int], keys: Iterable[Iterable[Hashable]]) -> Ints:
    rows = [[_NONE if key is None else index.setdefault(key, len(index)) for key in each] for each in keys]
    found = np.array(rows, np.int64) if rows else np.zeros((0, 1), np.int64)
    return found[:, (found != _NONE).any(axis=0)]


def _shaped(shapes: dict[Hashable, int], screen: Screen, values: Sequence[Any]) -> Ints:
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
NAME_ALIAS: Final = Screen(_spellings, other_keys=_letters)
EVERY: Final = Screen(lambda _: (0,))
"""Holds nothing back: for attributes whose values are few or compared quickly."""
