"""`resolver lookup`, `resolver relations`, `resolver explain`, `resolver suggestions`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message

from resolver.cli import show, supposed
from resolver.cli.chart import ChartFile, draw, drawable
from resolver.cli.options import DEFAULT_TARGET, Region, Target, connected
from resolver.cli.problems import told
from resolver.config import scoped
from resolver.v1 import (
    customer_pb2,
    customer_service_pb2,
    customer_service_pb2_grpc,
    identifier_pb2,
    record_pb2,
    stewardship_service_pb2,
    stewardship_service_pb2_grpc,
)

_Value = Optional[str]  # noqa: UP045 - typer reads it
_UNSCOPED = frozenset((identifier_pb2.IDENTIFIER_KIND_PHONE, identifier_pb2.IDENTIFIER_KIND_EMAIL))
Json = Annotated[bool, typer.Option("--json", help="Print the reply as JSON (protobuf's mapping).")]


def lookup(
    phone: Annotated[_Value, typer.Option(metavar="NUMBER", help="A phone number, in any form.")] = None,
    email: Annotated[_Value, typer.Option(metavar="ADDRESS", help="An e-mail address.")] = None,
    handle: Annotated[
        _Value,
        typer.Option(metavar="[PLATFORM:]NAME", help="A handle or profile URL: instagram:@jan.devries."),
    ] = None,
    loyalty: Annotated[
        _Value, typer.Option(metavar="[PROGRAMME:]CARD", help="A loyalty card or account.")
    ] = None,
    reference: Annotated[
        _Value, typer.Option(metavar="[KIND:]VALUE", help="An order, case, ticket or parcel: order:1234.")
    ] = None,
    id_: Annotated[
        _Value, typer.Option("--id", metavar="ID", help="A customer id, of any age, or SOURCE:RECORD_ID.")
    ] = None,
    purpose: Annotated[
        str, typer.Option(metavar="PURPOSE", help="What the preferred channel is for.")
    ] = "service",
    region: Region = None,
    json: Json = False,
    target: Target = DEFAULT_TARGET,
) -> None:
    """Show one customer: who, identifiers, channels, latest touchpoints, preferred channel.

    Give one of --phone, --email, --handle, --loyalty, --reference and --id.
    """
    request = customer_service_pb2.LookupCustomerRequest(purpose=purpose)
    given = {
        identifier_pb2.IDENTIFIER_KIND_PHONE: phone,
        identifier_pb2.IDENTIFIER_KIND_EMAIL: email,
        identifier_pb2.IDENTIFIER_KIND_HANDLE: handle,
        identifier_pb2.IDENTIFIER_KIND_LOYALTY: loyalty,
        identifier_pb2.IDENTIFIER_KIND_REFERENCE: reference,
    }
    asked = [(kind, value) for kind, value in given.items() if value is not None]
    if len(asked) + (id_ is not None) != 1:
        raise typer.BadParameter("give one of --phone, --email, --handle, --loyalty, --reference and --id")
    if id_ is not None:
        selector = selected(id_)
        request.customer_id = selector.customer_id
        if selector.WhichOneof("selector") == "record":
            request.record.CopyFrom(selector.record)
    for kind, value in asked:
        namespace, name = ("", value) if kind in _UNSCOPED else scoped(value)
        request.identifier.CopyFrom(
            customer_service_pb2.IdentifierQuery(
                kind=kind, namespace=namespace, value=name, region=region or ""
            )
        )
    with told(target), connected(target) as channel:
        reply = customer_service_pb2_grpc.CustomerServiceStub(channel).LookupCustomer(request)
        if json:
            _print_json(reply)
        else:
            show.console().print(show.lookup_card(reply))


def explain(
    left: Annotated[
        _Value, typer.Argument(metavar="[LEFT]", help="A customer id, or a record as SOURCE:RECORD_ID.")
    ] = None,
    right: Annotated[_Value, typer.Argument(metavar="[RIGHT]", help="The same, to compare with.")] = None,
    customer: Annotated[
        _Value, typer.Option(metavar="ID", help="Instead: what holds this customer together.")
    ] = None,
    if_merge: supposed.IfMerge = None,
    if_blocked: supposed.IfBlocked = None,
    if_deleted: supposed.IfDeleted = None,
    if_stated: supposed.IfStated = None,
    set_: supposed.Set = None,
    if_apart: supposed.IfApart = False,
    if_together: supposed.IfTogether = False,
    chart: ChartFile = None,
    json: Json = False,
    target: Target = DEFAULT_TARGET,
) -> None:
    """Explain why two are one customer or why not, what holds one customer together, and what if.

    Weights are in bits; they add, and ten bits are a thousandfold. Two columns: against the hypothesis
    that the two are strangers, and against the hypothesis that they live or work together.

    With one of the --if options also what would come of that: which customers would be others, and how
    the two would then weigh. Nothing of it is written.
    """
    request = stewardship_service_pb2.ExplainRequest()
    given = supposed.Given(
        if_merge, if_blocked, if_deleted, if_stated, set_ or (), apart=if_apart, together=if_together
    )
    what_if = given.supposition()
    if what_if is not None:
        request.what_if.CopyFrom(what_if)
    if (if_apart or if_together) and (left is None or right is None):
        raise typer.BadParameter("give two to compare: --if-apart and --if-together are of two")
    if customer is not None and left is None and right is None:
        request.customer.CopyFrom(selected(customer))
    elif customer is None and left is not None and right is not None:
        request.pair.left.CopyFrom(selected(left))
        request.pair.right.CopyFrom(selected(right))
    elif what_if is None or if_merge is not None or (customer, left, right) != (None, None, None):
        raise typer.BadParameter("give two to compare, or --customer ID")
    with told(target), connected(target) as channel:
        if chart is not None:
            drawable(chart)
        reply = stewardship_service_pb2_grpc.StewardshipServiceStub(channel).Explain(request)
        if chart is not None:
            draw(chart, reply.pair, reply.what_if.pair)
        if json:
            _print_json(reply)
        else:
            _print_explanation(request, reply)


def _print_explanation(
    request: stewardship_service_pb2.ExplainRequest, reply: stewardship_service_pb2.ExplainResponse
) -> None:
    console = show.console()
    if reply.HasField("pair"):
        console.print(show.pair_table(reply.pair), show.waterfall(reply.pair), sep="\n")
    for link in reply.links:
        console.print(show.link_table(link))
    if request.HasField("customer") and not reply.links:
        console.print("One record alone: nothing needed joining.")
    if reply.HasField("what_if"):
        console.print("", *show.outcome_lines(reply.what_if), sep="\n", markup=False)
    if reply.what_if.HasField("pair"):
        pair = reply.what_if.pair
        console.print("", show.pair_table(pair), show.waterfall(pair), sep="\n")


def relations(
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="A customer id, of any age, or SOURCE:RECORD_ID.")
    ],
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="How many at most.")] = 50,
    json: Json = False,
    target: Target = DEFAULT_TARGET,
) -> None:
    """List who lives or works together with a customer, what they are to each other, and what they share."""
    request = customer_service_pb2.ListRelationsRequest(customer=selected(customer), page_size=limit)
    with told(target), connected(target) as channel:
        reply = customer_service_pb2_grpc.CustomerServiceStub(channel).ListRelations(request)
        if json:
            _print_json(reply)
        elif reply.relations:
            show.console().print(show.relations_table(reply.relations))
        else:
            typer.echo("related to nobody")


def suggestions(
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="How many at most.")] = 50,
    json: Json = False,
    target: Target = DEFAULT_TARGET,
) -> None:
    """List possible matches that wait for a steward, the heaviest first, with why they were not merged."""
    request = stewardship_service_pb2.ListSuggestionsRequest(page_size=limit)
    with told(target), connected(target) as channel:
        reply = stewardship_service_pb2_grpc.StewardshipServiceStub(channel).ListSuggestions(request)
        if json:
            _print_json(reply)
        elif reply.suggestions:
            show.console().print(show.suggestions_table(reply.suggestions))
        else:
            typer.echo("no suggestions wait")


def selected(text: str) -> customer_pb2.CustomerSelector:
    """A customer by its id, or by one of its records, which has a colon after its source."""
    source, colon, record_id = text.partition(":")
    if colon:
        key = record_pb2.RecordKey(source=source, record_id=record_id)
        return customer_pb2.CustomerSelector(record=key)
    return customer_pb2.CustomerSelector(customer_id=text)


def _print_json(reply: Message) -> None:
    typer.echo(MessageToJson(reply, ensure_ascii=False))
