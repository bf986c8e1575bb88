"""One order of reasons in every box and table: most frequent over all arms first, so that they compare at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

KINDS = ("not_received_reasons", "discontinued_reasons", "lost_reasons", "excluded_from_analysis_reasons")


def in_order(found: Iterable[Mapping[str, int]]) -> list[str]:
    """The codes that some arm has, most frequent over all arms first, then by code."""
    counted: Counter[str] = Counter()
    for one in found:
        counted.update(one)
    return sorted(counted, key=lambda code: (-counted[code], code))


def of_flow(arms: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    """The codes of one kind in the flow of participants, in their order."""
    return in_order({one["reason"]: one["n"] for one in arm.get(kind, ())} for arm in arms)


def as_in_flow(first: Sequence[str], found: Sequence[Mapping[str, int]]) -> list[str]:
    """The codes of a table in the order of the flow diagram; those that it does not have come after."""
    here = in_order(found)
    return [code for code in first if code in here] + [code for code in here if code not in first]


def alike(arms: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The arms of the flow of participants, each with its reasons in the order of all arms together."""
    orders = {kind: of_flow(arms, kind) for kind in KINDS}

    def sorted_of(arm: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        return sorted(arm[kind], key=lambda one: orders[kind].index(one["reason"]))

    return [arm | {kind: sorted_of(arm, kind) for kind in KINDS if kind in arm} for arm in arms]
