"""The sandbox's stand-in for the official aws provider plugin: Pulumi starts it, and it works on the emulator.

    python sandbox/aws/provider.py --schema FILE [ENGINE_ADDRESS]

FILE is what schema.py derived. The one line on stdout is the port; the log goes to the file that the environment
variable PORCH_AWS_STANDIN_LOG names, else to stderr. The plugin ends on SIGINT and SIGTERM, and by itself when nothing
answers at the engine's address any more. It exits with 64 if the schema cannot be read.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from resources import TYPES
from standin.engine import Engine
from standin.protocol import grpc, provider_pb2_grpc
from standin.servicer import Servicer

LOG = logging.getLogger("standin")

# The engine works on many resources at once; each request holds a thread while AWS answers.
THREADS = 16
USAGE = 64


def start_logging(file: str) -> None:
    """Appends to the file, or writes to stderr if there is none: stdout carries the port and nothing else."""
    handler = logging.FileHandler(file) if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s [%(process)d] %(levelname)s %(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)


def serve(servicer: Servicer, ended: threading.Event) -> None:
    """Serves on a free port of 127.0.0.1, printed on stdout, until the event is set."""
    server = grpc.server(ThreadPoolExecutor(THREADS))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    ended.wait()
    server.stop(grace=1).wait(2)


def main() -> int:
    """Reads the command line, serves, and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--schema", type=Path, required=True, help="the file that schema.py wrote")
    parser.add_argument("engine", nargs="*", metavar="ENGINE_ADDRESS", help="host:port of the engine")
    # The engine may put flags of its own (--tracing URL, -v=9) in front of its address, which is always the last.
    arguments, _ = parser.parse_known_args()
    try:
        start_logging(os.environ.get("PORCH_AWS_STANDIN_LOG", ""))
        schema_text = arguments.schema.read_text()
        schema = json.loads(schema_text)
    except (OSError, ValueError) as error:
        print(f"aws provider stand-in: cannot read or write {arguments.schema} or its log: {error}", file=sys.stderr)
        return USAGE
    ended = threading.Event()
    # The engine ends its plugins with SIGINT; a user's Ctrl-C does not reach their process group.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    engine = Engine(arguments.engine[-1]) if arguments.engine else None
    if engine is not None:
        engine.when_gone(ended)
    serve(Servicer(schema_text, schema, TYPES, engine), ended)
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # A call to an emulator that hangs would hold back an ordinary exit until its time limit.
    os._exit(code)
