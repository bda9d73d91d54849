"""Every method of the contract on gRPC: parsing, deadlines, rereading, refusals and bytes in one place.

Handlers are methods named as in the contract, in snake case; they take a message and a `Call` and
answer a message, or the bytes of one. Messages are parsed here and not by grpcio, which would answer a
text that is not UTF-8 with an internal error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, TypeVar

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from resolver.intake import Refusal
from resolver.serve.call import Call, Gone, Places
from resolver.serve.errors import refusal_of, status_of
from resolver.serve.rereading import reread

Reply = Message | bytes
_M = TypeVar("_M", bound=Callable[..., Any])

_GONE: Final = (grpc.StatusCode.DEADLINE_EXCEEDED, "the caller waits no longer")


def on_bytes(method: _M) -> _M:
    """Mark a unary handler that takes its request as the bytes that came, to read them in its own way."""
    method.__dict__["on_bytes"] = True
    return method


def handlers(service: ServiceDescriptor, servant: object, places: Places) -> grpc.GenericRpcHandler:
    """The handlers of a service. Raises AttributeError where the servant lacks one of its methods."""
    return grpc.method_handlers_generic_handler(
        service.full_name, {method.name: _handler(method, servant, places) for method in service.methods}
    )


def parsed(kind: type[Message], raw: bytes) -> Any:  # noqa: ANN401 - the type is the argument's
    """A message of its bytes. Raises `Refusal` where they are not one, or hold a text that is not UTF-8."""
    try:
        return kind.FromString(raw)
    except DecodeError:
        raise Refusal("text_invalid", "not a message of this method, or a text in it is not UTF-8") from None


def _handler(method: MethodDescriptor, servant: object, places: Places) -> grpc.RpcMethodHandler[Any, Any]:
    serve = getattr(servant, re.sub(r"(?<!^)(?=[A-Z])", "_", method.name).lower())
    request = GetMessageClass(method.input_type)
    name = method.full_name
    if method.client_streaming:
        return grpc.stream_stream_rpc_method_handler(_streaming(serve, name, places))
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler(_watching(serve, request, name, places))
    read = _as_it_came if getattr(serve, "on_bytes", False) else partial(parsed, request)
    return grpc.unary_unary_rpc_method_handler(_unary(serve, read, name, places))


def _as_it_came(raw: bytes) -> bytes:
    return raw


def _unary(
    serve: Callable[[Any, Call], Reply], read: Callable[[bytes], Any], name: str, places: Places
) -> Callable[[bytes, grpc.ServicerContext], bytes]:
    def handle(raw: bytes, context: grpc.ServicerContext) -> bytes:
        call = Call(context, places)
        try:
            call.demand()
            with places.working():
                return _bytes(reread(lambda: serve(read(raw), call), call.demand))
        except Gone:
            return context.abort(*_GONE)
        except Exception as error:  # noqa: BLE001 - the mapping judges it
            status = status_of(refusal_of(error, name))
        return context.abort_with_status(status)

    return handle


def _watching(
    serve: Callable[[Any, Call], Iterator[Message]], kind: type[Message], name: str, places: Places
) -> Callable[[bytes, grpc.ServicerContext], Iterator[bytes]]:
    def handle(raw: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        call = Call(context, places)
        yield from _held(lambda: serve(parsed(kind, raw), call), context, name, places)

    return handle


def _streaming(
    serve: Callable[[Iterator[bytes], Call], Iterator[Message]], name: str, places: Places
) -> Callable[[Iterator[bytes], grpc.ServicerContext], Iterator[bytes]]:
    def handle(raws: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        call = Call(context, places)
        yield from _held(lambda: serve(raws, call), context, name, places)

    return handle


def _held(
    replies: Callable[[], Iterator[Message]], context: grpc.ServicerContext, name: str, places: Places
) -> Iterator[bytes]:
    """Send replies while holding a place; end with a status where something goes wrong."""
    status = None
    try:
        with places.working(), places.held():
            for reply in replies():
                yield _bytes(reply)
    except Gone:
        context.abort(*_GONE)
    except Exception as error:  # noqa: BLE001 - the mapping judges it
        status = status_of(refusal_of(error, name))
    if status is not None:
        context.abort_with_status(status)


def _bytes(reply: Reply) -> bytes:
    return reply if isinstance(reply, bytes) else reply.SerializeToString()
