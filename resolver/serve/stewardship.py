"""StewardshipService: review, decide, undo, understand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from graph.model import Change, Judgement, Record, RecordKey, Suggestion
from graph.store import Snapshot, Store
from resolver import inquiry, what_if
from resolver.intake import Refusal, Verdict
from resolver.pipeline import Pipeline
from resolver.pipeline.rules import InForce
from resolver.reading import customer as reading
from resolver.reading import locate, pages
from resolver.reading.locate import Status
from resolver.serve import account, convert, supposing, validate
from resolver.serve.call import Call
from resolver.serve.customer import located
from resolver.serve.rereading import reread
from resolver.serve.terms import Terms
from resolver.serve.writer import Writer
from resolver.v1 import customer_pb2, judgement_pb2, suggestion_pb2
from resolver.v1 import stewardship_service_pb2 as pb

_CHANGES: Final = 1000
"""Changes of one act that are answered; the feed has all."""


@dataclass(frozen=True, slots=True)
class _Done:
    """An act done: `customers` are the ids of the judgement's parts, empty for one without a live record."""

    verdict: Verdict
    changes: Sequence[Change]
    customers: Sequence[str]

    def judgement(self, *, dry_run: bool) -> judgement_pb2.Judgement:
        """The judgement; one that was not written has neither id nor revision."""
        message = convert.judgement_out(self.verdict.judgement)
        if dry_run:
            message.id, message.revision = "", 0
            message.ClearField("retracted_revision")
        return message


