"""What a server answers under: the model, the policy and what the company told the normalisers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graph.model import Identifier
from resolver import normalise
from resolver.config import Loaded
from resolver.match.model import Model
from resolver.normalise.evidence import Settings
from resolver.pipeline.rules import Rules
from resolver.resolve.settings import Policy

_UNTOLD: Final = frozenset({"owned"})
"""Terms that are kept as a digest, which tells nobody anything."""
ADOPT: Final = "adopt it: resolver model adopt"
"""How rules of a store are changed."""
_RELOAD: Final = "load the sources into a new store"


@dataclass(frozen=True, slots=True)
class Hearing:
    """How what is said to the server is read."""

    settings: Settings

    @property
    def government_ids(self) -> bool:
        """Whether government ids are taken."""
        return self.settings.government_secret is not None


@dataclass(frozen=True, slots=True)
class Terms(Hearing):
    """All that decides besides what is stored."""

    model: Model
    policy: Policy

    def decisive(self) -> Mapping[str, str]:
        """All of them that the partition of records into customers rests on, as a store keeps them."""
        return {
            "population": str(self.model.population),
            "region": self.settings.region,
            "generation": normalise.GENERATION,
            "model": self.model.version,
            "owned": _digest(self.settings.owned),
            "programmes": json.dumps(self.settings.checks, sort_keys=True),
            **self.policy.terms(),
        }


def overlaid(held: Rules, loaded: Loaded) -> Rules:
    """Rules with what the configuration, or a flag, says otherwise."""
    configuration = loaded.configuration
    asked = configuration.rules().terms()
    return Rules(
        configuration.document() if loaded.given("model") else held.document,
        configuration.population if loaded.given("population") else held.population,
        Policy.of({**held.policy.terms(), **{name: asked[name] for name in asked if loaded.given(name)}}),
    )


def drifted(kept: Mapping[str, str], terms: Terms) -> Iterator[str]:
    """A line for each term that is not the one which a store was made with; `kept` is the store's meta.

    A store that does not know a setting of the policy was made before there was one, under its default.
    """
    policy = Policy().terms()
    kept = {**policy, **kept} if kept else kept
    for key, value in terms.decisive().items():
        if key not in kept or kept[key] == value:
            continue
        made = "others" if key in _UNTOLD else f"{kept[key] or 'none'}, not {value or 'none'}"
        adopted = key in {"population", "model"} or key in policy
        yield f"{key}: the store has {made}; to change it, {ADOPT if adopted else _RELOAD}"


def _digest(identifiers: frozenset[Identifier]) -> str:
    written = json.dumps(sorted((each.kind.value, each.namespace, each.value) for each in identifiers))
    return hashlib.sha256(written.encode()).hexdigest()
