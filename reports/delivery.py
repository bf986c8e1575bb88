"""What was sent and what was done: mails by stream, state and arm; exercises by arm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from statistics import median
from typing import Any

from reports.csv_text import CHANGED, Problems
from reports.data_file import is_number
from trial.core import exercises
from trial.core.dataset import ContactRow, Disposition, EventRow, ItemRow
from trial.core.dose import DOSE
from trial.core.errors import DataInvalid, Problem
from trial.core.protocol import Questionnaire, Timepoint, TrialProtocol
from trial.core.rows import Meanings, cells, occasion
from trial.stats.dose import dose_table

NOT_RANDOMIZED = "not_randomised"
MOST_EXERCISES = 10_000  # of one person
TRIAL_STREAMS = ("exercises", "questionnaires")


def delivery(protocol: TrialProtocol, contacts: Sequence[ContactRow], arm_of: Mapping[str, str]) -> dict[str, Any]:
    """Mails by stream, arm and state, why mails were held back, and who was never reached after randomisation."""
    counted: Counter[tuple[str, str, str]] = Counter()
    held_back: Counter[tuple[str, str]] = Counter()
    reached: set[str] = set()
    for person, stream, state, reason in cells(contacts, "participant", "stream", "state", "reason"):
        arm = arm_of.get(person, NOT_RANDOMIZED)
        counted[stream, arm, state] += 1
        if state == "suppressed":
            held_back[arm, reason] += 1
        elif state == "accepted" and stream in TRIAL_STREAMS:
            reached.add(person)
    streams = [
        {"stream": stream, "arms": {arm: _states(counted, stream, arm) for arm in _groups(protocol, counted, stream)}}
        for stream in sorted({key[0] for key in counted})
    ]
    never = Counter(arm for person, arm in arm_of.items() if person not in reached)
    return {
        "planned": len(contacts),
        "accepted": sum(n for key, n in counted.items() if key[2] == "accepted"),
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
    _refuse_impossible(dispositions)
    done = finished(events)
    by_arm: dict[str, list[Disposition]] = {arm.id: [] for arm in protocol.arms}
    for one in dispositions:
        if one.stage == "randomized":
            by_arm[one.arm].append(one)
    arm_of = {one.participant: one.arm for one in dispositions}
    doses = _doses(protocol, items, arm_of)
    return [_arm(protocol, arm, people, done) | {"dose": doses[arm]} for arm, people in by_arm.items()]


def _refuse_impossible(dispositions: Sequence[Disposition]) -> None:
    """Each number of exercises is counted up to: one that nobody can have done is refused, by its line in the file."""
    problems = Problems("disposition.csv")
    for line, one in enumerate(dispositions, start=2):
        for place, name in enumerate(("exercises_due", "exercises_done"), start=8):
            if not 0 <= (n := getattr(one, name)) <= MOST_EXERCISES:
                problems.add(line, place, f"column {name!r}: nobody has {n} exercises.", CHANGED)
    problems.refuse()


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
    numbers, first = Meanings(_measured), DOSE[0][0]
    for item, person, value in cells(items, "item", "participant", "value"):
        part = parts.get(item)
        if part is None or (arm := arm_of.get(person, "")) not in known:
            continue
        sent[arm] += part == first
        if value:
            try:
                known[arm][part].append(numbers[value])
            except ValueError:
                raise DataInvalid(_words(items, parts)) from None
    return {
        arm: {"sent": sent[arm]}
        | {part: {"n": len(its), "median": float(median(its)) if its else None} for part, its in its_parts.items()}
        for arm, its_parts in known.items()
    }


def _measured(text: str) -> float:
    if not is_number(text):
        raise ValueError(f"{text[:60]!r} is no number of seconds or characters")
    return float(text)


def _words(items: Sequence[ItemRow], parts: Collection[str]) -> list[Problem]:
    """Each part of a dose that is no number, by its line in the file, which as it is frozen has one line for a row."""
    problems = Problems("items.csv")
    for line, (item, value) in enumerate(cells(items, "item", "value"), start=2):
        if item in parts and not is_number(value):
            what = f"column 'value': {value[:60]!r} of {item!r} is not a number."
            problems.add(line, 6, what, CHANGED)
    return problems.listed()


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
    """(timepoint, occurrence) of the exercises that each person finished."""
    found: dict[str, set[tuple[str, int]]] = {}
    occasions = Meanings(occasion)
    for person, event, detail in cells(events, "participant", "event", "detail"):
        if event == "exercise_done":
            point, number = occasions[detail]
            if number is not None:
                found.setdefault(person, set()).add((point, number))
    return found
