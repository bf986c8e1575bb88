"""The time zones that a person may choose from: one or more cities for each country, by part of the world."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Region:
    """One part of the world and its (zone, city) pairs, by city."""

    name: str
    cities: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def regions() -> tuple[Region, ...]:
    """The zones of tzdata's zone.tab, which lists for every country the zones in use there."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    names = sorted(line.split("\t")[2] for line in table.splitlines() if line and not line.startswith("#"))
    grouped: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        region, _, city = name.partition("/")
        grouped.setdefault(region, []).append((name, city.replace("_", " ").replace("/", ", ")))
    return tuple(Region(region, tuple(sorted(cities, key=lambda one: one[1]))) for region, cities in grouped.items())
