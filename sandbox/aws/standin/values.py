"""Property values: what Pulumi sends over gRPC, as plain Python, and back.

Besides JSON's kinds there are two of Pulumi's own: a value that is not known yet (only in previews) and a secret. A
secret is a type that cannot be printed; it is unwrapped only for a call to AWS or for comparing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from standin.protocol import struct_pb2

# Pulumi's wire format (sdk/go/common/resource/properties.go and plugin/rpc.go).
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS = {
    _UNKNOWN_STRING,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
    "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
    "e48ece36-62e2-4504-bad9-02848725956a",  # archive
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
}


class Unknown:
    """A value that only exists after the update: the type of UNKNOWN, its one instance."""

    def __repr__(self) -> str:
        return "[unknown]"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that must not be shown; its text is always `[secret]`."""

    value: object

    def __repr__(self) -> str:
        return "[secret]"


def decode(struct: struct_pb2.Struct) -> dict:
    """A message's properties; whole numbers become int, because a Struct has only doubles."""
    return {name: _decode(value) for name, value in struct.fields.items()}


def _decode(value: struct_pb2.Value) -> object:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode(each) for each in value.list_value.values]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
            return Secret(_decode(fields["value"]))
        return decode(value.struct_value)
    return None


def encode(properties: dict) -> struct_pb2.Struct:
    """Properties for a message; the inverse of `decode`, except that None is left out of objects."""
    struct = struct_pb2.Struct()
    _fill(struct, properties)
    return struct


def _fill(struct: struct_pb2.Struct, properties: dict) -> None:
    for name, value in properties.items():
        if value is not None:
            _encode(struct.fields[name], value)


def _encode(target: struct_pb2.Value, value: object) -> None:
    if value is UNKNOWN:
        target.string_value = _UNKNOWN_STRING
    elif isinstance(value, Secret):
        target.struct_value.fields[_SIGNATURE].string_value = _SECRET
        _encode(target.struct_value.fields["value"], value.value)
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, dict):
        target.struct_value.SetInParent()
        _fill(target.struct_value, value)
    elif isinstance(value, list | tuple):
        target.list_value.SetInParent()
        for each in value:
            _encode(target.list_value.values.add(), each)
    elif value is None:
        target.null_value = struct_pb2.NULL_VALUE
    else:
        raise TypeError(f"a property cannot hold a {type(value).__name__}")


def plain(value: object) -> object:
    """The value without its secret marks."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def has_unknown(value: object) -> bool:
    """Whether any part of the value is not known yet."""
    return any(each is UNKNOWN for each in _leaves(value))


def has_secret(value: object) -> bool:
    """Whether any part of the value is marked as secret."""
    if isinstance(value, dict):
        return any(has_secret(each) for each in value.values())
    if isinstance(value, list):
        return any(has_secret(each) for each in value)
    return isinstance(value, Secret)


def mark_like(value: object, pattern: object) -> object:
    """The plain value with the secret marks of the pattern, which has them where a value of the same form was secret.

    Where the forms differ (a document that became text, a list that grew) the whole value is marked: too much is
    hidden rather than too little.
    """
    if isinstance(pattern, Secret):
        return Secret(value)
    if isinstance(value, dict) and isinstance(pattern, dict):
        return {name: mark_like(each, pattern.get(name)) for name, each in value.items()}
    if isinstance(value, list) and isinstance(pattern, list) and len(value) == len(pattern):
        return [mark_like(each, other) for each, other in zip(value, pattern, strict=True)]
    return Secret(value) if has_secret(pattern) else value


def secret_texts(value: object) -> set[str]:
    """Every text inside a secret part of the value: what must not appear in a message."""
    if isinstance(value, Secret):
        return {each for each in _leaves(value.value) if isinstance(each, str)}
    if isinstance(value, dict):
        return set().union(*(secret_texts(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(secret_texts(each) for each in value))
    return set()


def redact(text: str, secrets: set[str]) -> str:
    """The text with every secret replaced. Texts of one or two characters are left: masking them would hide nothing
    that guessing does not find, and make the message unreadable."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) > 2:
            text = text.replace(secret, "[secret]")
    return text


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Secret):
        yield from _leaves(value.value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value
