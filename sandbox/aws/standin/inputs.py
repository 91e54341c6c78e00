"""The inputs of a resource: checked and completed before an update, found again in AWS by a refresh."""

import json
from dataclasses import dataclass

from standin.diff import DEFAULTS
from standin.naming import automatic_name
from standin.resource import Live, Resource, is_nothing
from standin.shapes import Problem, Shapes, unknown_property
from standin.values import UNKNOWN, Secret, has_secret, has_unknown, mark_like, plain


@dataclass(frozen=True)
class Checked:
    """A program's inputs with defaults and names filled in, secret marks kept, and all that is wrong with them."""

    inputs: dict
    problems: list[Problem]


class Checker:
    """Checks the inputs of one resource type against the schema, the implementation and the real provider's rules."""

    def __init__(self, resource: Resource, schema: dict, shapes: Shapes):
        self.resource = resource
        self.schema = schema
        self.shapes = shapes

    def check(self, name: str, seed: bytes, old: dict, new: dict) -> Checked:
        """For the resource of that name in the program; `old` is what the state has, {} for a new resource."""
        values = {key: value for key, value in plain(new).items() if not key.startswith("__")}
        values, problems = self._conformed(values)
        values = {key: self._document(key, value) for key, value in values.items()}
        values |= (defaults := self._defaults(values, name, seed, plain(old)))
        problems += self._missing(values)
        problems += self._rules(values, new)
        if not problems:
            problems += self.resource.check(values)
        inputs = {key: mark_like(value, new.get(key)) for key, value in values.items()}
        for key, shape in self.schema["inputProperties"].items():
            if shape.get("secret") and inputs.get(key) not in (None, UNKNOWN) and not isinstance(inputs[key], Secret):
                inputs[key] = Secret(inputs[key])
        return Checked({**inputs, DEFAULTS: sorted(defaults)}, problems)

    def _conformed(self, values: dict) -> tuple[dict, list[Problem]]:
        shapes, result, problems = self.schema["inputProperties"], {}, []
        for name, value in values.items():
            if name not in shapes:
                problems.append((name, unknown_property(shapes)))
                continue
            if name not in self.resource.properties and value is not None:
                problems.append((name, f"is not implemented for {self.resource.type} by the aws provider stand-in"))
            result[name], found = self.shapes.conform(value, shapes[name], name)
            problems += found
        return result, problems

    def _document(self, name: str, value: object) -> object:
        rule = self.resource.properties.get(name)
        if rule is None or not rule.document or not isinstance(value, dict):
            return value
        return UNKNOWN if has_unknown(value) else json.dumps(value, sort_keys=True, separators=(",", ":"))

    def _defaults(self, values: dict, name: str, seed: bytes, old: dict) -> dict:
        kind = type(self.resource)
        filled = {
            key: rule.default
            for key, rule in kind.properties.items()
            if rule.default is not None and values.get(key) is None
        }
        key = kind.name_property
        if key is not None and values.get(key) is None:
            kept = old.get(key) if key in old.get(DEFAULTS, ()) else None
            own = name.lower() if kind.name_in_lower_case else name
            filled[key] = kept or automatic_name(own, seed, kind.longest_name)
        return filled

    def _missing(self, values: dict) -> list[Problem]:
        return [(name, "is required") for name in self.schema["requiredInputs"] if values.get(name) is None]

    def _rules(self, values: dict, given: dict) -> list[Problem]:
        problems = []
        for name, rule in self.resource.properties.items():
            value = values.get(name)
            if value is None or rule.valid is None or has_unknown(value):
                continue
            try:
                expected = rule.valid(value)
            except TypeError:
                continue  # The wrong type, which has its own problem already.
            if expected is not None:
                found = "[secret]" if has_secret(given.get(name)) else value
                problems.append((name, f"found `{found}`, expected {expected}"))
        region = values.get("region")
        if "region" in self.resource.properties and region not in (None, UNKNOWN, self.resource.aws.config.region):
            problems.append(("region", f"found `{region}`; the stand-in has only {self.resource.aws.config.region}"))
        return problems


def after_read(kind: type[Resource], old: dict, live: Live) -> dict:
    """The inputs with which a program would get what is in AWS now (plain values).

    Where AWS still means what the old inputs said, they stay as they were, so that only true drift differs. With no
    old inputs (an import) everything that AWS tells is taken, and the defaults for what it cannot tell.
    """
    if not old:
        defaults = {name: rule.default for name, rule in kind.properties.items() if rule.default is not None}
        found = {name: value for name, value in live.inputs.items() if not is_nothing(value)}
        return {**defaults, **found, DEFAULTS: []}
    inputs = dict(old)
    for name, rule in kind.properties.items():
        if rule.only_here or name not in live.inputs:
            continue
        value, known = live.inputs[name], old.get(name)
        if is_nothing(known) and (rule.settled_by_aws or is_nothing(value)):
            continue
        if is_nothing(known) or is_nothing(value) or not rule.same(known, value):
            inputs[name] = value
    return {name: value for name, value in inputs.items() if value is not None}
