"""ModelService: the rules in force, and others adopted while the service goes on."""

from __future__ import annotations

from collections.abc import Callable

from google.protobuf.message import Message

from graph.store import Store
from resolver.pipeline import Pipeline
from resolver.pipeline.rules import Rules
from resolver.serve import rules, validate
from resolver.serve.call import Call
from resolver.serve.terms import Terms
from resolver.serve.writer import Writer
from resolver.v1 import model_service_pb2 as pb


class Adopting:
    """The handlers. An adoption runs on the writer's thread, as one change among all others."""

    def __init__(
        self, store: Store, pipeline: Pipeline, writer: Writer, terms: Terms, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._pipeline = pipeline
        self._writer = writer
        self._terms = terms
        self._clock = clock

    def get_model(self, request: pb.GetModelRequest, call: Call) -> Message:
        """Tell the rules in force."""
        self._check(request)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            held = Rules.of(snapshot.meta())
            return pb.GetModelResponse(
                model=rules.model_out(held, snapshot.adopted_revision, whole=request.include_document),
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def adopt_model(self, request: pb.AdoptModelRequest, call: Call) -> Message:
        """Adopt other rules."""
        self._check(request)
        change = rules.changed(request)

        def act() -> pb.AdoptModelResponse:
            adoption = self._pipeline.adopt(change, dry_run=request.validate_only)
            with self._store.snapshot() as snapshot:
                adopted = snapshot.adopted_revision
            return pb.AdoptModelResponse(
                model=rules.model_out(adoption.rules, adopted),
                changed=adoption.changed,
                revision=adoption.revision,
                settled_revision=adoption.settled_revision,
            )

        return call.result(self._writer.act(act))

    def _check(self, request: Message) -> None:
        validate.check(request, now=self._clock(), government_ids=self._terms.government_ids)
