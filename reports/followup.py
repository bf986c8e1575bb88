"""Who did not answer and why, who stopped, and what harm was seen; recruitment by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from reports.data_file import TrialData
from reports.delivery import NOT_RANDOMIZED
from reports.variables import asked_at, questionnaire_timepoints
from trial.core.consort import FlowCounts, closing_day, lost_reason
from trial.core.dataset import Disposition, EventRow, ItemRow
from trial.core.participant import StopLevel
from trial.core.protocol import Timepoint, TrialProtocol
from trial.protocol_files import ProtocolFolder

YES = ("yes", "true", "1")
HARM_REASON = "upset_me"


def missing(protocol: TrialProtocol, data: TrialData, people: Mapping[str, Disposition] | None) -> list[dict[str, Any]]:
    """At each timepoint and arm: expected, answered, and why the others did not; reasons need the dispositions."""
    by_arm: dict[str, list[str]] = {arm.id: [] for arm in protocol.arms}
    for person, arm in data.arm_of.items():
        by_arm[arm].append(person)
    return [
        _missing(point, arm, by_arm[arm], data, people)
        for point in questionnaire_timepoints(protocol)
        for arm in by_arm
        if any(not protocol.is_exercise(one.id) for one in protocol.activities_at(point, arm))
    ]


def _missing(
    point: Timepoint, arm: str, codes: Sequence[str], data: TrialData, people: Mapping[str, Disposition] | None
) -> dict[str, Any]:
    absent = [code for code in codes if code not in data.answered[point.id]]
    reasons = Counter(
        "no_answer" if people is None else lost_reason(people[code], closing_day(point), answered=False)
        for code in absent
    )
    return {
        "timepoint": point.id,
        "arm": arm,
        "expected": len(codes),
        "answered": sum(code in data.answered[point.id] for code in codes),
        "missing": len(absent),
        "reasons": dict(sorted(reasons.items())),
    }


def late(protocol: TrialProtocol, data: TrialData) -> dict[str, Any]:
    """What the plan does with answers after their window, and who gave one, by timepoint and arm; None: not known."""
    answered_late = data.late
    people = None
    if answered_late is not None:
        people = [
            {"timepoint": point.id, "arm": arm.id, "n": sum(data.arm_of[one] == arm.id for one in whose)}
            for point in questionnaire_timepoints(protocol)
            if (whose := answered_late[point.id])
            for arm in protocol.arms
        ]
    return {"rule": protocol.analysis.late_answers, "people": people}


def left_out(protocol: TrialProtocol, data: TrialData, timepoint: str) -> frozenset[str]:
    """Who has a late answer at a timepoint that the plan leaves out."""
    if data.late is None or protocol.analysis.late_answers == "keep":
        return frozenset()
    return data.late[timepoint]


def withdrawals(protocol: TrialProtocol, dispositions: Sequence[Disposition]) -> list[dict[str, Any]]:
    """In each arm, who stopped the exercises, the questionnaires or everything: how many, why, on which day."""
    found: dict[tuple[str, str], list[Disposition]] = {}
    for one in dispositions:
        found.setdefault((one.arm, one.stopped), []).append(one)
    return [
        _withdrawals(arm.id, level.value, found.get((arm.id, level.value), []))
        for arm in protocol.arms
        for level in StopLevel
    ]


def _withdrawals(arm: str, level: str, people: Sequence[Disposition]) -> dict[str, Any]:
    reasons = Counter(one.stop_reason or "not_said" for one in people)
    days = [one.stopped_day for one in people if one.stopped_day is not None]
    return {
        "arm": arm,
        "stopped": level,
        "n": len(people),
        "reasons": dict(sorted(reasons.items())),
        "median_day": float(median(days)) if days else None,
    }


def harms(
    folder: ProtocolFolder,
    data: TrialData,
    items: Sequence[ItemRow],
    events: Sequence[EventRow],
    dispositions: Sequence[Disposition],
) -> dict[str, Any]:
    """The systematic question by arm and timepoint, and spontaneous reports by arm; zero is stated."""
    protocol = folder.protocol
    reports = [one for one in events if one.event == "adverse_event_reported"]
    arm_of = data.arm_of
    upset = Counter(one.arm for one in dispositions if one.stopped and one.stop_reason == HARM_REASON)
    groups = [arm.id for arm in protocol.arms]
    if any(one.participant not in arm_of for one in reports):
        groups.append(NOT_RANDOMIZED)
    return {
        "instrument": protocol.harms.instrument,
        "item": protocol.harms.item,
        "systematic": _systematic(folder, data, items),
        "spontaneous": [_spontaneous(arm, reports, arm_of) for arm in groups],
        "stopped_because_upset": {arm.id: upset[arm.id] for arm in protocol.arms},
    }


def _spontaneous(arm: str, reports: Sequence[EventRow], arm_of: Mapping[str, str]) -> dict[str, Any]:
    its = [one.participant for one in reports if arm_of.get(one.participant, NOT_RANDOMIZED) == arm]
    return {"arm": arm, "people": len(set(its)), "events": len(its)}


def _systematic(folder: ProtocolFolder, data: TrialData, items: Sequence[ItemRow]) -> list[dict[str, Any]]:
    question = folder.protocol.harms
    column = f"{question.instrument}_{question.item}"
    answers: dict[str, dict[str, str]] = {}
    for one in items:
        if one.item == column and one.value:
            answers.setdefault(one.timepoint, {})[one.participant] = one.value.lower()
    return [
        _asked(point.id, arm.id, data, answers.get(point.id, {}))
        for point in questionnaire_timepoints(folder.protocol)
        for arm in folder.protocol.arms
        if asked_at(folder, point, question.instrument, arm.id)
    ]


def _asked(timepoint: str, arm: str, data: TrialData, answers: Mapping[str, str]) -> dict[str, Any]:
    asked = [code for code, its in data.arm_of.items() if its == arm and code in data.answered[timepoint]]
    return {
        "timepoint": timepoint,
        "arm": arm,
        "asked": len(asked),
        "answered": sum(code in answers for code in asked),
        "yes": sum(answers.get(code) in YES for code in asked),
    }


def recruitment(flow: FlowCounts, target: int, weeks: float | None) -> dict[str, Any]:
    """Where people came from, against the number planned."""
    sources = [{"source": one.source, "assessed": one.assessed, "randomised": one.randomized} for one in flow.sources]
    return {"target": target, "weeks": weeks, "randomised": flow.randomized, "sources": sources}
