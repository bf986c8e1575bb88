"""Which answers call for help: the protocol's rules and the items that ask about danger, over one answer sheet.

Everything that is positive leads to the resources page at once; a rule of the tier `alert` also asks for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from trial.core.answers import Asked
from trial.core.expressions import Value, parse
from trial.core.protocol import SafetyRule

Tier = Literal["resources", "alert"]
WORSE = "_worse"
# before the column of an item that calls for help by itself: no rule of a protocol can have such an id
ITEM = "item."


@dataclass(frozen=True, slots=True)
class Met:
    """One rule that holds on a sheet, and what it asks for."""

    rule: str
    tier: Tier


def rules_met(rules: Iterable[SafetyRule], facts: Mapping[str, Value], brought: Iterable[str]) -> list[Met]:
    """The rules that hold under these facts, in the order of the protocol.

    `brought` names what the sheet itself gave: a rule that speaks of nothing in it was judged when that came in.
    """
    own = frozenset(brought)
    parsed = [(one, parse(one.when)) for one in rules]
    return [Met(one.id, one.tier) for one, rule in parsed if rule.names & own and rule.holds(facts)]


def items_met(asked: Iterable[Asked], answers: Mapping[str, Value]) -> list[Met]:
    """The items whose answer is as high as their own `safety_from`; a yes is 1, a no is 0."""
    found = []
    for one in asked:
        given = answers.get(one.column)
        lowest = one.item.safety_from
        if lowest is not None and isinstance(given, bool | int | float) and given >= lowest:
            found.append(Met(f"{ITEM}{one.column}", "resources"))
    return found


def has_worsened(
    better: Literal["lower", "higher"], before: float | None, now: float | None, threshold: float | None
) -> bool | None:
    """Whether a score is worse than this person's own at the start by more than `threshold`; None where it is unknown.

    The threshold is the score's reliable change. A change as large as it is not yet reliable: it has to be exceeded.
    """
    if before is None or now is None or threshold is None:
        return None
    return (now - before if better == "lower" else before - now) > threshold


def names_of(rules: Iterable[SafetyRule]) -> frozenset[str]:
    """Every name that the rules speak of."""
    return frozenset(name for one in rules for name in parse(one.when).names)
