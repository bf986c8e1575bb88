"""One allocation: a pure function of a sealed seed, the rule, the levels and the running state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from trial.core.randomization.draws import BITS, Draws, pick
from trial.core.randomization.rule import Levels, Rule, State

STAGE = "main"


@dataclass(frozen=True, slots=True)
class Decision:
    """One allocation and all that is needed to check it. `stratum` is the key that the state is kept under."""

    arm: str
    stage: str
    epoch: int
    stratum: str
    number: int
    levels: Levels
    probabilities: Mapping[str, Fraction]
    draw: str
    state_seen: State
    next_state: State
    rule_version: str


def allocate(
    rule: Rule, seed: bytes, trial: str, stage: str, levels: Levels, number: int, state: State, epoch: int = 1
) -> Decision:
    """Allocation `number` (from 1) under the rule's key; the caller stores `next_state` in the same transaction.

    An epoch begins where an amendment changes the rule: states start anew, draws are its own, and the numbers go on.
    """
    key = rule.key(levels)
    draws = Draws(seed, trial, stage if epoch == 1 else f"{stage}:{epoch}", key)
    now = rule.ready(state, draws)
    weights = rule.weights(now, levels)
    draw = draws.number("draw", number)
    chosen = pick(draw, weights)
    total = sum(weights)
    return Decision(
        arm=rule.arms[chosen],
        stage=stage,
        epoch=epoch,
        stratum=key,
        number=number,
        levels=dict(levels),
        probabilities={arm: Fraction(one, total) for arm, one in zip(rule.arms, weights, strict=True)},
        draw=f"{draw:0{BITS // 4}x}",
        state_seen=state,
        next_state=rule.after(now, levels, chosen),
        rule_version=rule.version,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under one key after the last allocation there."""

    number: int
    epoch: int
    state: State


@dataclass(frozen=True, slots=True)
class Last:
    """The last allocation of a stage, whatever its key; `configuration` is the digest of its rule."""

    sequence: int
    epoch: int
    configuration: str


def standing(rule: Rule, configuration: str, kept: Kept | None, last: Last | None) -> tuple[int, State, int]:
    """(number, state, epoch) of the next allocation of a stage under a key.

    An epoch ends where the rule is not that of the stage's last allocation, for every key at once: also where an
    amendment goes back to an earlier rule, and in a stratum that nobody of the epoch between belonged to.
    """
    epoch = 1 if last is None else last.epoch + (last.configuration != configuration)
    if kept is None:
        return 1, rule.start(), epoch
    return kept.number + 1, kept.state if kept.epoch == epoch else rule.start(), epoch


def record_of(decision: Decision, configuration: str) -> dict[str, Any]:
    """The decision record: with the seed and the rule of this configuration it is all that a replay needs."""
    return {
        "rule_version": decision.rule_version,
        "configuration": configuration,
        "stage": decision.stage,
        "epoch": decision.epoch,
        "stratum": decision.stratum,
        "number": decision.number,
        "levels": dict(decision.levels),
        "state_seen": dict(decision.state_seen),
        "probabilities": {arm: str(chance) for arm, chance in decision.probabilities.items()},
        "draw": decision.draw,
        "arm": decision.arm,
    }


def fits(record: Mapping[str, Any], decision: Decision, configuration: str) -> bool:
    """Whether a record on file is that of this decision; records of version 0.1 name fewer things and round chances."""
    return dict(record) == (_first_form(decision) if "block" in record else record_of(decision, configuration))


def _first_form(decision: Decision) -> dict[str, Any]:
    """A record as it was written while permuted blocks were the only method."""
    return {
        "rule_version": decision.rule_version,
        "block": decision.next_state["block"],
        "state_seen": list(decision.state_seen["left"]),
        "probabilities": {arm: float(chance) for arm, chance in decision.probabilities.items()},
        "draw": decision.draw,
    }
