"""Who did not answer and why, and who stopped; recruitment by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from reports.data_file import TrialData
from reports.variables import questionnaire_timepoints
from trial.core.consort import FlowCounts, closing_day, lost_reason
from trial.core.dataset import Disposition
from trial.core.participant import StopLevel
from trial.core.protocol import Timepoint, TrialProtocol


def missing(protocol: TrialProtocol, data: TrialData, people: Mapping[str, Disposition] | None) -> list[dict[str, Any]]:
    """At each timepoint and arm: expected, answered, and why the others did not; reasons need the dispositions.

    Without them (data from elsewhere) a timepoint of which the file has no row was perhaps never asked: left out.
    """
    by_arm: dict[str, list[str]] = {arm.id: [] for arm in protocol.arms}
    for person, arm in data.arm_of.items():
        by_arm[arm].append(person)
    return [
        _missing(point, arm, by_arm[arm], data, people)
        for point in questionnaire_timepoints(protocol)
        if people is not None or data.answered[point.id]
        for arm in by_arm
        if any(not protocol.is_exercise(one.id) for one in protocol.activities_at(point, arm))
    ]


def _missing(
    point: Timepoint, arm: str, codes: Sequence[str], data: TrialData, people: Mapping[str, Disposition] | None
) -> dict[str, Any]:
    absent = [code for code in codes if code not in data.answered[point.id]]
    reasons = Counter(
        "no_row" if people is None else lost_reason(people[code], closing_day(point), answered=False) for code in absent
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


def recruitment(flow: FlowCounts, target: int, weeks: float | None) -> dict[str, Any]:
    """Where people came from, against the number planned."""
    sources = [{"source": one.source, "assessed": one.assessed, "randomised": one.randomized} for one in flow.sources]
    return {"target": target, "weeks": weeks, "randomised": flow.randomized, "sources": sources}
