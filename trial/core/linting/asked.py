"""What each arm is asked and does, and when: the lookups that several rules share."""

from __future__ import annotations

from trial.core import expressions
from trial.core.factor_effects import sides
from trial.core.linting.rules import Subject
from trial.core.protocol import Arm, Questionnaire, Timepoint, TrialProtocol

CONTENT = ("experimental", "active", "attention_control")


def codes(protocol: TrialProtocol, point: Timepoint, arm: str | None) -> set[str]:
    """The instruments that an arm, whatever it is allocated later, is asked at a timepoint."""
    found = protocol.activities_at(point, arm, *options(protocol, point))
    return {code for one in found if isinstance(one, Questionnaire) for code in one.instruments}


def options(protocol: TrialProtocol, point: Timepoint) -> list[str]:
    """The options that may have been allocated to who comes to a timepoint: any, but before randomisation."""
    if point.anchor == "consent":
        return []
    return [one.id for stage in protocol.stages for one in stage.arms]


def everywhere(protocol: TrialProtocol) -> set[str]:
    """The instruments that anybody is asked at any timepoint."""
    arms = [None, *(arm.id for arm in protocol.arms)]
    return {code for point in protocol.timepoints for arm in arms for code in codes(protocol, point, arm)}


def sources(subject: Subject) -> dict[str, str]:
    """Every score and item column, and the instrument that it comes from."""
    found: dict[str, str] = {}
    for code, instrument in subject.instruments.items():
        found |= {score.id: code for score in instrument.scores}
        found |= {column: code for item in instrument.items for column in instrument.columns(item)}
    return found


def planned(protocol: TrialProtocol) -> list[str]:
    """Every score, column and question that the plan names."""
    analysis = protocol.analysis
    return [*(one.score for one in protocol.outcomes), *analysis.covariates, *analysis.baseline_table]


def dose_for_everybody(protocol: TrialProtocol, arm: Arm) -> bool:
    """Whether a per-protocol analysis would count people of an arm with content who did nothing of it."""
    declared = any(one.method == "per_protocol" for one in protocol.analysis.sensitivity)
    compared = (
        any(arm.id in side for side in sides(protocol, protocol.analysis.primary)) and exercises(protocol, arm.id) > 0
    )
    return declared and compared and expressions.parse(arm.minimum_dose).holds({"exercises_done": 0})


def exercises(protocol: TrialProtocol, arm: str) -> int:
    """How many exercises an arm can finish before any further stage."""
    return sum(
        len(point.days)
        for point in protocol.timepoints
        if point.anchor != "consent" and point.stage is None
        for one in protocol.activities_at(point, arm)
        if protocol.is_exercise(one.id)
    )


def reached(protocol: TrialProtocol, arm: str | None) -> set[str]:
    """The activities that an arm comes to: at a fixed time, or after something that it comes to."""
    found: set[str] = set()
    while True:
        more = {
            one.id
            for point in protocol.timepoints
            if point.anchor != "completion" or point.after in found
            for one in protocol.activities_at(
                point, None if point.anchor == "consent" else arm, *options(protocol, point)
            )
        }
        if more <= found:
            return found
        found |= more


def text_lines(text: str) -> list[tuple[int, str]]:
    """The lines of a text with their numbers, from 1."""
    return list(enumerate(text.splitlines(), start=1))
