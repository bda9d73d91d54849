"""A model document from records, without labels.

    names and values counted      frequencies, of people rather than of records
    random pairs                  u, each pair by its chance to be strangers
    sessions -> levels -> EM      m, h; how many strangers share one identifier
    candidates                    the prior: how many pairs are one person's, or one household's
    the outcome                   asked whether partners stay apart; else in part as before

Where others' estimates go wrong on customers, and what is done instead:

- *Random pairs hold true matches*, and of the few that agree on an identifier they are nearly all. Each
  counts by its chance to be strangers; what strangers share is asked of those who share it.
- *Blocking flatters the attribute that blocked.* A session never speaks of its own attribute.
- *Households are taken for persons.* What tells people of one home apart is not learnt for the household,
  so that class stays what it is; only what homes share is. Nor may one person's records differ in it
  much more often than before: a file full of twins would teach that people change their given names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.model import Node
from resolver.learn.chances import account, begin, tell
from resolver.learn.effort import Effort
from resolver.learn.em import HOUSEHOLD, SAME, STRANGER, Fit, Mixture, Patterns, posterior
from resolver.learn.frequencies import with_frequencies
from resolver.learn.groupings import Grouping, telling_pairs
from resolver.learn.judgements import Judged, calibrate
from resolver.learn.levels import NONE, Observed, Observer, is_tabled, probabilities, variables
from resolver.learn.partners import keep_apart
from resolver.learn.people import adopt, fit_people, seen_of
from resolver.learn.sample import Pairs, candidates, canonical, random_pairs, sessions
from resolver.learn.strangers import learn_chances, learn_shared, stranger_counts
from resolver.match.blocking import blocking_keys
from resolver.match.columns import IDENTIFIERS
from resolver.match.document import LEAST, Document, check, shipped, write
from resolver.match.model import build
from resolver.normalise.evidence import describe, digest
from resolver.normalise.features import Features
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silence

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ABOUT: Final = (
    "Learnt from records without labels, starting from the model that ships. Under `learnt` stands from "
    "how many pairs each comparison was learnt, and what could not be learnt and stays as it was."
)
SAME_PRIOR: Final = "records_per_customer"
HOME_PRIOR: Final = "person_to_household"
HOME_BOUNDS: Final = (1.0, 8.0)
"""Pairs of one person for each of a household. A file without households is no promise that none comes."""
PRIOR_ROUNDS: Final = 20
"""Rounds in which the prior settles: each finds the pairs that the one before makes likely."""


def train(
    nodes: Sequence[Features],
    *,
    population: int,
    rows: int,
    seed: int = 0,
    start: Document | None = None,
    policy: Policy | None = None,
    effort: Effort | None = None,
    judged: Sequence[Judged] = (),
    groupings: Sequence[Grouping] = (),
) -> Document:
    """The document that these records teach.

    Args:
        nodes: the features of the records, in any order; equal ones count once.
        population: how many customers the company expects to hold, at least 1; what strangers share and
            the prior are told in proportion to it.
        rows: how many rows there were, told in the document.
        seed: which pairs are drawn.
        start: what is known before, and stays where nothing is learnt; by default what ships.
        policy: when a value is shared by too many to speak; from when customers are joined.
        effort: how much is looked at.
        judged: stewards' decisions of pairs, which calibrate the prior; see `judgements.calibrate`.
        groupings: judgements in force, in the order in which they were written, which calibrate it with
            the one pair of which each speaks; see `groupings.telling_pairs`. Where `judged` has that pair
            it counts there.

    The same nodes, population, rows and seed give the same document, byte for byte.
    """
    distinct = canonical(nodes)
    blocks = [blocking_keys(node) for node in distinct]
    rules = policy or Policy()
    silent = silence(
        rules,
        (Node("", b"", describe(node), keys) for node, keys in zip(distinct, blocks, strict=True)),
    )
    known = check(start or shipped())
    learner = _Learner(
        with_frequencies(known, distinct, silent), distinct, silent, population, seed, effort or Effort()
    )
    learner.learn()
    learner.weigh_prior(candidates(blocks, silent, learner.effort.candidates, seed))
    document = learner.document(rows)
    if judged or groupings:
        drawn = telling_pairs(document, groupings, population=population, silent=silent)
        spoken = [*judged, *_unjudged(drawn, judged)]
        document = calibrate(document, spoken, population=population, silent=silent)
        told = {**document["learnt"]["judgements"], "given": len(judged), "in_force": len(groupings)}
        document = {**document, "learnt": {**document["learnt"], "judgements": told}}
    document = keep_apart(document, known, population, rules.merge)
    return check({**document, "version": named(document)})


def _unjudged(drawn: Sequence[Judged], judged: Sequence[Judged]) -> Iterator[Judged]:
    """Those of which nothing was judged as a pair."""
    met = set(map(_pair, judged))
    return (each for each in drawn if _pair(each) not in met)


def _pair(judged: Judged) -> frozenset[str]:
    return frozenset((digest(judged.left), digest(judged.right)))


class _Learner:
    """What is known at a moment of learning."""

    def __init__(
        self,
        start: Document,
        nodes: Sequence[Features],
        silent: frozenset[str],
        population: int,
        seed: int,
        effort: Effort,
    ) -> None:
        self.start, self.population, self.seed, self.effort = start, population, seed, effort
        self.size = len(nodes)
        self.variables = variables(start, {name for node in nodes for name, _ in node.compared_attributes})
        self.tabled = [[is_tabled(start, each, name) for name in each.levels] for each in self.variables]
        self.observer = Observer(build(start, population), start, self.variables, nodes, silent)
        self.sessions = sessions(nodes, silent, effort.session, seed)
        self.holders = {name: self.observer.holders(name) for name in IDENTIFIERS}
        self.found = [begin(start, each, population) for each in self.variables]
        self.begun = [each.chances.copy() for each in self.found]
        self.prior = self._start_prior()
        self.seen = {SAME_PRIOR: 0.0, HOME_PRIOR: 0.0}
        self.counts = {session.name: len(session.pairs) for session in self.sessions}

    def learn(self) -> None:
        """Strangers, then people, and again with what was found."""
        drawn = random_pairs(self.size, self.effort.random, self.seed)
        self.counts["random"] = len(drawn)
        strangers = _patterns(self.observer.observe(drawn.left, drawn.right), drawn.weight)
        met = self._met()
        for _ in range(self.effort.rounds):
            self._learn_strangers(strangers)
            if self.sessions:
                self._learn_people(met)

    def _met(self) -> Patterns:
        """The pairs of all sessions, each without what its session cannot speak of."""
        if not self.sessions:
            return _patterns(self.observer.observe(*np.zeros((2, 0), np.int64)), np.zeros(0))
        parts = []
        for session in self.sessions:
            hidden = [n for n, each in enumerate(self.variables) if each.comparison in session.hidden]
            parts.append(self.observer.observe(session.pairs.left, session.pairs.right).without(hidden))
        weight = np.concatenate([session.pairs.weight for session in self.sessions])
        sizes = [len(session.pairs) for session in self.sessions]
        return _patterns(Observed.joined(parts), weight, np.repeat(np.arange(len(sizes)), sizes))

    def _learn_strangers(self, strangers: Patterns) -> None:
        counts = stranger_counts(strangers, posterior(strangers, self._mixture()), self.variables)
        for number, variable in enumerate(self.variables):
            learnt, prior = self.found[number], self.begun[number][STRANGER].copy()
            equal = learnt.chances[STRANGER, 0]
            seen = counts[number]
            if variable.comparison in IDENTIFIERS:
                seen[0] = 0.0  # those who share it are asked instead
            learn_chances(learnt, prior, self.tabled[number], seen, self.effort)
            if variable.comparison in IDENTIFIERS:
                learnt.chances[STRANGER, 0] = equal

    def _learn_people(self, met: Patterns) -> None:
        now = [each.chances for each in self.found]
        fitted = fit_people(met, len(self.sessions), self.variables, self.begun, now)
        seen = seen_of(met, fitted, self.variables)
        for number, variable in enumerate(self.variables):
            adopt(
                variable,
                self.found[number],
                self.begun[number],
                fitted.mixture.chances[number],
                seen[number],
                self.tabled[number],
                self.effort,
            )
        self._learn_shared(met, fitted)

    def _learn_shared(self, met: Patterns, fitted: Fit) -> None:
        for group, session in enumerate(self.sessions):
            if session.name not in IDENTIFIERS:
                continue
            number = next(n for n, each in enumerate(self.variables) if each.name == session.name)
            mine = met.group == group
            holders = self.holders[session.name]
            learn_shared(
                self.found[number],
                probabilities(self.start, self.variables[number])["equal"],
                strangers=float(fitted.posterior[STRANGER, mine].sum() * session.pairs.scale),
                telling=int((met.level[:, mine] != NONE).any(axis=0).sum()),
                exposure=holders * (holders - 1) / 2 / self.population,
                population=self.population,
                effort=self.effort,
            )

    def weigh_prior(self, drawn: Pairs) -> None:
        """How many of all pairs are one person's, and how many a household's: the odds before evidence."""
        self.counts["candidates"] = len(drawn)
        patterns = _patterns(self.observer.observe(drawn.left, drawn.right), drawn.weight)
        total = max(self.size * (self.size - 1) / 2, 1.0)
        for _ in range(PRIOR_ROUNDS):
            chance = posterior(patterns, self._mixture()) * drawn.weight
            same, home = float(chance[SAME].sum()), float(chance[HOUSEHOLD].sum())
            self.seen = {SAME_PRIOR: same, HOME_PRIOR: home if same >= self.effort.same else 0.0}
            self.prior = self._start_prior()
            if same < self.effort.same:
                return
            self.prior[SAME_PRIOR] = same * drawn.scale / total * self.population
            pull = self.effort.household
            ratio = (same + pull * self.prior[HOME_PRIOR]) / (home + pull)
            self.prior[HOME_PRIOR] = float(np.clip(ratio, *HOME_BOUNDS))

    def _start_prior(self) -> dict[str, float]:
        return {name: float(self.start["prior"][name]) for name in (SAME_PRIOR, HOME_PRIOR)}

    def document(self, rows: int) -> Document:
        """All that was found; the version is still that of the start."""
        found = list(zip(self.variables, self.found, strict=True))
        return {
            **tell(self.start, found),
            "about": ABOUT,
            "prior": {
                **self.start["prior"],
                **{name: float(f"{value:.4g}") for name, value in self.prior.items()},
            },
            "learnt": {
                "rows": rows,
                "distinct": self.size,
                "population": self.population,
                "seed": self.seed,
                "start": self.start["version"],
                "pairs": self.counts,
                "comparisons": account(found),
                "prior": self._of_prior(),
            },
        }

    def _of_prior(self) -> dict[str, str]:
        """In words where the prior comes from."""
        same, home = self.seen[SAME_PRIOR], self.seen[HOME_PRIOR]
        if same < self.effort.same:
            few = f"prior: {same:.0f} pairs of one person were found, {self.effort.same:.0f} are needed"
            return {SAME_PRIOR: few, HOME_PRIOR: few}
        return {
            SAME_PRIOR: f"learnt from {same:.0f} pairs of one person",
            HOME_PRIOR: f"learnt from {home:.0f} pairs of one household, the prior counting as "
            f"{self.effort.household:.0f}; at least {HOME_BOUNDS[0]:g} and at most {HOME_BOUNDS[1]:g}",
        }

    def _mixture(self) -> Mixture:
        """The whole population's pairs as one group: strangers but for one in many."""
        same = min(0.5, self.prior[SAME_PRIOR] / self.population)
        home = min(0.4, same / self.prior[HOME_PRIOR])
        shares = np.array([[same, home, 1.0 - same - home]])
        return Mixture(shares, tuple(np.maximum(each.chances, LEAST) for each in self.found))


def named(document: Document) -> str:
    """The version of a document that was learnt: a digest of its content."""
    content = {name: each for name, each in document.items() if name != "version"}
    return f"learnt-{sha256(write({**content, 'version': ''})).hexdigest()[:12]}"


def _patterns(observed: Observed, weight: Floats, group: Ints | None = None) -> Patterns:
    groups = np.zeros(len(weight), np.int64) if group is None else group
    return Patterns(observed.level, observed.rarity.sum(axis=0), groups, weight)


__all__ = ["Effort", "Grouping", "Judged", "named", "train"]
