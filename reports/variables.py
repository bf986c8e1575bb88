"""What a column of the data means: its label, whether it is a number or a factor, and a factor's levels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from trial.core.instruments import Choice, Item, Score
from trial.core.protocol import PlannedAnalysis, Timepoint, TrialProtocol
from trial.core.scoring import range_of
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder

LANGUAGE = "en"  # reports are written in English; texts of the protocol come in it where it has it


@dataclass(frozen=True, slots=True)
class Variable:
    """One column; `levels` are (code, label) pairs in the protocol's order, empty for a number."""

    id: str
    label: str
    kind: Literal["number", "factor"]
    levels: tuple[tuple[str, str], ...] = ()
    unit: str = ""


def score(folder: ProtocolFolder, score_id: str) -> Score | None:
    """The score of this id, from whichever instrument holds it."""
    return next((one for tool in folder.instruments.values() for one in tool.scores if one.id == score_id), None)


def variable(folder: ProtocolFolder, name: str) -> Variable | None:
    """A score, a stratification factor, a screening question or a closed item; None for a free text."""
    if found := score(folder, name):
        return Variable(name, say(found.label, LANGUAGE), "number")
    for factor in folder.protocol.allocation.strata:
        if factor.id == name:
            levels = tuple((level.id, say(level.label, LANGUAGE)) for level in factor.levels)
            return Variable(name, say(factor.label, LANGUAGE), "factor", levels)
    for question in folder.protocol.eligibility.questions:
        if question.id == name:
            return _item(name, question, question.choices)
    for tool in folder.instruments.values():
        for item in tool.items:
            if tool.column(item) == name and item.type not in ("choices", "info"):
                return _item(name, item, tool.choices_of(item))
            for choice, column in zip(item.choices, tool.columns(item), strict=False):
                if item.type == "choices" and column == name:
                    label = f"{say(item.topic, LANGUAGE)} {say(choice.label, LANGUAGE)}"
                    return Variable(name, label, "factor", (("yes", "Yes"), ("no", "No")))
    return None


def variables(folder: ProtocolFolder, names: Iterable[str]) -> dict[str, Variable]:
    """Those of the names that stand for a number or a factor."""
    return {name: found for name in names if (found := variable(folder, name))}


def possible_range(folder: ProtocolFolder, score_id: str) -> tuple[float, float]:
    """The lowest and highest value that a score's items allow; infinite where an item has no closed scale."""
    for tool in folder.instruments.values():
        for one in tool.scores:
            if one.id == score_id:
                return range_of(tool, one)
    return -math.inf, math.inf


def planned(protocol: TrialProtocol) -> list[PlannedAnalysis]:
    """Every planned analysis, the primary first, exploratory ones last."""
    return protocol.analysis.all


def planned_scores(folder: ProtocolFolder) -> list[str]:
    """The scores without which the plan cannot be carried out, the primary outcome's first."""
    protocol = folder.protocol
    explored = protocol.analysis.exploratory
    names = [one.outcome for one in planned(protocol)]
    names += [one.outcome for one in explored.subgroups] if explored else []
    names += [one.outcome for one in protocol.analysis.clinical_change]
    outcomes = [protocol.outcome(name).score for name in names]
    covariates = [name for name in protocol.analysis.covariates if score(folder, name)]
    return list(dict.fromkeys([*outcomes, *covariates]))


def planned_covariates(folder: ProtocolFolder) -> list[str]:
    """The cluster where it is the unit, the stratification factors, further covariates of the models but scores."""
    protocol = folder.protocol
    unit = protocol.allocation.cluster
    named = [unit.question] if unit else []
    named += [factor.id for factor in protocol.allocation.strata]
    explored = protocol.analysis.exploratory
    more = [one.variable for one in explored.subgroups] if explored else []
    named += [name for name in [*protocol.analysis.covariates, *more] if not score(folder, name)]
    return list(dict.fromkeys(named))


def asked_at(folder: ProtocolFolder, timepoint: Timepoint, instrument_id: str, arm: str | None = None) -> bool:
    """Whether an instrument is part of a timepoint, for one arm or for any."""
    arms = [arm] if arm is not None else [one.id for one in folder.protocol.arms]
    return any(
        instrument_id in getattr(activity, "instruments", ())
        for one in arms
        for activity in folder.protocol.activities_at(timepoint, one)
    )


def timepoints_of(folder: ProtocolFolder, score_id: str) -> list[Timepoint]:
    """The timepoints at which a score is asked of any arm, in order of time."""
    tools = [tool.code for tool in folder.instruments.values() if any(one.id == score_id for one in tool.scores)]
    return [one for one in folder.protocol.in_time if any(asked_at(folder, one, code) for code in tools)]


def questionnaire_timepoints(protocol: TrialProtocol) -> list[Timepoint]:
    """The timepoints with a questionnaire for any arm, in order of time, the baseline first."""
    return [one for one in protocol.in_time if any(not protocol.is_exercise(name) for name in one.activities)]


def _item(name: str, item: Item, choices: list[Choice]) -> Variable | None:
    label = say(item.topic, LANGUAGE)
    if item.type == "text":
        return None
    if item.type in ("number", "scale"):
        return Variable(name, label, "number", unit=say(item.unit, LANGUAGE) if item.unit else "")
    levels = tuple((str(choice.value), say(choice.label, LANGUAGE)) for choice in choices)
    return Variable(name, label, "factor", levels or (("yes", "Yes"), ("no", "No")))
