"""Given names and what they are called at home.

English groups come from the `nicknames` package (Apache-2.0), which is generous: good for saying that two
names may be one, not for saying which. The Dutch, German, French, Spanish, Italian, Polish and Portuguese
groups, and the English short forms that are never in doubt, are a resource of our own.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache

from nicknames import NickNamer

from resolver.normalise import text
from resolver.normalise.data import words

_NONE: frozenset[str] = frozenset()


@cache
def _english() -> NickNamer:
    return NickNamer()


@cache
def _own() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Return the formal names by short form, and the short forms that are people's own names too."""
    formal: dict[str, set[str]] = defaultdict(set)
    own = set()
    for line in words("nicknames.csv"):
        short, *names = line.split(",")
        folded = text.fold(short.rstrip("*"))
        formal[folded].update(text.fold(name) for name in names)
        if short.endswith("*"):
            own.add(folded)
    return {short: frozenset(names - {short}) for short, names in formal.items()}, frozenset(own)


@lru_cache(maxsize=32768)
def nicknames(token: str) -> frozenset[str]:
    """Return the formal names that a folded given name may stand for: bob is robert; empty for none."""
    return frozenset(_english().canonicals_of(token)) - {token} | _own()[0].get(token, _NONE)


@lru_cache(maxsize=32768)
def canonical_given(token: str) -> str:
    """Return the one formal name that a folded given name surely stands for; the name itself in doubt."""
    formal, own = _own()
    names = formal.get(token, _NONE)
    return next(iter(names)) if len(names) == 1 and token not in own else token


@lru_cache(maxsize=32768)
def formal_initial(token: str) -> str:
    """Return the initial of what a folded given name surely stands for: bob counts as r, kees as c.

    Its own where it stands for names of several initials, or is borne as a name of its own.
    """
    formal, own = _own()
    initials = {name[0] for name in formal.get(token, _NONE)}
    return initials.pop() if len(initials) == 1 and token not in own else token[0]