class Stewardship:
    """The handlers. Acts run on the writer's thread and read what they rest on as they are planned."""

    def __init__(
        self,
        store: Store,
        pipeline: Pipeline,
        writer: Writer,
        terms: Terms,
        rules: InForce,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._pipeline = pipeline
        self._writer = writer
        self._terms = terms
        self._rules = rules
        self._clock = clock

    # -- acts --------------------------------------------------------------------------------

    def merge_customers(self, request: pb.MergeCustomersRequest, call: Call) -> Message:
        """Make several customers one."""

        def sides(snapshot: Snapshot) -> Sequence[frozenset[RecordKey]]:
            return [
                _side(snapshot, side.customer, side.etag, f"sides[{place}].")
                for place, side in enumerate(request.sides)
            ]

        def act() -> Verdict:
            return self._pipeline.merge(
                sides, author=request.steward, reason=request.reason, dry_run=request.validate_only
            )

        done = self._act(request, call, act)
        return pb.MergeCustomersResponse(
            judgement=done.judgement(dry_run=request.validate_only),
            changes=[convert.change_out(each) for each in done.changes],
            customer_id=next(filter(None, done.customers), ""),
            revision=done.verdict.revision,
            settled_revision=done.verdict.settled_revision,
        )

    def split_customer(self, request: pb.SplitCustomerRequest, call: Call) -> Message:
        """Part a customer's records."""

        def parts(snapshot: Snapshot) -> Sequence[frozenset[RecordKey]]:
            parts = [convert.record_set(part) for part in request.parts]
            if request.HasField("customer"):
                whole = _side(snapshot, request.customer, request.etag, "")
                rest = whole.difference(*parts)
                parts += [rest] if rest else []
                if len(parts) < 2:
                    raise Refusal("field_invalid", "the parts leave nothing of the customer", "parts")
            return parts

        def act() -> Verdict:
            return self._pipeline.split(
                parts, author=request.steward, reason=request.reason, dry_run=request.validate_only
            )

        done = self._act(request, call, act)
        return pb.SplitCustomerResponse(
            judgement=done.judgement(dry_run=request.validate_only),
            changes=[convert.change_out(each) for each in done.changes],
            customer_ids=done.customers,
            revision=done.verdict.revision,
            settled_revision=done.verdict.settled_revision,
        )

    def revert(self, request: pb.RevertRequest, call: Call) -> Message:
        """Undo a change, or a judgement."""

        def act() -> Verdict:
            return self._pipeline.revert(
                revision=request.revision,
                judgement=request.judgement_id,
                author=request.steward,
                reason=request.reason,
                dry_run=request.validate_only,
            )

        done = self._act(request, call, act)
        return pb.RevertResponse(
            judgement=done.judgement(dry_run=request.validate_only),
            changes=[convert.change_out(each) for each in done.changes],
            revision=done.verdict.revision,
            settled_revision=done.verdict.settled_revision,
        )

    def _act(self, request: Message, call: Call, act: Callable[[], Verdict]) -> _Done:
        """Run an act in the writer's turn: what it came to, the changes it made, whose the parts are now."""
        self._check(request)

        def perform() -> _Done:
            with self._store.snapshot() as snapshot:
                before = snapshot.revision
            verdict = act()
            return reread(lambda: self._done(verdict, before))

        return call.result(self._writer.act(perform))

    def _done(self, verdict: Verdict, before: int) -> _Done:
        """What an act came to that was begun at a revision; others may have written since, too."""
        with self._store.snapshot() as snapshot:
            changes = snapshot.changes(before, _CHANGES)
            ours = [change for change in changes if change.judgement == verdict.judgement.id]
            return _Done(verdict, ours, _bearers(snapshot, verdict.judgement))

    # -- lists -------------------------------------------------------------------------------

    def list_judgements(self, request: pb.ListJudgementsRequest, call: Call) -> Message:
        """List judgements in the order in which they were written."""
        self._check(request)
        size = pages.page_size(request.page_size, 50, 1000)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            page = pages.judgements(snapshot, request.page_token, size, retracted=request.show_retracted)
            return pb.ListJudgementsResponse(
                judgements=[convert.judgement_out(each) for each in page.entries],
                next_page_token=page.next_page_token,
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def list_suggestions(self, request: pb.ListSuggestionsRequest, call: Call) -> Message:
        """List possible matches that wait, the heaviest first."""
        self._check(request)
        size = pages.page_size(request.page_size, 50, 1000)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            page = pages.suggestions(snapshot, request.page_token, size)
            return pb.ListSuggestionsResponse(
                suggestions=[self._suggestion(snapshot, *each) for each in page.entries],
                next_page_token=page.next_page_token,
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def _suggestion(self, snapshot: Snapshot, id_: str, suggestion: Suggestion) -> suggestion_pb2.Suggestion:
        sides = [
            reading.records_of(snapshot, locate.locate_record(snapshot, key))
            for key in (suggestion.left, suggestion.right)
        ]
        rules = self._rules.at(snapshot)
        weighed = inquiry.explain_pair(snapshot, rules.model, rules.policy, *sides)
        return account.suggestion_out(id_, suggestion, weighed)

    # -- understanding -----------------------------------------------------------------------

    def explain(self, request: pb.ExplainRequest, call: Call) -> Message:
        """Explain why two are one customer, why not, what holds one together, or what would come of what."""
        self._check(request)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            coming = _coming(request)
            left, right = _subject(snapshot, request, coming)
            reply = pb.ExplainResponse()
            if request.HasField("customer"):
                reply = self._explain_customer(snapshot, left)
            elif left and right:
                reply = self._explain_pair(snapshot, left, right)
            if request.HasField("what_if"):
                asked = what_if.Asked(_keys(left) or coming, _keys(right) or coming)
                reply.what_if.CopyFrom(self._foretold(snapshot, request.what_if, asked))
            reply.revision, reply.settled_revision = snapshot.revision, snapshot.settled_revision
        return reply

    def _foretold(
        self, snapshot: Snapshot, message: pb.Supposition, asked: what_if.Asked
    ) -> pb.SuppositionOutcome:
        rules, settings = self._rules.at(snapshot), self._terms.settings
        supposed = supposing.supposition(message, settings)
        foretold = what_if.foretell(snapshot, rules.model, rules.policy, settings, supposed, asked)
        return supposing.foretold_out(foretold)

    def _explain_customer(self, snapshot: Snapshot, records: Sequence[Record]) -> pb.ExplainResponse:
        rules = self._rules.at(snapshot)
        links = inquiry.explain_customer(snapshot, rules.model, rules.policy, records)
        reply = pb.ExplainResponse(links=[account.link_out(link) for link in links])
        reply.customer_ids.extend(_ids(records))
        return reply

    def _explain_pair(
        self, snapshot: Snapshot, left: Sequence[Record], right: Sequence[Record]
    ) -> pb.ExplainResponse:
        rules = self._rules.at(snapshot)
        model, policy = rules.model, rules.policy
        weighed = inquiry.explain_pair(snapshot, model, policy, left, right)
        reply = pb.ExplainResponse(pair=account.account_out(weighed, values=True))
        ids = _ids([*left, *right])
        reply.customer_ids.extend(ids)
        if weighed.together and left[0].key != right[0].key:
            links = inquiry.explain_customer(snapshot, model, policy, snapshot.members(ids)[ids[0]])
            way = account.on_the_way(links, left[0].key, right[0].key)
            reply.links.extend(account.link_out(link) for link in way)
        return reply

    def _check(self, request: Message) -> None:
        validate.check(request, now=self._clock(), government_ids=self._terms.government_ids)


def _side(
    snapshot: Snapshot, selector: customer_pb2.CustomerSelector, etag: str, path: str
) -> frozenset[RecordKey]:
    """The records that stand on one side; a record that is not known yet stands there alone.

    Raises `Refusal`: customer_not_found, customer_empty, etag_mismatch.
    """
    if selector.WhichOneof("selector") == "record":
        key = convert.record_key(selector.record)
        whose = locate.locate_record(snapshot, key)
        if whose.status is not Status.FOUND:
            return frozenset({key})
    else:
        whose = located(snapshot, selector, f"{path}customer")
    records = reading.records_of(snapshot, whose)
    if not records:
        raise Refusal("customer_empty", "the customer has no live record", f"{path}customer")
    if etag and etag != reading.etag(records):
        raise Refusal("etag_mismatch", "the customer has changed since", f"{path}etag")
    return frozenset(record.key for record in records)


def _whole(snapshot: Snapshot, selector: customer_pb2.CustomerSelector, path: str) -> Sequence[Record]:
    """All records of a customer, at least one. Raises `Refusal`: customer_empty and what `located` does."""
    records = reading.records_of(snapshot, located(snapshot, selector, path))
    if not records:
        raise Refusal("customer_empty", "the customer has no live record", path)
    return records


def _compared(
    snapshot: Snapshot, selector: customer_pb2.CustomerSelector, path: str, coming: frozenset[RecordKey]
) -> Sequence[Record]:
    """The records of one side of a comparison: a record stands for itself alone; none of one yet to come."""
    if selector.WhichOneof("selector") != "record":
        return _whole(snapshot, selector, path)
    key = convert.record_key(selector.record)
    if key in coming and locate.locate_record(snapshot, key).status is Status.NONE:
        return ()
    return [record for record in _whole(snapshot, selector, path) if record.key == key]


def _subject(
    snapshot: Snapshot, request: pb.ExplainRequest, coming: frozenset[RecordKey]
) -> tuple[Sequence[Record], Sequence[Record]]:
    """The records of both sides of a pair, or all of a customer's on the left."""
    if request.HasField("pair"):
        pair = request.pair
        left = _compared(snapshot, pair.left, "pair.left", coming)
        return left, _compared(snapshot, pair.right, "pair.right", coming)
    return (_whole(snapshot, request.customer, "customer") if request.HasField("customer") else (), ())


def _coming(request: pb.ExplainRequest) -> frozenset[RecordKey]:
    """The record that is supposed to state something, which may be a side of the pair before it is known."""
    if request.HasField("pair") and request.what_if.HasField("record"):
        return frozenset({convert.record_key(request.what_if.record.key)})
    return frozenset()


def _keys(records: Iterable[Record]) -> frozenset[RecordKey]:
    return frozenset(record.key for record in records)


def _ids(records: Iterable[Record]) -> list[str]:
    return sorted({record.customer for record in records if record.customer})


def _bearers(snapshot: Snapshot, judgement: Judgement) -> list[str]:
    """The customer that each part's live records belong to, in the judgement's order of parts."""
    records = snapshot.records({key for part in judgement.parts for key in part})
    return [
        min((records[key].customer or "" for key in part if key in records), default="")
        for part in judgement.parts
    ]
