"""Comparing what a program wants with what the state has: changes, and replacement where the real provider replaces."""

from dataclasses import dataclass

from standin.resource import Property, Resource, is_nothing
from standin.values import has_unknown

DEFAULTS = "__defaults"
"""The input that names the properties which the provider filled in; the official provider keeps it too."""


@dataclass(frozen=True)
class Change:
    """One property that differs. `added` and `removed` are both false for a changed value."""

    name: str
    replaces: bool
    added: bool
    removed: bool


@dataclass(frozen=True)
class Difference:
    """All changes, sorted by name, and whether the old resource has to go before a new one comes."""

    changes: tuple[Change, ...]
    delete_first: bool

    @property
    def replacing(self) -> list[str]:
        """The names of the properties that force a new resource."""
        return [change.name for change in self.changes if change.replaces]


def compare(kind: type[Resource], old: dict, new: dict, ignored: frozenset[str] = frozenset()) -> Difference:
    """The difference between old and new inputs (plain values; the new may hold UNKNOWN)."""
    names = sorted((set(old) | set(new)) - ignored - {DEFAULTS})
    changes = tuple(
        Change(
            name,
            replaces=kind.properties.get(name, Property()).replaces,
            added=is_nothing(old.get(name)),
            removed=is_nothing(new.get(name)),
        )
        for name in names
        if _differs(kind.properties.get(name, Property()), old.get(name), new.get(name))
    )
    return Difference(changes, delete_first=_delete_first(kind, changes, old, new))


def _differs(rule: Property, old: object, new: object) -> bool:
    if has_unknown(new):
        return True
    if is_nothing(new) and rule.settled_by_aws:
        return False
    if is_nothing(old) or is_nothing(new):
        return is_nothing(old) != is_nothing(new)
    return not rule.same(new, old)


def _delete_first(kind: type[Resource], changes: tuple[Change, ...], old: dict, new: dict) -> bool:
    """Two resources of the same name cannot exist at once; an automatic name would be a new one."""
    if not any(change.replaces for change in changes):
        return False
    name = kind.name_property
    keeps_name = name is not None and name not in new.get(DEFAULTS, ()) and old.get(name) == new.get(name)
    return kind.replaced_in_place or keeps_name
