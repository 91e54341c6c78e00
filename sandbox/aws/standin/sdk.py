"""Reads the sources of the installed pulumi_aws package, without importing it.

Importing the package costs seconds and runs its code; its sources are generated, regular, and hold all that a Pulumi
schema holds except what forces replacement, defaults and automatic names. This module knows how the generated Python
is laid out; `schema.py` knows what a schema is made of.
"""

import ast
import importlib.metadata
import importlib.util
import re
from pathlib import Path

# Modules whose name is a word of Python carry an underscore in the generated package.
RENAMED_MODULES = {"lambda": "lambda_"}


class SdkError(Exception):
    """The installed package is absent, or not laid out as expected; the text says what was looked for."""


class Sdk:
    """The generated sources of one installed package: `Sdk("pulumi_aws")`."""

    def __init__(self, package: str = "pulumi_aws"):
        found = importlib.util.find_spec(package)
        if found is None or not found.submodule_search_locations:
            raise SdkError(f"the Python package {package} is not installed; see sandbox/python/README.md")
        self.root = Path(found.submodule_search_locations[0])
        self.version = importlib.metadata.version(package)
        self._classes: dict[str, dict[str, ast.ClassDef]] = {}

    def classes(self, path: str) -> dict[str, ast.ClassDef]:
        """The classes of one source file by name, {} if there is no such file; `path` is like "ecr/repository.py"."""
        if path not in self._classes:
            file = self.root / path
            tree = ast.parse(file.read_text()) if file.is_file() else ast.Module([], [])
            self._classes[path] = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        return self._classes[path]

    def resource(self, token: str) -> tuple[str, ast.ClassDef, ast.ClassDef]:
        """A resource's module, its arguments class and its own class, by token, like "aws:ecr/repository:Repository".

        Raises SdkError if the token is malformed or the package has no such resource.
        """
        parts = re.fullmatch(r"aws:(\w+)/(\w+):(\w+)", token)
        if not parts:
            raise SdkError(f"`{token}` is no type of the aws package; expected one like aws:ecr/repository:Repository")
        module, file, name = parts.groups()
        path = f"{directory(module)}/{snake_case(file)}.py"
        classes = self.classes(path)
        if name not in classes or token not in string_constants(classes[name]):
            raise SdkError(f"pulumi_aws {self.version} has no resource {token} (looked in {path})")
        return module, classes[arguments_class(classes[name])], classes[name]


def directory(module: str) -> str:
    """The package folder of a schema module: "lambda" is kept in "lambda_"."""
    return RENAMED_MODULES.get(module, module)


def snake_case(name: str) -> str:
    """lifecyclePolicy -> lifecycle_policy, as the generator names its files."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def function(cls: ast.ClassDef, name: str) -> ast.FunctionDef:
    """The method of that name; raises SdkError if the class has none."""
    for node in cls.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise SdkError(f"class {cls.name} of pulumi_aws has no {name}")


def string_constants(node: ast.AST) -> set[str]:
    """Every string literal below a node."""
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def arguments_class(resource: ast.ClassDef) -> str:
    """The name of the class that holds a resource's arguments; it is not always `<Resource>Args`."""
    for node in ast.walk(function(resource, "_internal_init")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "__new__":
            return ast.unparse(node.func.value)
    raise SdkError(f"class {resource.name} of pulumi_aws names no arguments class")


def parameters(cls: ast.ClassDef) -> list[tuple[str, ast.expr, bool]]:
    """(python name, annotation, required) of what an arguments class is made from."""
    arguments = function(cls, "__init__").args
    return [
        (argument.arg, argument.annotation, default is None)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]


def getters(cls: ast.ClassDef) -> dict[str, tuple[str, ast.expr]]:
    """python name -> (name in the schema, return annotation), for each `pulumi.getter` property of a class."""
    found = {}
    for node in cls.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(call, ast.Attribute) and call.attr == "getter":
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                names = [keyword.value.value for keyword in keywords if keyword.arg == "name"]
                found[node.name] = (names[0] if names else node.name, node.returns)
    return found


def secrets(resource: ast.ClassDef) -> set[str]:
    """Schema names of the properties which the generated code marks as secret."""
    for node in ast.walk(function(resource, "_internal_init")):
        if isinstance(node, ast.keyword) and node.arg == "additional_secret_outputs":
            return {element.value for element in node.value.elts}
    return set()


def enumeration(cls: ast.ClassDef) -> tuple[str, list[str]]:
    """(type token, values) of a generated Enum class."""
    values = [node.value.value for node in cls.body if isinstance(node, ast.Assign)]
    return cls.decorator_list[0].args[0].value, values
