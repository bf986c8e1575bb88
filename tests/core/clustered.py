"""A trial that allocates clusters, and lists of its allocations."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.core.protocols import PROTOCOL, changed
from tests.core.published import SEED, TRIAL
from trial.core.eligibility import stratum_levels
from trial.core.protocol import TrialProtocol
from trial.core.randomization import (
    CLUSTERS,
    STAGE,
    Decision,
    Kept,
    Last,
    Levels,
    allocate,
    configuration_digest,
    record_of,
    rule_of,
    standing,
)
from trial.core.replay import Recorded

TEAMS = tuple(f"team_{letter}" for letter in "abcdefghijkl")
BLOCKS: dict[str, Any] = {"method": "permuted_blocks", "block_sizes": [2, 4]}
UNIT = {"unit": "cluster", "cluster": {"question": "team", "label": {"en": "Team"}}}
LARGE = {
    "id": "size", "label": {"en": "Size"}, "levels": [
        {"id": "large", "label": {"en": "Large"}, "when": "team in ['team_a', 'team_c', 'team_e', 'team_g', 'team_h']"},
        {"id": "small", "label": {"en": "Small"}},
    ],
}  # fmt: skip
TEAM = {
    "id": "team", "type": "choice", "topic": {"en": "Team"},
    "choices": [{"value": one, "label": {"en": one[-1].upper()}} for one in TEAMS],
}  # fmt: skip


def clustered(allocation: dict[str, Any] | None = None, **parts: Any) -> TrialProtocol:
    """The small trial with teams as units."""
    joining = PROTOCOL.model_dump(by_alias=True)["eligibility"]
    joining["questions"] = [*joining["questions"], TEAM]
    return changed(allocation=(allocation or BLOCKS | {"strata": [LARGE]}) | UNIT, eligibility=joining, **parts)


def of_people(
    people: Iterable[tuple[TrialProtocol, str]],
) -> tuple[list[Recorded], dict[tuple[str, str], Kept]]:
    """Each person, named by their team, allocated in order; the teams' own allocations come first in the list."""
    kept: dict[tuple[str, str], Kept] = {}
    lasts: dict[str, Last] = {}
    arms: dict[str, str] = {}
    teams: list[Recorded] = []
    persons: list[Recorded] = []

    def one(protocol: TrialProtocol, stage: str, levels: Levels) -> tuple[Decision, dict[str, Any]]:
        rule, digest = rule_of(protocol, stage, given=arms), configuration_digest(protocol, stage)
        place = (stage, rule.key(levels))
        number, state, epoch = standing(rule, digest, kept.get(place), lasts.get(stage))
        found = allocate(rule, SEED, TRIAL, stage, levels, number, state, epoch)
        kept[place] = Kept(found.number, found.epoch, found.next_state)
        before = lasts[stage].sequence if stage in lasts else 0
        lasts[stage] = Last(before + 1, found.epoch, digest)
        return found, json.loads(json.dumps(record_of(found, digest)))

    for protocol, team in people:
        if team not in arms:
            decision, record = one(protocol, CLUSTERS, stratum_levels(protocol, {"team": team}))
            arms[team], place = decision.arm, (len(teams) + 1, decision.stratum, decision.number, decision.arm)
            teams.append(Recorded(team, 0, CLUSTERS, *place, record))
        decision, record = one(protocol, STAGE, {"team": team})
        n = len(persons) + 1
        persons.append(Recorded(f"P{n:03d}", n, STAGE, n, decision.stratum, decision.number, decision.arm, record))
    return [*teams, *persons], kept
