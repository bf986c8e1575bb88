"""What was sent and what was done: mails by stream, state and arm; exercises by arm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from trial.core import exercises
from trial.core.dataset import ContactRow, Disposition, EventRow, ItemRow
from trial.core.dose import DOSE
from trial.core.protocol import Questionnaire, Timepoint, TrialProtocol
from trial.stats.dose import dose_table

NOT_RANDOMIZED = "not_randomised"
TRIAL_STREAMS = ("exercises", "questionnaires")


def delivery(protocol: TrialProtocol, contacts: Sequence[ContactRow], arm_of: Mapping[str, str]) -> dict[str, Any]:
    """Mails by stream, arm and state, why mails were held back, and who was never reached after randomisation."""
    counted = Counter((one.stream, arm_of.get(one.participant, NOT_RANDOMIZED), one.state) for one in contacts)
    streams = [
        {"stream": stream, "arms": {arm: _states(counted, stream, arm) for arm in _groups(protocol, counted, stream)}}
        for stream in sorted({one.stream for one in contacts})
    ]
    reached = {one.participant for one in contacts if one.state == "accepted" and one.stream in TRIAL_STREAMS}
    never = Counter(arm for person, arm in arm_of.items() if person not in reached)
    held_back = Counter(
        (arm_of.get(one.participant, NOT_RANDOMIZED), one.reason) for one in contacts if one.state == "suppressed"
    )
    return {
        "planned": len(contacts),
        "accepted": sum(one.state == "accepted" for one in contacts),
        "streams": streams,
        "suppressed": [
            {"arm": arm, "reason": reason, "n": held_back[arm, reason]} for arm, reason in sorted(held_back)
        ],
        "never_reached": {arm.id: never[arm.id] for arm in protocol.arms},
    }


def _groups(protocol: TrialProtocol, counted: Counter[tuple[str, str, str]], stream: str) -> list[str]:
    others = any(key[:2] == (stream, NOT_RANDOMIZED) for key in counted)
    return [*(arm.id for arm in protocol.arms), *([NOT_RANDOMIZED] if others else [])]


def _states(counted: Counter[tuple[str, str, str]], stream: str, arm: str) -> dict[str, int]:
    return {key[2]: n for key, n in sorted(counted.items()) if key[:2] == (stream, arm)}


def adherence(
    protocol: TrialProtocol,
    dispositions: Sequence[Disposition],
    events: Sequence[EventRow],
    items: Sequence[ItemRow],
) -> list[dict[str, Any]]:
    """Exercises done in each arm: how many people did how many, for how long, the arm's own rules, each occasion."""
    done = finished([one for one in events if one.event == "exercise_done"])
    by_arm: dict[str, list[Disposition]] = {arm.id: [] for arm in protocol.arms}
    for one in dispositions:
        if one.stage == "randomized":
            by_arm[one.arm].append(one)
    arm_of = {one.participant: one.arm for one in dispositions}
    doses = _doses(protocol, items, arm_of)
    return [_arm(protocol, arm, people, done) | {"dose": doses[arm]} for arm, people in by_arm.items()]


def _doses(protocol: TrialProtocol, items: Sequence[ItemRow], arm_of: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Of the exercises that were sent in each arm: how many, and the median of each part of the dose, where known."""
    parts = {
        exercises.column(one, part): part
        for one in protocol.activities
        if not isinstance(one, Questionnaire)
        for part, _ in DOSE
    }
    known: dict[str, dict[str, list[float]]] = {arm.id: {part: [] for part, _ in DOSE} for arm in protocol.arms}
    sent: Counter[str] = Counter()
    first = DOSE[0][0]
    for one in items:
        part, arm = parts.get(one.item), arm_of.get(one.participant, "")
        if part is None or arm not in known:
            continue
        sent[arm] += part == first
        if one.value:
            known[arm][part].append(float(one.value))
    return {
        arm: {"sent": sent[arm]}
        | {part: {"n": len(its), "median": float(median(its)) if its else None} for part, its in its_parts.items()}
        for arm, its_parts in known.items()
    }


Finished = Mapping[str, set[tuple[str, int]]]


def _arm(protocol: TrialProtocol, arm: str, people: Sequence[Disposition], finished: Finished) -> dict[str, Any]:
    done = [one.exercises_done for one in people]
    most = max([*(one.exercises_due for one in people), *done], default=0)
    (dose,) = dose_table(done, [arm] * len(done), [arm], most) if people else (None,)
    return {
        "arm": arm,
        "allocated": len(people),
        "exercises_due": sum(one.exercises_due for one in people),
        "exercises_done": sum(done),
        "mean_done": dose.mean if dose else None,
        "median_done": dose.median if dose else None,
        "quartiles_done": list(dose.quartiles) if dose else None,
        "distribution": [
            {"done": k, "n": dose.people[k] if dose else 0, "at_least": dose.at_least[k] if dose else 0}
            for k in range(most + 1)
        ],
        "received": sum(one.received is True for one in people),
        "minimum_dose": sum(one.minimum_dose is True for one in people),
        "occasions": [
            {
                "timepoint": point.id,
                "occurrence": occurrence,
                "day": day,
                "n_done": sum((point.id, occurrence) in finished.get(one.participant, ()) for one in people),
            }
            for point in exercise_timepoints(protocol, arm)
            for occurrence, day in protocol.occurrences(point)
        ],
    }


def exercise_timepoints(protocol: TrialProtocol, arm: str) -> list[Timepoint]:
    """The timepoints at which this arm has an exercise."""
    return [
        point
        for point in protocol.timepoints
        if point.anchor == "randomization"
        and point.stage is None
        and any(protocol.is_exercise(one.id) for one in protocol.activities_at(point, arm))
    ]


def finished(events: Sequence[EventRow]) -> dict[str, set[tuple[str, int]]]:
    """(timepoint, occurrence) that each person finished; the detail of such an event is `timepoint:occurrence`."""
    found: dict[str, set[tuple[str, int]]] = {}
    for one in events:
        point, _, number = one.detail.partition(":")
        if number.isdigit():
            found.setdefault(one.participant, set()).add((point, int(number)))
    return found
