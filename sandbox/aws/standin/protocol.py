"""Pulumi's generated gRPC modules, without the Pulumi SDK around them.

`import pulumi` loads the whole SDK, which takes two thirds of a plugin's start; a plugin starts at least twice in a
`pulumi up`. The generated modules need nothing of it, so they are loaded from the same package with the parents'
`__init__` left out. Nothing else of `pulumi` may be imported in this process.
"""

import importlib.util
import sys
import types
from pathlib import Path


def _bare_package(name: str, folder: Path) -> None:
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module


if "pulumi" not in sys.modules:
    _found = importlib.util.find_spec("pulumi")
    if _found is None or not _found.submodule_search_locations:
        raise ModuleNotFoundError("the Python package pulumi is not installed; see sandbox/python/README.md")
    _root = Path(_found.submodule_search_locations[0])
    _bare_package("pulumi", _root)
    _bare_package("pulumi.runtime", _root / "runtime")
    _bare_package("pulumi.runtime.proto", _root / "runtime" / "proto")

import grpc  # noqa: E402
from google.protobuf import empty_pb2, struct_pb2  # noqa: E402
from pulumi.runtime.proto import (  # noqa: E402
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

__all__ = [
    "empty_pb2",
    "engine_pb2",
    "engine_pb2_grpc",
    "grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
    "struct_pb2",
]
