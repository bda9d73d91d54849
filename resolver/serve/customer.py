"""CustomerService: who is this, what has happened, how to reach them, what has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Final, NamedTuple

from google.protobuf.message import Message

from graph.model import Direction, Identifier, StatedIdentifier
from graph.store import Snapshot, Store
from resolver.intake import Refusal
from resolver.reading import candidates as several
from resolver.reading import customer as reading
from resolver.reading import locate, pages
from resolver.reading.locate import Located, Status
from resolver.reading.relations import relatives
from resolver.serve import convert, portrait, validate
from resolver.serve.call import LOOK_SECONDS, Call
from resolver.serve.edge import on_bytes, parsed
from resolver.serve.errors import error_of, refusal_of
from resolver.serve.ready import Ready, State, Subject
from resolver.serve.rereading import reread
from resolver.serve.terms import Hearing
from resolver.v1 import customer_pb2
from resolver.v1 import customer_service_pb2 as pb

_HEARTBEAT_SECONDS: Final = 15.0
"""After how long a watcher is told that nothing has changed."""
_CHANGES_A_MESSAGE: Final = 500
SERVICE: Final = "service"
ASKED: Final = 1 << 16
"""So many different lookups are kept read: parsed, checked and in normal form."""


def located(snapshot: Snapshot, selector: customer_pb2.CustomerSelector, path: str = "customer") -> Located:
    """Whom a selector names. Raises `Refusal`: customer_not_found, record_not_found."""
    if selector.WhichOneof("selector") == "record":
        found = locate.locate_record(snapshot, convert.record_key(selector.record))
        if found.status is Status.NONE:
            raise Refusal("record_not_found", "no live record has this key", f"{path}.record")
        return found
    found = locate.locate_customer(snapshot, selector.customer_id)
    if found.status is Status.NONE:
        raise Refusal("customer_not_found", "no customer was handed out under this id", f"{path}.customer_id")
    return found


class Asked(NamedTuple):
    """A lookup as it is looked for: the request, and its identifier in normal form where it names one."""

    request: pb.LookupCustomerRequest
    identifier: Identifier | None


class Customers:
    """The handlers. `clock` gives microseconds since 1970."""

    def __init__(self, store: Store, ready: Ready, hearing: Hearing, clock: Callable[[], int]) -> None:
        self._store = store
        self._ready = ready
        self._hearing = hearing
        self._clock = clock
        # Systems ask about the same people again and again, in the same words.
        self._asked = lru_cache(maxsize=ASKED)(lambda raw: self._ask(parsed(pb.LookupCustomerRequest, raw)))

    # -- lookups -----------------------------------------------------------------------------

    @on_bytes
    def lookup_customer(self, raw: bytes, call: Call) -> bytes:
        """Find a customer; a ready reply goes out as the bytes that it was kept as."""
        asked = self._asked(raw)
        at_hand = self._at_hand(asked)
        if at_hand is not None:
            return at_hand
        with call.snapshot(self._store, asked.request.min_revision) as snapshot:
            answered = self._lookup(snapshot, asked)
            return answered + _revisions(snapshot.revision, snapshot.settled_revision)

    def _at_hand(self, asked: Asked) -> bytes | None:
        """The ready reply, where one customer holds the identifier; None sends the lookup the whole way."""
        if asked.identifier is None:
            return None
        glance = self._store.glance(asked.identifier)
        if not glance.customer or glance.revision < asked.request.min_revision:
            return None
        subject = Subject(glance.customer, asked.request.purpose or SERVICE)
        reply = self._ready.get(subject, State(glance.touched, glance.silence_revision), self._clock())
        return None if reply is None else reply + _revisions(glance.revision, glance.settled_revision)

    def batch_lookup_customers(self, request: pb.BatchLookupCustomersRequest, call: Call) -> Message:
        """Find up to 100 customers at one revision."""
        validate.entries(len(request.requests), validate.LOOKUPS_A_BATCH, "requests")
        least = max(max(0, each.min_revision) for each in request.requests)
        with call.snapshot(self._store, least) as snapshot:
            return pb.BatchLookupCustomersResponse(
                results=[self._result(snapshot, each) for each in request.requests],
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def _result(self, snapshot: Snapshot, request: pb.LookupCustomerRequest) -> pb.LookupResult:
        try:
            answered = self._lookup(snapshot, self._ask(request))
            return pb.LookupResult(response=pb.LookupCustomerResponse.FromString(answered))
        except Refusal as refusal:
            return pb.LookupResult(error=error_of(refusal_of(refusal, "BatchLookupCustomers")))

    def _ask(self, request: pb.LookupCustomerRequest) -> Asked:
        """Read a lookup: a function of the request alone. Raises `Refusal` where it cannot be taken."""
        self._check(request)
        if request.WhichOneof("key") != "identifier":
            return Asked(request, None)
        query = request.identifier
        stated = StatedIdentifier(convert.identifier_kind(query.kind), query.value, query.namespace)
        return Asked(request, locate.identifier_of(stated, query.region, self._hearing.settings))

    def _lookup(self, snapshot: Snapshot, asked: Asked) -> bytes:
        """The serialised reply to a lookup, without its revisions."""
        request, identifier = asked
        purpose = request.purpose or SERVICE
        if identifier is not None:
            found = locate.locate(snapshot, identifier)
            if found.status is Status.SEVERAL:
                ranked = several.candidates(snapshot, identifier, found.holders)
                return pb.LookupCustomerResponse(
                    status=portrait.STATUS[found.status],
                    candidates=[portrait.candidate_out(each) for each in ranked],
                ).SerializeToString()
        else:
            found = _whose(snapshot, request)
        if found.status not in {Status.FOUND, Status.VISITOR}:
            return pb.LookupCustomerResponse(status=portrait.STATUS[found.status]).SerializeToString()
        answered = self._profile(snapshot, found, purpose)
        if found.redirected_from:
            answered += pb.LookupCustomerResponse(redirected_from=found.redirected_from).SerializeToString()
        return answered

    def _profile(self, snapshot: Snapshot, found: Located, purpose: str) -> bytes:
        """The reply on a customer, made ready for the next time, or on a visitor."""
        now = self._clock()
        if not found.customer:
            return self._portrayed(snapshot, found, purpose, now)
        touched = found.touched or snapshot.touched([found.customer]).get(found.customer, 0)
        subject, state = Subject(found.customer, purpose), State(touched, snapshot.silence_revision)
        reply = self._ready.get(subject, state, now)
        if reply is None:
            reply = self._portrayed(snapshot, found, purpose, now)
            self._ready.put(subject, reply, state, now)
        return reply

    def _portrayed(self, snapshot: Snapshot, found: Located, purpose: str, now: int) -> bytes:
        records = reading.records_of(snapshot, found)
        profile = reading.profile(snapshot, records, at=now, purpose=purpose, settings=self._hearing.settings)
        return pb.LookupCustomerResponse(
            status=portrait.STATUS[found.status],
            customer=portrait.customer_out(profile),
            preferred_channel=portrait.preferred_out(profile.preferred),
        ).SerializeToString()

    # -- lists -------------------------------------------------------------------------------

    def list_touchpoints(self, request: pb.ListTouchpointsRequest, call: Call) -> Message:
        """List a customer's touchpoints, the latest first."""
        self._check(request)
        size = pages.page_size(request.page_size, 50, 1000)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            whose = located(snapshot, request.customer)
            records = reading.records_of(snapshot, whose)
            page = pages.timeline(snapshot, _named(request.customer), records, request.page_token, size)
            return pb.ListTouchpointsResponse(
                touchpoints=[convert.touchpoint_out(each) for each in page.entries],
                customer_id=whose.customer,
                next_page_token=page.next_page_token,
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def list_records(self, request: pb.ListRecordsRequest, call: Call) -> Message:
        """List live records and whose they are."""
        self._check(request)
        size = pages.page_size(request.page_size, 1000, 10_000)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            if request.HasField("customer"):
                held = reading.records_of(snapshot, located(snapshot, request.customer))
                page = pages.records(_named(request.customer), held, request.page_token, size)
            else:
                page = pages.all_records(snapshot, request.page_token, size)
            return pb.ListRecordsResponse(
                records=[convert.record_out(each) for each in page.entries],
                next_page_token=page.next_page_token,
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def list_relations(self, request: pb.ListRelationsRequest, call: Call) -> Message:
        """List who lives or works together with a customer."""
        self._check(request)
        size = pages.page_size(request.page_size, 50, 1000)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            whose = located(snapshot, request.customer)
            held = relatives(snapshot, whose.customer, reading.records_of(snapshot, whose))
            page = pages.relations(_named(request.customer), held, request.page_token, size)
            return pb.ListRelationsResponse(
                relations=[portrait.relative_out(each) for each in page.entries],
                customer_id=whose.customer,
                next_page_token=page.next_page_token,
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def rank_channels(self, request: pb.RankChannelsRequest, call: Call) -> Message:
        """Rank the channels for a purpose at a time."""
        now = self._check(request)
        at = convert.micros(request.at_time) if request.HasField("at_time") else now
        asked = convert.direction(request.direction)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            whose = located(snapshot, request.customer)
            ranking = reading.ranking(
                snapshot,
                reading.records_of(snapshot, whose),
                purpose=request.purpose,
                direction=Direction.OUTBOUND if asked is Direction.UNSPECIFIED else asked,
                at=at,
                settings=self._hearing.settings,
            )
            return pb.RankChannelsResponse(
                ranks=[portrait.rank_out(each) for each in ranking.ranks],
                exclusions=[portrait.exclusion_out(each) for each in ranking.exclusions],
                customer_id=whose.customer,
                at_time=convert.timestamp(at),
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    # -- changes -----------------------------------------------------------------------------

    def list_changes(self, request: pb.ListChangesRequest, call: Call) -> Message:
        """List changes of customers in the order of their commits."""
        self._check(request)
        size = pages.page_size(request.page_size, 100, 1000)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            page = pages.changes(snapshot, request.after_revision, request.page_token, size)
            return pb.ListChangesResponse(
                changes=[convert.change_out(each) for each in page.entries],
                next_page_token=page.next_page_token,
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def watch_changes(self, request: pb.WatchChangesRequest, call: Call) -> Iterator[Message]:
        """Tell changes as they come; a message without changes says that the server is there."""
        self._check(request)
        told = request.after_revision
        due = 0.0
        while call.alive:
            if call.places.stopping.is_set():
                raise Refusal("draining", "the server is stopping")
            news = reread(partial(self._news, told), call.demand)
            told = news.revision
            if news.changes or time.monotonic() >= due:
                due = time.monotonic() + _HEARTBEAT_SECONDS
                yield news
            if len(news.changes) < _CHANGES_A_MESSAGE:
                self._store.wait(told, LOOK_SECONDS)

    def _news(self, told: int) -> pb.WatchChangesResponse:
        """Changes after a revision, as many as a message holds, and the revision that this reaches."""
        with self._store.snapshot() as snapshot:
            changes = snapshot.changes(told, _CHANGES_A_MESSAGE)
            reached = changes[-1].revision if len(changes) == _CHANGES_A_MESSAGE else snapshot.revision
            return pb.WatchChangesResponse(
                changes=[convert.change_out(each) for each in changes],
                revision=max(told, reached),
                settled_revision=snapshot.settled_revision,
            )

    def _check(self, request: Message) -> int:
        now = self._clock()
        validate.check(request, now=now, government_ids=self._hearing.government_ids)
        return now


def _revisions(revision: int, settled_revision: int) -> bytes:
    """A reply's revisions, to be put behind its other bytes.

    Messages in a row are one message: the fields of the later are added to those of the former.
    """
    return pb.LookupCustomerResponse(revision=revision, settled_revision=settled_revision).SerializeToString()


def _whose(snapshot: Snapshot, request: pb.LookupCustomerRequest) -> Located:
    match request.WhichOneof("key"):
        case "customer_id":
            return locate.locate_customer(snapshot, request.customer_id)
        case "record":
            return locate.locate_record(snapshot, convert.record_key(request.record))
        case _:
            return locate.locate_touchpoint(snapshot, convert.touchpoint_key(request.touchpoint))


def _named(selector: customer_pb2.CustomerSelector) -> str:
    """Names a customer as the caller did, for page tokens."""
    return selector.SerializeToString(deterministic=True).hex()
