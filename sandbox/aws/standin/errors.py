"""Failures as gRPC errors: what was being done, the cause, no secret, and the half-made resource if there is one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from standin.clients import code, describe, was_not_sent
from standin.config import WrongConfig
from standin.protocol import grpc, provider_pb2, status_pb2, struct_pb2
from standin.values import redact, secret_texts

LOG = logging.getLogger("standin")


class NotServed(Exception):
    """A request which the stand-in cannot serve; the text says why and what it could."""


@dataclass
class Made:
    """What exists already should the rest of a request fail: set once AWS has made a resource."""

    id: str = ""
    properties: struct_pb2.Struct | None = None


@contextmanager
def failing(context: grpc.ServicerContext, doing: str, *values: dict) -> Iterator[Made]:
    """Turns any exception into the request's gRPC error; every secret inside `values` is kept out of its text."""
    made = Made()
    try:
        yield made
    except Exception as error:
        secrets = set().union(*(secret_texts(value) for value in values))
        message = redact(f"{doing}: {describe(error)}", secrets)
        LOG.error("%s", message)
        if made.id:
            context.set_trailing_metadata((("grpc-status-details-bin", _half_made(made, message)),))
        context.abort(grpc.StatusCode.UNKNOWN if made.id else _status(error), message)


def _status(error: Exception) -> grpc.StatusCode:
    """AWS's refusal and the stand-in's own leave nothing behind. After anything else, a time-out for instance, nobody
    knows: Pulumi then keeps the operation as pending and tells the user so."""
    if code(error) or isinstance(error, NotServed | WrongConfig | ValueError) or was_not_sent(error):
        return grpc.StatusCode.FAILED_PRECONDITION
    return grpc.StatusCode.UNKNOWN


def _half_made(made: Made, message: str) -> bytes:
    """The detail with which the engine keeps the resource in the state, to be updated or deleted later."""
    detail = provider_pb2.ErrorResourceInitFailed(id=made.id, properties=made.properties, reasons=[message])
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    status.details.add().Pack(detail)
    return status.SerializeToString()
