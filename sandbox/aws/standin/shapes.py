"""Do values have the types of the schema? The YAML host checks a program's text; this checks what really arrives.

As in the official provider a number or a boolean is good for a text, and each wrong property is one problem with the
path to it.
"""

from standin.values import UNKNOWN, plain

# (path to the property, what is wrong with it)
Problem = tuple[str, str]

KINDS = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}


class Shapes:
    """The types of one schema, by reference."""

    def __init__(self, types: dict[str, dict]):
        self.types = types

    def conform(self, value: object, shape: dict, path: str) -> tuple[object, list[Problem]]:
        """The value as the type wants it (`8080` as `"8080"` for a text), and what does not fit."""
        if value is None or value is UNKNOWN:
            return value, []
        if "$ref" in shape:
            name = shape["$ref"].removeprefix("#/types/")
            # Assets and pulumi.json's Any are not described in the schema: whatever comes is handed on.
            return self.conform(value, self.types[name], path) if name in self.types else (value, [])
        if "oneOf" in shape:
            return self._one_of(value, shape["oneOf"], path)
        if shape["type"] == "string" and isinstance(value, bool | int | float):
            value = str(value).lower() if isinstance(value, bool) else f"{value}"
        if not _is(value, shape["type"]):
            return value, [(path, f"found {_described(value)}, expected {_article(shape['type'])}")]
        if isinstance(value, list):
            return self._list(value, shape["items"], path)
        if isinstance(value, dict):
            return self._object(value, shape, path)
        return value, []

    def _one_of(self, value: object, shapes: list[dict], path: str) -> tuple[object, list[Problem]]:
        results = [self.conform(value, shape, path) for shape in shapes]
        good = next((result for result in results if not result[1]), None)
        # The alternative that was meant is one of the right kind, with the fewest problems inside.
        return good or min(results, key=lambda result: (any(at == path for at, _ in result[1]), len(result[1])))

    def _list(self, value: list, shape: dict, path: str) -> tuple[object, list[Problem]]:
        results = [self.conform(each, shape, f"{path}[{index}]") for index, each in enumerate(value)]
        return [each for each, _ in results], [problem for _, problems in results for problem in problems]

    def _object(self, value: dict, shape: dict, path: str) -> tuple[object, list[Problem]]:
        properties, problems, result = shape.get("properties", {}), [], {}
        for name, each in value.items():
            inner = properties.get(name, shape.get("additionalProperties"))
            if inner is None:
                problems.append((f"{path}.{name}", unknown_property(properties)))
                continue
            result[name], found = self.conform(each, inner, f"{path}.{name}")
            problems += found
        problems += [(f"{path}.{name}", "is required") for name in shape.get("required", ()) if value.get(name) is None]
        return result, problems


def unknown_property(properties: dict) -> str:
    """What is wrong with a property that is none of these."""
    return f"there is no such property; expected one of {', '.join(sorted(properties))}"


def _is(value: object, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _described(value: object) -> str:
    """The kind of a value; never the value, which may be secret."""
    value = plain(value)
    return next((_article(kind) for kind in KINDS if _is(value, kind)), "something else")


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
