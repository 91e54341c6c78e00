"""Names that the program leaves to Pulumi: the resource's own name, a hyphen, seven digits from the engine's seed."""

import hashlib

DIGITS = 7


def automatic_name(name: str, seed: bytes, longest: int) -> str:
    """As the official provider makes them: cut at `longest` characters, the same for the same seed."""
    suffix = hashlib.sha256(seed or name.encode()).hexdigest()[:DIGITS]
    return f"{name[: longest - DIGITS - 1]}-{suffix}"
