"""Where two values of the same models differ: a walk over both, lists matched by the ids of their entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from pydantic import BaseModel


class Absent(Enum):
    """What stands on the side where there is nothing."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: `keys` lead there, `pattern` is the same with `*` for any entry."""

    keys: tuple[str, ...] = ()
    pattern: str = ""

    def field(self, name: str) -> Place:
        return Place((*self.keys, name), f"{self.pattern}.{name}" if self.pattern else name)

    def entry(self, key: object) -> Place:
        return Place((*self.keys, str(key)), f"{self.pattern}.*")

    def inside(self, key: object) -> Place:
        """One of the values of a field that is no part of its own: a language of a text."""
        return replace(self, keys=(*self.keys, str(key)))


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind` is changed, added, removed or order; ABSENT stands for the side that has nothing."""

    place: Place
    kind: str
    before: Any
    after: Any
    renamed: bool = False


def differences(old: Any, new: Any, place: Place, left_out: frozenset[str]) -> Iterator[Difference]:
    """Every difference below a place, in the order of the models; texts in `left_out` languages are passed over."""
    if old is new:
        return
    if isinstance(old, BaseModel) and isinstance(new, BaseModel):
        yield from _parts(old, new, place, left_out)
    elif _is_list(old) and _is_list(new) and any(isinstance(one, BaseModel | dict) for one in (*old, *new)):
        yield from _entries(old, new, place, left_out)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _keyed(old, new, place, left_out)
    elif old != new or type(old) is not type(new):
        yield _one(place, old, new)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _one(place: Place, old: Any, new: Any) -> Difference:
    if old is ABSENT or old is None:
        return Difference(place, "added", ABSENT, new)
    if new is ABSENT or new is None:
        return Difference(place, "removed", old, ABSENT)
    return Difference(place, "changed", old, new)


def _parts(old: BaseModel, new: BaseModel, place: Place, left_out: frozenset[str]) -> Iterator[Difference]:
    names = dict.fromkeys([*type(old).model_fields, *type(new).model_fields])
    for name in names:
        before, after = getattr(old, name, ABSENT), getattr(new, name, ABSENT)
        if (before is ABSENT and after in (None, [], {})) or (after is ABSENT and before in (None, [], {})):
            continue  # a kind of activity that cannot have it, and one that has none
        yield from differences(before, after, place.field(name), left_out)


def _keyed(
    old: Mapping[str, Any], new: Mapping[str, Any], place: Place, left_out: frozenset[str]
) -> Iterator[Difference]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        part = isinstance(before if after is ABSENT else after, BaseModel)
        if not part and key in left_out:
            continue
        yield from differences(before, after, place.entry(key) if part else place.inside(key), left_out)


def _entries(old: Sequence[Any], new: Sequence[Any], place: Place, left_out: frozenset[str]) -> Iterator[Difference]:
    one, two = _by_key(old), _by_key(new)
    if one is None or two is None:
        yield from _by_position(old, new, place, left_out)
        return
    gone, come = [key for key in one if key not in two], [key for key in two if key not in one]
    for key in gone:
        again = any(_same_but_id(one[key], two[other]) for other in come)
        yield Difference(place.entry(key), "removed", one[key], ABSENT, again)
    kept = [key for key in one if key in two]
    if kept != [key for key in two if key in one]:
        yield Difference(place, "order", list(one), list(two))
    for key, entry in two.items():
        if key in one:
            yield from differences(one[key], entry, place.entry(key), left_out)
        else:
            again = any(_same_but_id(one[other], entry) for other in gone)
            yield Difference(place.entry(key), "added", ABSENT, entry, again)


def _by_key(entries: Sequence[Any]) -> dict[str, Any] | None:
    """Entries by what names them; None where nothing does, or where a name comes twice."""
    found: dict[str, Any] = {}
    for entry in entries:
        key = getattr(entry, "id", getattr(entry, "value", None))
        if key is None or isinstance(key, float) or str(key) in found:
            return None
        found[str(key)] = entry
    return found


def _same_but_id(old: Any, new: Any) -> bool:
    return bool(type(old) is type(new) and hasattr(old, "id") and old.model_copy(update={"id": new.id}) == new)


def _by_position(
    old: Sequence[Any], new: Sequence[Any], place: Place, left_out: frozenset[str]
) -> Iterator[Difference]:
    """Entries without names: what is the same at both ends stays, what lies between is paired in order."""
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    last = next((at for at in range(shorter - first) if old[-1 - at] != new[-1 - at]), shorter - first)
    one, two = old[first : len(old) - last], new[first : len(new) - last]
    for at in range(max(len(one), len(two))):
        before, after = (side[at] if at < len(side) else ABSENT for side in (one, two))
        part = isinstance(before if after is ABSENT else after, BaseModel)
        number = first + at + 1
        yield from differences(before, after, place.entry(number) if part else place.inside(number), left_out)
