"""Drives the servicer as Pulumi's engine does, without a process, a socket or an engine."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from resources import TYPES
from standin.protocol import provider_pb2
from standin.servicer import Servicer
from standin.values import UNKNOWN, Secret, decode, encode

SCHEMA_FILE = Path(__file__).parents[3] / "infra" / "tests" / "schema" / "aws.json"

ENVIRONMENT = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}


class Aborted(Exception):
    """The gRPC error that a request ended with."""

    def __init__(self, status, message: str, metadata: tuple):
        super().__init__(message)
        self.status = status
        self.message = message
        self.metadata = dict(metadata)


class Context:
    """As much of a gRPC context as the servicer uses."""

    def __init__(self):
        self.metadata = ()

    def set_trailing_metadata(self, metadata: tuple) -> None:
        self.metadata = metadata

    def abort(self, status, message: str) -> None:
        raise Aborted(status, message, self.metadata)


class Refused(Exception):
    """What Check found wrong: `problems` maps each path to its text."""

    def __init__(self, problems: dict[str, str]):
        super().__init__(str(problems))
        self.problems = problems


def configured(environment: dict[str, str] = ENVIRONMENT, settings: dict | None = None) -> Servicer:
    """A servicer after Configure, over the committed schema."""
    text = SCHEMA_FILE.read_text()
    servicer = Servicer(text, json.loads(text), TYPES, None, environment)
    servicer.Configure(provider_pb2.ConfigureRequest(args=encode(settings or {})), Context())
    return servicer


@dataclass
class Declared:
    """One resource of a program, with its state."""

    servicer: Servicer
    type: str
    name: str
    id: str = ""
    inputs: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)

    @property
    def _who(self) -> dict:
        return {"urn": f"urn:pulumi:dev::test::{self.type}::{self.name}", "type": self.type, "name": self.name}

    def check(self, inputs: dict) -> dict:
        """The completed inputs; raises Refused."""
        request = provider_pb2.CheckRequest(
            **self._who, olds=encode(self.inputs), news=encode(inputs), randomSeed=b"seed of " + self.name.encode()
        )
        response = self.servicer.Check(request, Context())
        if response.failures:
            raise Refused({failure.property: failure.reason for failure in response.failures})
        return decode(response.inputs)

    def create(self, inputs: dict) -> "Declared":
        """Previewed, then made."""
        checked = self.check(inputs)
        for preview in (True, False):
            request = provider_pb2.CreateRequest(**self._who, properties=encode(checked), preview=preview)
            response = self.servicer.Create(request, Context())
        self.id, self.inputs, self.outputs = response.id, checked, decode(response.properties)
        return self

    def diff(self, old: dict, new: dict):
        """The servicer's answer for these inputs."""
        request = provider_pb2.DiffRequest(
            **self._who, id=self.id, old_inputs=encode(old), news=encode(new), olds=encode(self.outputs)
        )
        return self.servicer.Diff(request, Context())

    def change(self, inputs: dict) -> set[str]:
        """Previewed, then updated in place; the names of what changed."""
        checked = self.check(inputs)
        answer = self.diff(self.inputs, checked)
        if answer.replaces:
            raise AssertionError(f"{self.type} would be replaced for {list(answer.replaces)}")
        if answer.diffs:
            for preview in (True, False):
                request = provider_pb2.UpdateRequest(
                    **self._who,
                    id=self.id,
                    old_inputs=encode(self.inputs),
                    news=encode(checked),
                    olds=encode(self.outputs),
                    preview=preview,
                )
                response = self.servicer.Update(request, Context())
            self.inputs, self.outputs = checked, decode(response.properties)
        return set(answer.diffs)

    def read(self):
        """The servicer's answer to a refresh."""
        request = provider_pb2.ReadRequest(
            **self._who, id=self.id, inputs=encode(self.inputs), properties=encode(self.outputs)
        )
        return self.servicer.Read(request, Context())

    def refresh(self) -> set[str] | None:
        """The names of the properties that drifted, None if the resource is gone; takes the state over as the engine
        does, and compares as it does: what AWS has is the old side, what the program wanted the new one."""
        response = self.read()
        if not response.id:
            return None
        found = decode(response.inputs)
        answer = self.diff(found, self.inputs)
        self.inputs, self.outputs = found, decode(response.properties)
        return set(answer.diffs)

    def import_(self, id: str) -> dict:
        """The inputs that an import by id finds."""
        response = self.servicer.Read(provider_pb2.ReadRequest(**self._who, id=id), Context())
        self.id, self.inputs, self.outputs = response.id, decode(response.inputs), decode(response.properties)
        return self.inputs

    def delete(self) -> None:
        """Removed, as on destroy."""
        request = provider_pb2.DeleteRequest(
            **self._who, id=self.id, old_inputs=encode(self.inputs), properties=encode(self.outputs)
        )
        self.servicer.Delete(request, Context())


__all__ = ["UNKNOWN", "Aborted", "Context", "Declared", "Refused", "Secret", "configured"]
