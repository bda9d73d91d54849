"""Calls passed on, byte for byte, to the process that answers them, and its answers passed back.

What ends a call there ends it here: a status with its details, a caller that goes, a deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from resolver.intake import Refusal
from resolver.serve.call import Call, Places
from resolver.serve.errors import status_of

OPTIONS: Final = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
"""Of the channel: whoever answers has set the limits already."""


def passed_on(service: ServiceDescriptor, channel: grpc.Channel, places: Places) -> grpc.GenericRpcHandler:
    """Handlers of a service that is answered at the other end of a channel; its streams go both ways."""
    return grpc.method_handlers_generic_handler(
        service.full_name, {method.name: _handler(method, channel, places) for method in service.methods}
    )


def _handler(
    method: MethodDescriptor, channel: grpc.Channel, places: Places
) -> grpc.RpcMethodHandler[Any, Any]:
    path = f"/{method.containing_service.full_name}/{method.name}"
    if method.client_streaming:
        return grpc.stream_stream_rpc_method_handler(_streaming(channel.stream_stream(path), places))
    return grpc.unary_unary_rpc_method_handler(_unary(channel.unary_unary(path), places))


class _Told(NamedTuple):
    code: grpc.StatusCode
    details: str
    trailing_metadata: Any


class _Ended(_Told, grpc.Status):
    """How a call ended at the other end."""


def _unary(
    method: grpc.UnaryUnaryMultiCallable[bytes, bytes], places: Places
) -> Callable[[bytes, grpc.ServicerContext], bytes]:
    def handle(raw: bytes, context: grpc.ServicerContext) -> bytes:
        call = Call(context, places)
        try:
            with places.working():
                passed = method.future(raw, timeout=call.left)
                call.ends(passed.cancel)
                return passed.result()
        except grpc.FutureCancelledError:
            context.abort(grpc.StatusCode.CANCELLED, "the caller waits no longer")
        except grpc.RpcError as error:
            status = _ended(error)
        except Refusal as refusal:
            status = status_of(refusal)
        return context.abort_with_status(status)

    return handle


def _streaming(
    method: Callable[..., Any], places: Places
) -> Callable[[Any, grpc.ServicerContext], Iterator[bytes]]:
    def handle(messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        call = Call(context, places)
        status = None
        try:
            with places.working(), places.held():
                passed = method(_sent(messages), timeout=call.left)
                call.ends(passed.cancel)
                yield from passed
        except grpc.RpcError as error:
            status = _ended(error)
        except Refusal as refusal:
            status = status_of(refusal)
        if status is not None:
            context.abort_with_status(status)

    return handle


def _sent(messages: Iterable[bytes]) -> Iterator[bytes]:
    """What a caller sends, to its end or until it is cut off."""
    with suppress(grpc.RpcError):
        yield from messages


def _ended(error: Any) -> grpc.Status:  # noqa: ANN401 - grpcio raises what is a call, too
    return _Ended(error.code(), error.details(), error.trailing_metadata())
