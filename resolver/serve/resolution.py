"""ResolutionService: touchpoints and records in, whose they are out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf.message import Message

from graph.store import Store
from resolver import inquiry
from resolver.intake import Arrival, Receipt, Refusal
from resolver.pipeline.rules import InForce
from resolver.serve import account, convert, validate
from resolver.serve.call import Call
from resolver.serve.edge import parsed
from resolver.serve.errors import error_of, refusal_of
from resolver.serve.split import raw_touchpoints
from resolver.serve.terms import Terms
from resolver.serve.window import Window
from resolver.serve.writer import Answers, Writer
from resolver.v1 import resolution_service_pb2 as pb

MESSAGES_AHEAD: Final = 8
"""Messages of one stream that are worked on before the first of them is answered."""
_USUAL_CANDIDATES: Final = 10


@dataclass(frozen=True, slots=True)
class _Pending:
    """A stream's message on its way: refusals by place, and a future for the arrivals between them."""

    refused: Sequence[Refusal | None]
    future: Future[Answers] | None


class Resolution:
    """The handlers. `clock` gives microseconds since 1970."""

    def __init__(
        self, store: Store, writer: Writer, terms: Terms, rules: InForce, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._terms = terms
        self._rules = rules

    def record_touchpoint(self, request: pb.RecordTouchpointRequest, call: Call) -> Message:
        """Record one touchpoint."""
        now = self._check(request)
        receipt = self._record(convert.touchpoint_arrival(request, now), call)
        reply = convert.recorded_out(receipt)
        reply.revision, reply.settled_revision = receipt.revision, receipt.settled_revision
        return reply

    def upsert_record(self, request: pb.UpsertRecordRequest, call: Call) -> Message:
        """State a record."""
        self._check(request)
        return convert.upserted_out(self._record(convert.upsert_arrival(request), call))

    def delete_record(self, request: pb.DeleteRecordRequest, call: Call) -> Message:
        """Delete a record."""
        self._check(request)
        return convert.deleted_out(self._record(convert.delete_arrival(request), call))

    def resolve(self, request: pb.ResolveRequest, call: Call) -> Message:
        """Answer who some evidence would be."""
        self._check(request)
        limit = request.max_candidates or _USUAL_CANDIDATES
        with call.snapshot(self._store, request.min_revision) as snapshot:
            rules = self._rules.at(snapshot)
            evidence = convert.evidence(request.evidence)
            prospect = inquiry.resolve(
                snapshot, rules.model, rules.policy, self._terms.settings, evidence, limit
            )
            reply = account.prospect_out(prospect)
            reply.revision, reply.settled_revision = snapshot.revision, snapshot.settled_revision
        return reply

    def stream_touchpoints(self, messages: Iterator[bytes], call: Call) -> Iterator[Message]:
        """Record touchpoints as they come; a second thread reads ahead, so that micro-batches form."""
        window: Window[_Pending | Exception] = Window(MESSAGES_AHEAD)
        call.ends(window.close)
        reading = threading.Thread(target=self._read, args=(messages, call, window), daemon=True)
        reading.start()
        cut = threading.Event()

        def stop() -> None:
            if window.finish():
                cut.set()

        try:
            # The client may have nothing to say for hours: an idle stream is ended when the server drains.
            with call.places.told(stop):
                for pending in window:
                    if isinstance(pending, Exception):
                        raise pending
                    yield self._acknowledged(pending, call)
            if cut.is_set():
                raise Refusal("draining", "the server is stopping")
        finally:
            window.close()

    def _check(self, request: Message) -> int:
        now = self._clock()
        validate.check(request, now=now, government_ids=self._terms.government_ids)
        return now

    def _record(self, arrival: Arrival, call: Call) -> Receipt:
        [answer] = call.result(self._writer.submit([arrival]))
        if isinstance(answer, Refusal):
            raise answer
        return answer

    # -- streams -----------------------------------------------------------------------------

    def _read(self, messages: Iterator[bytes], call: Call, window: Window[_Pending | Exception]) -> None:
        """Read a stream to its end, or to the first message that is none."""
        try:
            for raw in messages:
                pending = self._begin(raw, call)
                if not window.put(pending):
                    if pending.future is not None:
                        pending.future.cancel()
                    return
        except grpc.RpcError:
            window.close()  # the stream is cut: nobody reads what was not acknowledged
        except Exception as error:  # noqa: BLE001 - the thread that answers raises it
            window.put(error)
        finally:
            window.finish()

    def _begin(self, raw: bytes, call: Call) -> _Pending:
        now = self._clock()
        entries = self._entries(raw)
        validate.entries(len(entries), validate.TOUCHPOINTS_A_MESSAGE, "touchpoints")
        refused: list[Refusal | None] = []
        arrivals = []
        for entry in entries:
            try:
                if isinstance(entry, Refusal):
                    raise entry
                validate.check(entry, now=now, government_ids=self._terms.government_ids)
                arrivals.append(convert.touchpoint_arrival(entry, now))
                refused.append(None)
            except Refusal as refusal:
                refused.append(refusal)
        return _Pending(refused, self._writer.submit(arrivals, call.patience) if arrivals else None)

    def _entries(self, raw: bytes) -> Sequence[pb.RecordTouchpointRequest | Refusal]:
        """A message's touchpoints; where the whole cannot be read, each by itself."""
        try:
            request: pb.StreamTouchpointsRequest = parsed(pb.StreamTouchpointsRequest, raw)
        except Refusal:
            return [_entry(each) for each in raw_touchpoints(raw)]
        return request.touchpoints

    def _acknowledged(self, pending: _Pending, call: Call) -> Message:
        recorded: Answers = () if pending.future is None else call.result(pending.future)
        answers = iter(recorded)
        reply = pb.StreamTouchpointsResponse()
        for refusal in pending.refused:
            answer = next(answers) if refusal is None else refusal
            acknowledgement = reply.acknowledgements.add()
            if isinstance(answer, Refusal):
                acknowledgement.error.CopyFrom(error_of(refusal_of(answer, "StreamTouchpoints")))
                continue
            acknowledgement.recorded.CopyFrom(convert.recorded_out(answer))
            reply.revision = max(reply.revision, answer.revision)
            reply.settled_revision = max(reply.settled_revision, answer.settled_revision)
        if not reply.revision:
            with self._store.snapshot() as snapshot:
                reply.revision, reply.settled_revision = snapshot.revision, snapshot.settled_revision
        return reply


def _entry(raw: bytes) -> pb.RecordTouchpointRequest | Refusal:
    try:
        entry: pb.RecordTouchpointRequest = parsed(pb.RecordTouchpointRequest, raw)
    except Refusal as refusal:
        return refusal
    return entry
