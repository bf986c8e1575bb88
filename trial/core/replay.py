"""Replaying a list of allocations: each decision is made again from the seed, the order and the recorded levels.

What is kept while the list goes by is one state for each key, never the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from trial.core.randomization import (
    CLUSTERS,
    Clustered,
    Decision,
    Kept,
    Last,
    Rule,
    State,
    allocate,
    record_of,
    standing,
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One allocation as it lies in the record; `participant` is the study code; of clusters, their name."""

    participant: str
    participant_id: int
    stage: str
    sequence: int
    stratum: str
    number: int
    arm: str
    record: Mapping[str, Any]

    @property
    def is_first_form(self) -> bool:
        """Whether it was written while permuted blocks were the only method, and says less."""
        return "block" in self.record


@dataclass(frozen=True, slots=True)
class Declared:
    """The rule of one configuration of one stage, with its factors in the order of the protocol."""

    configuration: str
    rule: Rule
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a list is not what it should be: the first allocation that differs, and in what."""

    what: str
    stage: str = ""
    sequence: int | None = None
    participant: str = ""
    expected: str = ""
    found: str = ""


# in the order in which they are compared: what a decision rests on stands before what came of it
NAMES = {
    "rule_version": "rule version",
    "configuration": "configuration",
    "stage": "stage",
    "epoch": "epoch",
    "stratum": "stratum",
    "number": "number",
    "levels": "levels",
    "state_seen": "state seen",
    "probabilities": "probabilities",
    "draw": "draw",
    "arm": "arm",
}


@dataclass(slots=True)
class Replay:
    """The states that the allocations so far lead to. `declared`: the versions of each stage, the opening first.

    `ran`: by stage, how many had been allocated when each rule began to run, and its digest; a stage without goes by
    what each record says.
    """

    seed: bytes
    trial: str
    declared: Mapping[str, list[Declared]]
    ran: Mapping[str, Sequence[tuple[int, str]]] = field(default_factory=dict)
    kept: dict[tuple[str, str], Kept] = field(default_factory=dict)
    last: dict[str, Last] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    clusters: dict[str, str] = field(default_factory=dict)  # to their arms, in the order of their allocation
    begun: set[str] = field(default_factory=set)  # those that somebody was allocated with

    def check(self, one: Recorded) -> Difference | None:
        """The next allocation in the order of its stage: how it differs from what the seed gives, if it does.

        Where clusters are the unit theirs come first, then those of people.
        """
        expected = self.counts[one.stage] = self.counts.get(one.stage, 0) + 1
        if one.sequence != expected:
            return _differs(one, "order", expected, one.sequence)
        record = in_full(one, self.declared.get(one.stage, []))
        found = next(
            (each for each in self.declared.get(one.stage, ()) if each.configuration == record.get("configuration")),
            None,
        )
        if found is None:
            return _differs(one, "configuration", "one that was registered", record.get("configuration"))
        ran = [digest for before, digest in self.ran.get(one.stage, ()) if before < one.sequence]
        if ran and ran[-1] != found.configuration:
            return _differs(one, "configuration", ran[-1], found.configuration)
        levels = record.get("levels")
        if not isinstance(levels, dict) or set(levels) != set(found.factors):
            return _differs(one, "levels", f"one for each of {', '.join(found.factors) or 'no factor'}", levels)
        if difference := self._of_cluster(one, found, levels):
            return difference
        decision = self._decide(one, found, {factor: levels[factor] for factor in found.factors})
        return _compared(one, record, record_of(decision, found.configuration))

    def _of_cluster(self, one: Recorded, found: Declared, levels: Mapping[str, str]) -> Difference | None:
        """Clusters were allocated in the order in which their first people were, and each once."""
        if one.stage == CLUSTERS:
            if one.participant in self.clusters:
                return _differs(one, "cluster", "one that was not allocated yet", one.participant)
            self.clusters[one.participant] = one.arm
        if not isinstance(found.rule, Clustered):
            return None
        cluster = found.rule.key(levels)
        if cluster not in self.begun:
            expected = next((name for name in self.clusters if name not in self.begun), "no further cluster")
            if cluster != expected:
                return _differs(one, "cluster", expected, cluster)
            self.begun.add(cluster)
        return None

    def _decide(self, one: Recorded, found: Declared, levels: Mapping[str, str]) -> Decision:
        rule = Clustered(found.rule.arms, self.clusters) if isinstance(found.rule, Clustered) else found.rule
        place = (one.stage, rule.key(levels))
        last = self.last.get(one.stage)
        number, state, epoch = standing(rule, found.configuration, self.kept.get(place), last)
        decision = allocate(rule, self.seed, self.trial, one.stage, levels, number, state, epoch)
        self.kept[place] = Kept(decision.number, decision.epoch, decision.next_state)
        self.last[one.stage] = Last(one.sequence, decision.epoch, found.configuration)
        return decision

    def left(self, states: Mapping[tuple[str, str], tuple[int, State]]) -> Difference | None:
        """Whether the states that the next allocations start from are those that the list leads to."""
        if empty := [name for name in self.clusters if name not in self.begun]:
            return Difference("the cluster: nobody is of it", CLUSTERS, None, empty[0])
        ours = {place: (one.number, dict(one.state)) for place, one in self.kept.items()}
        for stage, key in sorted(set(ours) | set(states)):
            mine, theirs = ours.get((stage, key)), states.get((stage, key))
            if theirs is None or mine is None or mine != (theirs[0], dict(theirs[1])):
                return Difference(f"the state kept for {key}", stage, None, "", str(mine), str(theirs))
        return None


def in_full(one: Recorded, declared: list[Declared]) -> dict[str, Any]:
    """The record of one allocation with all its parts; one of version 0.1 is filled in from its columns."""
    if not one.is_first_form or not declared:
        return dict(one.record)
    first, left = declared[0], list(one.record.get("state_seen", []))
    parts = one.stratum.split("/") if first.factors else []
    chances: Mapping[str, float] = one.record.get("probabilities", {})
    return {
        "rule_version": one.record.get("rule_version"),
        "configuration": first.configuration,
        "stage": one.stage,
        "epoch": 1,
        "stratum": one.stratum,
        "number": one.number,
        "levels": dict(zip(first.factors, parts, strict=False)),
        "state_seen": {"block": one.record["block"] - (not any(left)), "left": left},
        "probabilities": {arm: str(Fraction(chance).limit_denominator(1000)) for arm, chance in chances.items()},
        "draw": one.record.get("draw"),
        "arm": one.arm,
    }


def _compared(one: Recorded, record: Mapping[str, Any], expected: Mapping[str, Any]) -> Difference | None:
    columns = {"stage": one.stage, "stratum": one.stratum, "number": one.number, "arm": one.arm}
    for name, words in NAMES.items():
        for found in _said(name, record, columns):
            if found != expected[name]:
                return _differs(one, words, expected[name], found)
    if extra := sorted(set(record) - set(expected)):
        return _differs(one, extra[0], "nothing", record[extra[0]])
    return None


def _said(name: str, record: Mapping[str, Any], columns: Mapping[str, Any]) -> Iterator[Any]:
    yield record.get(name)
    if name in columns:
        yield columns[name]


def _differs(one: Recorded, what: str, expected: Any, found: Any) -> Difference:
    return Difference(what, one.stage, one.sequence, one.participant, str(expected), str(found))
