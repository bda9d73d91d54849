"""What a server answers under: the model, the policy and what the company told the normalisers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from graph.model import Identifier
from resolver import normalise
from resolver.match.model import Model
from resolver.normalise.evidence import Settings
from resolver.resolve.settings import Policy

_CONFIGURED: Final = {name: f"thresholds.{name}" for name in ("merge", "possible", "edge")}
"""Settings of the policy that the configuration knows, under its name."""
_INDIFFERENT: Final = frozenset({"reopen_at_once"})
"""Settings of the policy that decide when something is done, never what comes of it."""
_UNTOLD: Final = frozenset({"owned"})
"""Terms that are kept as a digest, which tells nobody anything."""


@dataclass(frozen=True, slots=True)
class Terms:
    """All that decides besides what is stored."""

    model: Model
    policy: Policy
    settings: Settings

    @property
    def government_ids(self) -> bool:
        """Whether government ids are taken."""
        return self.settings.government_secret is not None

    def decisive(self) -> Mapping[str, str]:
        """All of them that the partition of records into customers rests on, as a store keeps them."""
        return {
            "population": str(self.model.population),
            "region": self.settings.region,
            "generation": normalise.GENERATION,
            "model": self.model.version,
            "owned": _digest(self.settings.owned),
            "programmes": json.dumps(self.settings.checks, sort_keys=True),
            **{
                _CONFIGURED.get(each.name, f"policy.{each.name}"): repr(getattr(self.policy, each.name))
                for each in fields(self.policy)
                if each.name not in _INDIFFERENT
            },
        }


def drifted(kept: Mapping[str, str], terms: Terms) -> Iterator[str]:
    """A line for each term that is not the one which a store was made with; `kept` is the store's meta."""
    for key, value in terms.decisive().items():
        if key not in kept or kept[key] == value:
            continue
        made = "others" if key in _UNTOLD else f"{kept[key] or 'none'}, not {value or 'none'}"
        yield f"{key}: the store was made with {made}; to change it, load the sources into a new store"


def _digest(identifiers: frozenset[Identifier]) -> str:
    written = json.dumps(sorted((each.kind.value, each.namespace, each.value) for each in identifiers))
    return hashlib.sha256(written.encode()).hexdigest()
