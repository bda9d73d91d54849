"""What is asked is answered as the pipeline decides, and nothing is written."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Evidence, Record, RecordKey
from graph.store import Snapshot
from resolver import inquiry
from resolver.intake import Arrival, Receipt
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.resolve.explain import Decision
from resolver.resolve.plan import decode_grounds
from resolver.resolve.settings import Policy
from tests.conformance.oracle import OracleStore
from tests.simulation import check
from tests.simulation.universe import POLICIES, POPULATION, evidences

MODEL = default_model(POPULATION)
SETTINGS = Settings(region="NL")
FIRST = RecordKey("a", "a")
"""Sorts as the asked record does, before all others, for ties go by record key."""


def store_of(evidence: list[Evidence], policy: Policy) -> tuple[OracleStore, Pipeline]:
    store, names = OracleStore(), count(1)
    pipeline = Pipeline(
        store,
        model=MODEL,
        policy=policy,
        settings=SETTINGS,
        clock=lambda: 1,
        mint=lambda: f"n{next(names):05}",
    )
    for number, one in enumerate(evidence):
        pipeline.record([Arrival("till", RecordKey("till", f"r{number:02}"), one, 1)])
    return store, pipeline


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    policy=st.sampled_from(("roomy", "tight", "broken")),
    known=st.lists(evidences, max_size=8),
    asked=evidences,
)
def test_what_is_foretold_is_what_recording_then_does(
    policy: str, known: list[Evidence], asked: Evidence
) -> None:
    store, pipeline = store_of(known, POLICIES[policy])
    before = check.customers(store)
    with store.snapshot() as snapshot:
        told = inquiry.resolve(snapshot, MODEL, POLICIES[policy], SETTINGS, asked, 100)
    (receipt,) = pipeline.record([Arrival("a", FIRST, asked, 1)])
    assert isinstance(receipt, Receipt)
    now = check.customers(store)
    assert told.visitor == (receipt.customer == "")
    mates = [key for key, customer in now.items() if customer == receipt.customer and key != FIRST]
    known_by = {customer for customer in before.values() if customer}
    assert told.customer == (receipt.customer if receipt.customer in known_by else "")
    was = {before[key] for key in mates if receipt.customer} - {None, receipt.customer}
    assert set(told.merged) == was
    if mates and receipt.customer:
        assert told.decision == Decision.MATCH
    weights = [account.comparison.weight for account in told.candidates]
    assert weights == sorted(weights, reverse=True)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(policy=st.sampled_from(("roomy", "tight")), known=st.lists(evidences, min_size=2, max_size=8))
def test_a_pair_is_weighed_as_the_suggestion_between_its_customers(
    policy: str, known: list[Evidence]
) -> None:
    store, _ = store_of(known, POLICIES[policy])
    with store.snapshot() as snapshot:
        for _, suggestion in snapshot.suggestions(None, 100):
            sides = [_customer(snapshot, key) for key in (suggestion.left, suggestion.right)]
            account = inquiry.explain_pair(snapshot, MODEL, POLICIES[policy], *sides)
            assert account.comparison.weight == suggestion.weight
            (tie,) = decode_grounds(suggestion.evidence).ties
            assert {part[0]: part[1:] for part in tie.parts} == {
                one.attribute: (one.stranger, one.household) for one in account.comparison.attributes
            }
            assert account.refusal and not account.together


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(policy=st.sampled_from(("roomy", "tight")), known=st.lists(evidences, min_size=2, max_size=8))
def test_every_customer_is_held_together_by_one_link_less_than_it_has_records(
    policy: str, known: list[Evidence]
) -> None:
    store, _ = store_of(known, POLICIES[policy])
    with store.snapshot() as snapshot:
        members = snapshot.members({c for c in check.customers(store).values() if c})
        for records in members.values():
            links = inquiry.explain_customer(snapshot, MODEL, POLICIES[policy], records)
            assert len(links) == len(records) - 1
            sides = [side for link in links for side in (link.account.left, link.account.right)]
            joined = {key for side in sides for key in side.records}
            assert joined == ({record.key for record in records} if len(records) > 1 else set())
            for link in links:
                if link.basis == "evidence":
                    assert link.account.comparison.weight >= POLICIES[policy].merge_weight


def _customer(snapshot: Snapshot, key: RecordKey) -> list[Record]:
    name = snapshot.records([key])[key].customer
    assert name is not None
    return list(snapshot.members([name])[name])
