"""What is foretold of a change is what comes of it when it is made, and asking writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cache, partial
from itertools import count

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from graph.model import Evidence, Identifier, IdentifierKind, PartyType, RecordKey, StatedIdentifier
from resolver.intake import Arrival, Refusal
from resolver.match.document import shipped
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.pipeline.rules import Rules
from resolver.resolve.explain import Decision
from resolver.resolve.settings import Policy
from resolver.what_if import (
    NOBODY,
    Asked,
    Blocked,
    Deleted,
    Foretold,
    Judged,
    MergedFrom,
    Stated,
    Supposition,
    foretell,
)
from tests.conformance.oracle import OracleStore
from tests.simulation import check
from tests.simulation.universe import POLICIES, POPULATION, evidences, record_keys

SETTINGS = Settings(region="NL")
LAST = 1 << 60
"""A version that stands whatever came before."""
Said = Sequence[tuple[RecordKey, Evidence | None]]
"""What records state, one after another; None deletes."""
Found = tuple[RecordKey, str]
"""A customer: the least key of its records, and its id, empty for a new one."""


rules = cache(partial(Rules, shipped(), POPULATION))


class World:
    """A store of what was said and judged, settled."""

    def __init__(self, policy: Policy, said: Said, terms: Settings = SETTINGS) -> None:
        self.rules = rules(policy)
        self.terms = terms
        self.store = OracleStore()
        self.store.put_meta(self.rules.terms())
        names = count(1)
        self.writer = Pipeline(
            self.store,
            model=self.rules.model,
            policy=policy,
            settings=terms,
            clock=lambda: 1,
            mint=lambda: f"n{next(names):05}",
        )
        for version, (key, evidence) in enumerate(said, start=1):
            self.say(key, evidence, version)
        self.settle()

    def say(self, key: RecordKey, evidence: Evidence | None, version: int) -> None:
        deleted = evidence is None
        self.writer.record([Arrival(key.source, key, evidence, version, deleted=deleted)])

    def judge(self, parts: Sequence[frozenset[RecordKey]], *, together: bool) -> None:
        act = self.writer.merge if together else self.writer.split
        act(parts, author="ann", reason="seen")
        self.settle()

    def settle(self) -> None:
        while self.writer.settle(3):
            pass

    def foretold(self, supposition: Supposition, asked: Asked = NOBODY) -> Foretold:
        with self.store.snapshot() as snapshot:
            held = self.rules
            return foretell(snapshot, held.model, held.policy, self.terms, supposition, asked)

    @property
    def revision(self) -> int:
        with self.store.snapshot() as snapshot:
            return snapshot.revision

    @property
    def customers(self) -> dict[RecordKey, str | None]:
        return check.customers(self.store)


def told(now: Mapping[RecordKey, str | None], foretold: Foretold) -> dict[RecordKey, Found]:
    """Where each record would be that would be of a customer."""
    then = {key: customer for key, customer in now.items() if customer is not None}
    new: dict[RecordKey, str] = {}
    for change in foretold.regroupings:
        for customer in change.before:
            for key in customer.records:
                assert then.pop(key) == customer.id
        for number, customer in enumerate(change.after):
            name = customer.id or f"new {change.moved} {number}"
            new.update(dict.fromkeys(customer.records, name))
    return grouped({**then, **new}, set(filter(None, now.values())))


def grouped(customers: Mapping[RecordKey, str | None], known: set[str]) -> dict[RecordKey, Found]:
    """The same of customers as they are, where these were known before."""
    least: dict[str, RecordKey] = {}
    for key, customer in sorted(customers.items()):
        if customer is not None:
            least.setdefault(customer, key)
    return {
        key: (least[customer], customer if customer in known else "")
        for key, customer in customers.items()
        if customer is not None
    }


def mates(customers: Mapping[RecordKey, Found], asked: AbstractSet[RecordKey]) -> dict[RecordKey, Found]:
    """Those of the customers that these records are of."""
    theirs = {customers[key] for key in asked & customers.keys()}
    return {key: found for key, found in customers.items() if found in theirs}


policies = st.sampled_from(sorted(POLICIES)).map(POLICIES.__getitem__)
sayings = st.lists(st.tuples(record_keys, evidences | evidences | st.none()), max_size=12)
sides = st.frozensets(record_keys, min_size=1, max_size=2)
thorough = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@thorough
@given(policy=policies, said=sayings, key=record_keys, evidence=evidences | st.none())
def test_a_record_restated_or_deleted(
    policy: Policy, said: Said, key: RecordKey, evidence: Evidence | None
) -> None:
    world = World(policy, said)
    now, revision = world.customers, world.revision
    foretold = world.foretold(Deleted(key) if evidence is None else Stated(key, evidence))
    assert (world.customers, world.revision) == (now, revision)
    world.say(key, evidence, LAST)
    world.settle()
    assert told(now, foretold) == grouped(world.customers, set(filter(None, now.values())))


@thorough
@given(
    policy=policies,
    said=sayings,
    judged=st.lists(st.tuples(st.booleans(), sides, sides), max_size=3),
    together=st.booleans(),
    left=sides,
    right=sides,
)
def test_a_pair_judged(
    policy: Policy,
    said: Said,
    judged: Sequence[tuple[bool, frozenset[RecordKey], frozenset[RecordKey]]],
    together: bool,
    left: frozenset[RecordKey],
    right: frozenset[RecordKey],
) -> None:
    assume(not left & right)
    world = World(policy, said)
    for joins, one, other in judged:
        try:
            world.judge((one, other), together=joins)
        except Refusal:
            continue
    now = world.customers
    try:
        foretold: Foretold | Refusal = world.foretold(Judged(together), Asked(left, right))
    except Refusal as refusal:
        foretold = refusal
    if isinstance(foretold, Refusal):
        with pytest.raises(Refusal) as refused:
            world.judge((left, right), together=together)
        assert refused.value.reason == foretold.reason
        return
    world.judge((left, right), together=together)
    assert told(now, foretold) == grouped(world.customers, set(filter(None, now.values())))
    if foretold.pair is not None:
        assert foretold.pair.together == together
        assert foretold.pair.refusal == ("" if together else "judgement")


@thorough
@given(policy=policies, said=sayings, merge=st.sampled_from((0.6, 0.9, 0.9999, 0.9999999)), asked=sides)
def test_another_merge_threshold(
    policy: Policy, said: Said, merge: float, asked: frozenset[RecordKey]
) -> None:
    world = World(policy, said)
    now = world.customers
    foretold = told(now, world.foretold(MergedFrom(merge), Asked(asked)))
    world.writer.adopt(lambda rules: replace(rules, policy=replace(rules.policy, merge=merge)))
    world.settle()
    then = grouped(world.customers, set(filter(None, now.values())))
    assert mates(foretold, asked) == mates(then, asked)


OWNABLE = (
    Identifier(IdentifierKind.PHONE, "", "+31612349876"),
    Identifier(IdentifierKind.EMAIL, "", "jan.devries@ziggo.nl"),
    Identifier(IdentifierKind.HANDLE, "instagram", "jan.devries"),
    Identifier(IdentifierKind.LOYALTY, "club", "4711023856"),
)


@thorough
@given(policy=policies, said=sayings, identifier=st.sampled_from(OWNABLE))
def test_an_identifier_that_is_the_company_s_own(policy: Policy, said: Said, identifier: Identifier) -> None:
    world = World(policy, said)
    foretold = told(world.customers, world.foretold(Blocked(identifier)))
    owning = World(policy, said, replace(SETTINGS, owned=frozenset({identifier})))
    then = grouped(owning.customers, set())
    assert {key: least for key, (least, _) in foretold.items()} == {
        key: least for key, (least, _) in then.items()
    }


# -- by example --------------------------------------------------------------------------------

ONE, TWO = RecordKey("till", "one"), RecordKey("web", "two")
SHARED = (StatedIdentifier(IdentifierKind.PHONE, "0612349876"),)
JAN = Evidence(SHARED, "Jan", family_name="de Vries", birth_date="1960-05-03", party_type=PartyType.PERSON)
PAIR = Asked(frozenset({ONE}), frozenset({TWO}))


@pytest.fixture
def world() -> World:
    return World(Policy(), [(ONE, JAN), (TWO, JAN), (RecordKey("web", "three"), replace(JAN, given_name=""))])


def test_another_birth_date_parts_two_and_says_why(world: World) -> None:
    foretold = world.foretold(Stated(TWO, Evidence(birth_date="1990-11-30"), ("birth_date",)), PAIR)
    (change,) = foretold.regroupings
    assert len(change.before) == 1 and {TWO} <= set(change.moved)
    assert foretold.pair is not None and not foretold.pair.together
    assert foretold.pair.refusal == "limit" and foretold.pair.comparison.limits == ("birth_date",)
    held = {each.attribute: each.right for each in foretold.pair.comparison.attributes}
    assert held["birth"] == ("1990-11-30",) and held["phone"] == ("+31612349876",), "the rest is as it was"


def test_a_record_that_is_to_come_is_compared_as_if_it_were_there(world: World) -> None:
    new = RecordKey("shop", "new")
    foretold = world.foretold(Stated(new, JAN), Asked(frozenset({new}), frozenset({ONE})))
    assert foretold.pair is not None and foretold.pair.decision == Decision.MATCH
    (change,) = foretold.regroupings
    assert change.moved == (new,) and change.before[0].id == change.after[0].id


def test_who_is_deleted_is_compared_with_nobody(world: World) -> None:
    assert world.foretold(Deleted(TWO), PAIR).pair is None


def test_a_split_makes_a_customer_without_an_id(world: World) -> None:
    foretold = world.foretold(Judged(together=False), PAIR)
    (change,) = foretold.regroupings
    assert len(change.after) > 1 and [customer.id for customer in change.after if customer.id] == [
        customer.id for customer in change.before
    ]
    assert foretold.pair is not None and foretold.pair.judgements == ()


def test_what_makes_no_sense_is_refused(world: World) -> None:
    for probability in (0.0, 0.5, 1.0, float("nan")):
        with pytest.raises(Refusal, match="possible threshold"):
            world.foretold(MergedFrom(probability), PAIR)
    with pytest.raises(Refusal, match="both sides"):
        world.foretold(Judged(together=True), Asked(PAIR.left, PAIR.left))
    firm = Evidence(SHARED, organisation="Bakker B.V.", party_type=PartyType.ORGANISATION)
    world.say(RecordKey("crm", "firm"), firm, 1)
    with pytest.raises(Refusal, match="organisation"):
        world.foretold(Judged(together=True), Asked(PAIR.left, frozenset({RecordKey("crm", "firm")})))
