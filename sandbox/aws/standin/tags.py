"""Tags: a map in Pulumi, a list of keys and values in most of AWS, changed by naming what goes and what comes."""


def to_list(tags: dict[str, str] | None, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """A map as AWS's list."""
    return [{key: name, value: text} for name, text in sorted((tags or {}).items())]


def from_list(tags: list[dict[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """AWS's list as a map, without the tags that AWS itself sets."""
    return {tag[key]: tag[value] for tag in tags or [] if not tag[key].startswith("aws:")}


def difference(old: dict[str, str] | None, new: dict[str, str] | None) -> tuple[list[str], dict[str, str]]:
    """(names to remove, tags to set) that turn the old map into the new one."""
    old, new = old or {}, new or {}
    removed = sorted(set(old) - set(new))
    changed = {name: text for name, text in new.items() if old.get(name) != text}
    return removed, changed
