"""Rules for single values, as the real provider or AWS has them.

Each maker returns a check: value -> what was expected, or None if the value is good.
"""

import json
import re
from collections.abc import Callable

Check = Callable[[object], str | None]


def one_of(*values: object) -> Check:
    """The value is one of these."""
    text = ", ".join(str(value) for value in values)
    return lambda value: None if value in values else f"one of {text}"


def between(least: int, most: int, unit: str = "") -> Check:
    """The number lies in this range, both ends included."""
    text = f"{least} to {most} {unit}".rstrip()
    return lambda value: None if least <= value <= most else text


def matches(pattern: str, text: str) -> Check:
    """The whole text matches; `text` says the pattern in words."""
    compiled = re.compile(pattern)
    return lambda value: None if compiled.fullmatch(value) else text


def arn(value: object) -> str | None:
    """The text is an Amazon resource name."""
    return None if re.fullmatch(r"arn:[\w-]+:[\w.-]+:[\w-]*:(\d{12}|aws)?:.+", value) else "an ARN"


def json_object(value: object) -> str | None:
    """The text is a JSON object, as every policy document is."""
    try:
        return None if isinstance(json.loads(value), dict) else "a JSON object"
    except ValueError:
        return "a JSON object"


def only(check: Check) -> Check:
    """Each element of a list passes, and there is at most one element."""

    def checked(value: list) -> str | None:
        if len(value) > 1:
            return "one element"
        return check(value[0]) if value else None

    return checked
