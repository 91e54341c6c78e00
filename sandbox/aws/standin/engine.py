"""The engine that started the plugin: writing to its log, and noticing its end."""

import contextlib
import socket
import threading
import time

from standin.protocol import engine_pb2, engine_pb2_grpc, grpc

# Seconds.
LOG_TIMEOUT = 5
ASK_EVERY = 2

# So many silences in a row mean that the engine is gone.
MISSES = 3


class Engine:
    """The engine at an address like `127.0.0.1:40123`."""

    def __init__(self, address: str):
        self.address = address
        self._stub = None

    def info(self, message: str, urn: str = "") -> None:
        """Shows a message to the user, under the resource with that URN or the stack. An engine that is gone is no
        error: there is nobody to show it to."""
        if self._stub is None:
            channel = grpc.insecure_channel(self.address, options=(("grpc.enable_http_proxy", 0),))
            self._stub = engine_pb2_grpc.EngineStub(channel)
        request = engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=urn)
        with contextlib.suppress(grpc.RpcError):
            self._stub.Log(request, timeout=LOG_TIMEOUT)

    def when_gone(self, gone: threading.Event) -> None:
        """Sets the event when nothing has answered at the engine's address for a while; returns at once.

        A killed engine tells its plugins nothing, and they would stay for ever. The address is tried now and then: a
        connection kept open would hold back the engine's own orderly end. That end closes the address before the
        plugins are told to go, hence the patience.
        """
        threading.Thread(target=self._watch, args=(gone,), name="engine watch", daemon=True).start()

    def _watch(self, gone: threading.Event) -> None:
        misses = 0
        while misses < MISSES:
            time.sleep(ASK_EVERY)
            misses = 0 if self._answers() else misses + 1
        gone.set()

    def _answers(self) -> bool:
        host, _, port = self.address.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=ASK_EVERY):
                return True
        except (OSError, ValueError):
            return False
