"""Rules as messages of the contract, and what a request makes of those in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final, cast

from resolver.intake import Refusal
from resolver.match.document import read, write
from resolver.pipeline.rules import Rules
from resolver.resolve.settings import BirthLimit, Kind, Limits, Policy
from resolver.v1 import model_service_pb2 as pb

MOST: Final = 10_000_000_000
"""The greatest population taken."""

_BIRTHS: Final[dict[pb.BirthDateLimit.ValueType, BirthLimit]] = {
    pb.BIRTH_DATE_LIMIT_UNSPECIFIED: "generation",
    pb.BIRTH_DATE_LIMIT_OFF: "off",
    pb.BIRTH_DATE_LIMIT_GENERATION: "generation",
    pb.BIRTH_DATE_LIMIT_DIFFERENT: "different",
}
_BIRTHS_OUT: Final = {limit: number for number, limit in _BIRTHS.items()}


def changed(request: pb.AdoptModelRequest) -> Callable[[Rules], Rules]:
    """What a request makes of the rules in force. Raises `Refusal` naming the field at fault."""
    changes: dict[str, Any] = {}
    if request.document:
        try:
            changes["document"] = read(request.document)
        except ValueError as error:
            raise Refusal("field_invalid", str(error), "document") from None
    if request.population:
        if not 1 <= request.population <= MOST:
            raise Refusal("field_invalid", f"1 to {MOST:,} is expected", "population")
        changes["population"] = request.population

    def change(rules: Rules) -> Rules:
        policy = policy_in(rules.policy, request.policy) if request.HasField("policy") else rules.policy
        return replace(rules, **changes, policy=policy)

    return change


def policy_in(held: Policy, message: pb.Policy) -> Policy:
    """A policy of the contract; what the contract has no words for stays as it is `held`."""
    limits = Limits()
    if message.HasField("limits"):
        limits = Limits(
            message.limits.loyalty,
            _BIRTHS.get(message.limits.birth_date, "generation"),
            message.limits.external,
            message.limits.government,
        )
    try:
        return replace(
            held,
            merge=message.merge,
            possible=message.possible,
            edge=message.edge,
            never_alone=cast(tuple[Kind, ...], tuple(message.never_alone)),
            limits=limits,
        )
    except ValueError as error:
        raise Refusal("field_invalid", str(error), "policy") from None


def policy_out(policy: Policy) -> pb.Policy:
    """A policy as a message."""
    limits = {**asdict(policy.limits), "birth_date": _BIRTHS_OUT[policy.limits.birth_date]}
    return pb.Policy(
        merge=policy.merge,
        possible=policy.possible,
        edge=policy.edge,
        never_alone=policy.never_alone,
        limits=pb.Limits(**limits),
    )


def model_out(rules: Rules, adopted: int, *, whole: bool = False) -> pb.Model:
    """Rules as a message, with the document where it is to be `whole`."""
    return pb.Model(
        document=write(rules.document) if whole else b"",
        version=rules.model.version,
        population=rules.population,
        policy=policy_out(rules.policy),
        adopted_revision=adopted,
    )
