"""Nodes: features as a store keeps them, with all that is derived from them."""

from __future__ import annotations

from graph.model import Node
from resolver.match.blocking import blocking_keys
from resolver.normalise.evidence import describe, digest, encode
from resolver.normalise.features import Features


def make_node(features: Features) -> Node:
    """The node of these features: equal features, equal node.

    One without any blocking key is a block of its own, so that two writers who both add it meet there.
    """
    name = digest(features)
    return Node(name, encode(features), describe(features), blocking_keys(features) or (f"node:{name}",))
