"""Screening answers against the criteria, a person's levels on the stratification factors, and their cluster."""

from __future__ import annotations

from collections.abc import Mapping

from trial.core import expressions
from trial.core.errors import Refused
from trial.core.expressions import Value
from trial.core.protocol import Criterion, Stage, StratificationFactor, TrialProtocol


def first_failed(protocol: TrialProtocol, answers: Mapping[str, Value]) -> Criterion | None:
    """The first criterion that is not known to hold; None for an eligible person."""
    for criterion in protocol.eligibility.criteria:
        if not expressions.parse(criterion.rule).holds(answers):
            return criterion
    return None


def stratum_levels(protocol: TrialProtocol, facts: Mapping[str, Value]) -> dict[str, str]:
    """Factor id to level id at the first randomisation: the first level whose rule holds, else the open last one.

    Raises Refused where a rule needs a fact that is missing: nobody is allocated to a guessed stratum.
    """
    levels = {}
    for factor in protocol.allocation.strata:
        known, level = _level(factor, facts)
        if not known:
            raise Refused(f"The stratification factor {factor.id} cannot be worked out: an answer is missing.")
        levels[factor.id] = level
    return levels


def cluster_of(protocol: TrialProtocol, facts: Mapping[str, Value]) -> tuple[str, str]:
    """The question that names clusters, and the cluster that somebody belongs to.

    Raises Refused where the answer is missing: nobody is allocated with a guessed cluster.
    """
    unit = protocol.allocation.cluster
    answer = facts.get(unit.question) if unit else None
    if unit is None or answer is None:
        raise Refused("The cluster cannot be worked out: an answer is missing.")
    return unit.question, str(answer)


def stage_levels(stage: Stage, facts: Mapping[str, Value]) -> dict[str, str]:
    """The same at a further stage, where answers may be missing: what is not known to hold does not hold."""
    return {factor.id: _level(factor, facts, guess=True)[1] for factor in stage.allocation.strata}


def _level(factor: StratificationFactor, facts: Mapping[str, Value], *, guess: bool = False) -> tuple[bool, str]:
    """The level, and whether every rule up to it could be worked out; with `guess` one that could not is passed."""
    for level in factor.levels:
        known = True if level.when is None else expressions.parse(level.when).value(facts)
        if known is None and not guess:
            return False, ""
        if known:
            return True, level.id
    raise AssertionError("the last level is open")
