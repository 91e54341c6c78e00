"""What a resource type is: its properties with the real provider's rules, and its calls to AWS."""

import json
import operator
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from standin.checks import Check
from standin.clients import Clients, code
from standin.shapes import Problem


def same_json(one: str, other: str) -> bool:
    """Whether two texts are the same JSON value, whatever their order of keys and white space."""
    try:
        return json.loads(one) == json.loads(other)
    except ValueError:
        return one == other


def same_except(*settled: str) -> Callable[[object, object], bool]:
    """Blocks are the same if they are, apart from these fields where the wanted block is silent: AWS fills them in."""

    def same(wanted: object, found: object) -> bool:
        if isinstance(wanted, list) and isinstance(found, list):
            return len(wanted) == len(found) and all(map(same, wanted, found))
        if isinstance(wanted, dict) and isinstance(found, dict):
            return wanted == {name: value for name, value in found.items() if name in wanted or name not in settled}
        return wanted == found

    return same


@dataclass(frozen=True)
class Property:
    """One input property, as the official provider treats it."""

    default: object = None
    """Filled in when the program is silent; None if nothing is."""
    replaces: bool = False
    """A change needs a new resource."""
    settled_by_aws: bool = False
    """When the program is silent AWS chooses, and whatever AWS has is right."""
    only_here: bool = False
    """A setting of the provider, which AWS does not know: reading keeps it as it was."""
    document: bool = False
    """A policy: may be given as an object, is kept as JSON text."""
    valid: Check | None = None
    """The rule for a value that is known."""
    same: Callable[[object, object], bool] = operator.eq
    """(wanted, found) -> whether they mean the same."""


@dataclass
class Live:
    """A resource as it is in AWS now.

    `inputs` has every input property that can be read, in the program's terms (AWS's own "nothing" may be "", {} or
    None); `outputs` has what only AWS knows.
    """

    id: str
    inputs: dict
    outputs: dict = field(default_factory=dict)


class Gone(Exception):
    """The resource is not there (any more)."""


@contextmanager
def absent(*codes: str) -> Iterator[None]:
    """Raises Gone instead of an error of AWS with one of these codes."""
    try:
        yield
    except Exception as error:
        if code(error) in codes:
            raise Gone from error
        raise


class Resource:
    """One resource type. Its methods get plain values; any exception they raise is shown with the resource's name."""

    type: ClassVar[str]
    properties: ClassVar[Mapping[str, Property]]
    """The properties implemented here; any other that the schema has is refused when a program sets it."""
    name_property: ClassVar[str | None] = None
    """The property that gets an automatic name."""
    longest_name: ClassVar[int] = 255
    name_in_lower_case: ClassVar[bool] = False
    """An automatic name is in lower case, however the program calls the resource."""
    replaced_in_place: ClassVar[bool] = False
    """A new one would take the old one's place in AWS, so the old one has to go first."""

    def __init__(self, aws: Clients):
        self.aws = aws

    def check(self, inputs: dict) -> list[Problem]:
        """Rules between properties; values may be UNKNOWN."""
        return []

    def create(self, inputs: dict) -> str:
        """Makes the resource with one call; its id. What is left to set follows in `finish`."""
        raise NotImplementedError

    def finish(self, id: str, inputs: dict) -> None:
        """The calls after `create`. If one fails the resource exists, half made, and Pulumi is told so."""

    def read(self, id: str, known: dict) -> Live:
        """The resource as it is; `known` is what the state has of it, {} on import. Raises Gone."""
        raise NotImplementedError

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        """Changes what differs between two sets of inputs, `changed` naming the properties."""
        raise NotImplementedError

    def delete(self, id: str, known: dict) -> None:
        """Removes the resource. Raises Gone if there is nothing to remove."""
        raise NotImplementedError

    def unsettled(self, changed: set[str]) -> set[str]:
        """The outputs that get a new value when these inputs change."""
        return set()


def is_nothing(value: object) -> bool:
    """Whether a value says no more than silence does: false, 0 and empty too, as in the official provider."""
    return not value


REGION = Property(settled_by_aws=True, replaces=True)
"""The region of every regional resource: the provider's own."""
