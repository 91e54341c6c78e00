"""Derives a Pulumi package schema for some aws resources from the installed pulumi_aws package.

The official plugin, which would serve its schema itself, cannot be had from a package registry, but the Python SDK
generated from that schema can. With the derived subset a wrong, misspelt or missing property fails in the sandbox as
it fails against AWS.

    python sandbox/aws/schema.py [--types aws:ecr/repository:Repository ...] --out FILE

Without --types: those the stand-in implements. The same types and the same package give the same bytes. Left out of
the subset: descriptions, functions, and the properties of explicit provider resources.
"""

import argparse
import ast
import json
import os
import sys
from pathlib import Path

from resources import TYPES
from standin import sdk
from standin.sdk import Sdk, SdkError

SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
ASSETS = {"Archive": "pulumi.json#/Archive", "Asset": "pulumi.json#/Asset"}


class Derivation:
    """Builds one schema: resources are asked for, the types they mention follow."""

    def __init__(self, package: Sdk):
        self.package = package
        self.types: dict[str, dict] = {}

    def schema(self, tokens: list[str]) -> dict:
        """The whole schema, as a JSON value; raises SdkError if a type is unknown."""
        resources = {token: self.resource(token) for token in tokens}
        return {
            "name": "aws",
            "version": self.package.version,
            "config": {},
            "provider": {"type": "object"},
            "resources": resources,
            "types": self.types,
        }

    def resource(self, token: str) -> dict:
        """One resource: inputs, required inputs, outputs, outputs that are always set, what is secret."""
        module, arguments, resource = self.package.resource(token)
        inputs, required_inputs = self.inputs(arguments, module)
        outputs, required = {}, []
        for name, annotation in sdk.getters(resource).values():
            outputs[name], optional = self.property(annotation, module)
            if not optional:
                required.append(name)
        for name in sdk.secrets(resource):
            for properties in (inputs, outputs):
                if name in properties:
                    properties[name] = {**properties[name], "secret": True}
        return {
            "inputProperties": inputs,
            "requiredInputs": sorted(required_inputs),
            "properties": outputs,
            "required": sorted(required),
        }

    def inputs(self, arguments: ast.ClassDef, module: str) -> tuple[dict, list[str]]:
        """(properties, required names) of an arguments class."""
        names = sdk.getters(arguments)
        properties, required = {}, []
        for python_name, annotation, is_required in sdk.parameters(arguments):
            name = names[python_name][0]
            properties[name] = self.property(annotation, module)[0]
            if is_required:
                required.append(name)
        return properties, required

    def property(self, annotation: ast.expr, module: str) -> tuple[dict, bool]:
        """(type, may be absent) of a property's annotation."""
        head, inner = subscript(annotation)
        if head in ("Input", "Output"):
            return self.property(inner, module)
        if head == "Optional":
            return self.type(inner, module), True
        return self.type(annotation, module), False

    def type(self, annotation: ast.expr, module: str) -> dict:
        """The schema's type for an annotation of the generated code; raises SdkError for one never seen."""
        head, inner = subscript(annotation)
        if head in ("Input", "Output", "Optional"):
            return self.type(inner, module)
        if head == "Sequence":
            return {"type": "array", "items": self.type(inner, module)}
        if head == "Mapping":
            return {"type": "object", "additionalProperties": self.type(inner.elts[1], module)}
        if head == "Union":
            return {"oneOf": [self.type(each, module) for each in inner.elts]}
        if isinstance(annotation, ast.Constant):
            return {"$ref": f"#/types/{self.named(annotation.value, module)}"}
        if isinstance(annotation, ast.Attribute) and annotation.attr in SCALARS:
            return {"type": SCALARS[annotation.attr]}
        if isinstance(annotation, ast.Attribute) and annotation.attr in ASSETS:
            return {"$ref": ASSETS[annotation.attr]}
        if isinstance(annotation, ast.Name) and annotation.id == "Any":
            return {"$ref": "pulumi.json#/Any"}
        raise SdkError(f"no schema type is known for `{ast.unparse(annotation)}` in pulumi_aws {self.package.version}")

    def named(self, reference: str, module: str) -> str:
        """The token of a type mentioned as 'outputs.X', 'XArgs' or an enum's 'X', or, if another module has it, as
        '_iam.XArgs' or 'iam.X'; it is defined when first met."""
        *where, name = reference.removesuffix("Args").split(".")
        if where and where != ["outputs"]:
            module = where[0].removeprefix("_")
        folder = sdk.directory(module)
        enums = self.package.classes(f"{folder}/_enums.py")
        if name in enums:
            token, values = sdk.enumeration(enums[name])
            self.types[token] = {"type": "string", "enum": [{"value": value} for value in values]}
            return token
        token = f"aws:{module}/{name}:{name}"
        if token not in self.types:
            self.types[token] = {}  # Stands for itself while its own properties are read: types may be recursive.
            self.types[token] = self.object(name, folder, module)
        return token

    def object(self, name: str, folder: str, module: str) -> dict:
        """An object type: what can be put in, and what only comes out."""
        properties, required = {}, []
        arguments = self.package.classes(f"{folder}/_inputs.py").get(f"{name}Args")
        result = self.package.classes(f"{folder}/outputs.py").get(name)
        if arguments is None and result is None:
            raise SdkError(f"pulumi_aws {self.package.version} mentions {name} in {folder}, but defines it nowhere")
        if arguments is not None:
            properties, required = self.inputs(arguments, module)
        if result is not None:
            for property_name, annotation in sdk.getters(result).values():
                if property_name not in properties:
                    properties[property_name] = self.property(annotation, module)[0]
        return {"type": "object", "properties": properties, "required": sorted(required)}


def subscript(annotation: ast.expr) -> tuple[str, ast.expr | None]:
    """("Sequence", what is inside) of `Sequence[...]`, ("", None) of anything that is not subscripted."""
    if not isinstance(annotation, ast.Subscript):
        return "", None
    return getattr(annotation.value, "attr", None) or annotation.value.id, annotation.slice


def derive(tokens: list[str]) -> dict:
    """The schema of these resource types, from the installed package."""
    return Derivation(Sdk()).schema(tokens)


def write(schema: dict, out: Path) -> None:
    """Writes the schema whole or not at all: a plugin may be reading the old one."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f"{out.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n")
    partial.replace(out)


def main() -> int:
    """The command line; 1 with the reason on stderr if a type cannot be derived or the file not be written."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--types", nargs="+", metavar="TYPE", default=sorted(TYPES), help="resource types to include")
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="where to write the schema")
    arguments = parser.parse_args()
    try:
        write(derive(arguments.types), arguments.out)
    except (SdkError, OSError) as error:
        print(f"aws schema: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
