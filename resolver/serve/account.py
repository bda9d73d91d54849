"""Explanations and prospects as messages of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from graph.model import RecordKey, Suggestion
from resolver.inquiry import Account, Link, Prospect, Side
from resolver.resolve.explain import Bound, Compared
from resolver.serve import convert
from resolver.v1 import explanation_pb2 as pb
from resolver.v1 import resolution_service_pb2, suggestion_pb2

_REFUSAL: Final[Mapping[str, pb.RefusalReason.ValueType]] = {
    "": pb.REFUSAL_REASON_UNSPECIFIED,
    "below_threshold": pb.REFUSAL_REASON_BELOW_THRESHOLD,
    "possible": pb.REFUSAL_REASON_BELOW_THRESHOLD,
    "ambiguous": pb.REFUSAL_REASON_AMBIGUOUS,
    "alone": pb.REFUSAL_REASON_ALONE,
    "limit": pb.REFUSAL_REASON_LIMIT,
    "judgement": pb.REFUSAL_REASON_JUDGEMENT,
    "household": pb.REFUSAL_REASON_RELATED,
    "related": pb.REFUSAL_REASON_RELATED,
    "party": pb.REFUSAL_REASON_LIMIT,
}


def account_out(account: Account, *, values: bool) -> pb.PairExplanation:
    """All that was weighed between two sides; with what they hold only where `values` are asked for."""
    comparison = account.comparison
    attributes = sorted(comparison.attributes, key=lambda each: -each.stranger)
    return pb.PairExplanation(
        left=_side_out(account.left),
        right=_side_out(account.right),
        comparisons=[
            *(_compared_out(each, values=values) for each in attributes),
            *(_bound_out(each) for each in comparison.bounds),
        ],
        prior_strangers_millibits=comparison.prior,
        prior_household_millibits=comparison.prior_household,
        strangers_millibits=comparison.stranger,
        household_millibits=comparison.household,
        weight_millibits=comparison.weight,
        probability=comparison.probability,
        decision=pb.Decision.Value(f"DECISION_{account.decision.name}"),
        refusal_reason=_REFUSAL[account.refusal],
        relation=pb.Relation.Value(f"RELATION_{account.relation.upper() or 'UNSPECIFIED'}"),
        together=account.together,
        limits=[pb.LimitKind.Value(f"LIMIT_KIND_{limit.upper()}") for limit in comparison.limits],
        judgement_ids=sorted(account.judgements),
        model_version=comparison.model,
    )


def link_out(link: Link) -> pb.Link:
    """One join in the making of a customer; without its numbers where they did not make it."""
    basis = pb.LinkBasis.Value(f"LINK_BASIS_{link.basis.upper()}")
    if basis == pb.LINK_BASIS_EVIDENCE:
        return pb.Link(basis=basis, explanation=account_out(link.account, values=True))
    account = link.account
    return pb.Link(
        basis=basis,
        explanation=pb.PairExplanation(
            left=_side_out(account.left),
            right=_side_out(account.right),
            decision=pb.DECISION_MATCH,
            together=True,
            judgement_ids=sorted(account.judgements),
        ),
    )


def on_the_way(links: Sequence[Link], left: RecordKey, right: RecordKey) -> Sequence[Link]:
    """The joins by which two records of one customer came together, in order."""
    way = []
    for link in links:
        sides = (link.account.left.records, link.account.right.records)
        if any(left in side or right in side for side in sides):
            way.append(link)
        if any(left in one and right in other for one, other in (sides, sides[::-1])):
            break
    return way


def suggestion_out(id_: str, suggestion: Suggestion, account: Account) -> suggestion_pb2.Suggestion:
    """A possible match that waits, as it was weighed when it was made."""
    explanation = account_out(account, values=False)
    explanation.weight_millibits = suggestion.weight
    explanation.refusal_reason = _REFUSAL.get(suggestion.reason, explanation.refusal_reason)
    explanation.left.record.CopyFrom(convert.record_key_out(suggestion.left))
    explanation.right.record.CopyFrom(convert.record_key_out(suggestion.right))
    return suggestion_pb2.Suggestion(id=id_, explanation=explanation)


def prospect_out(prospect: Prospect) -> resolution_service_pb2.ResolveResponse:
    """Who some evidence would be; without revisions."""
    return resolution_service_pb2.ResolveResponse(
        decision=pb.Decision.Value(f"DECISION_{prospect.decision.name}"),
        customer_id=prospect.customer,
        visitor=prospect.visitor,
        merged_customer_ids=sorted(prospect.merged),
        candidates=[
            resolution_service_pb2.ResolveCandidate(
                customer_id=each.right.customer, explanation=_unstored(account_out(each, values=False))
            )
            for each in prospect.candidates
        ],
    )


def _unstored(explanation: pb.PairExplanation) -> pb.PairExplanation:
    """The same, its left side being evidence that has no record."""
    explanation.left.CopyFrom(pb.Side(record_count=1))
    return explanation


def _side_out(side: Side) -> pb.Side:
    return pb.Side(
        customer_id=side.customer,
        record=convert.record_key_out(side.records[0]),
        record_count=len(side.records),
    )


def _bound_out(bound: Bound) -> pb.Comparison:
    return pb.Comparison(
        attribute=bound.name,
        level="counted_once",
        strangers_millibits=bound.stranger,
        household_millibits=bound.household,
    )


def _compared_out(compared: Compared, *, values: bool) -> pb.Comparison:
    shown = values and compared.attribute != "government"
    return pb.Comparison(
        attribute=compared.attribute,
        level=compared.level,
        strangers_millibits=compared.stranger,
        household_millibits=compared.household,
        left_values=compared.left if shown else (),
        right_values=compared.right if shown else (),
    )
