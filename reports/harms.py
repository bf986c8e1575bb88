"""What harm was seen: asked of everyone (systematic), and told unasked (not systematic), never added together.

After CONSORT Harms 2022: by arm, people with at least one event and events, each over everybody in the arm. The
denominators stand beside them and zero is stated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from reports.data_file import TrialData
from reports.delivery import NOT_RANDOMIZED
from reports.frozen import Frozen
from reports.harm_risks import harm_risks
from reports.variables import asked_at, questionnaire_timepoints
from trial.core.consort import CountsDisagree
from trial.core.dataset import Disposition, EventRow, HarmRow, ItemRow
from trial.core.harm_counts import by_term, count, counts
from trial.core.harms import HarmOutcome
from trial.core.rows import cells
from trial.protocol_files import ProtocolFolder

YES = ("yes", "true", "1")
HARM_REASON = "upset_me"


def harms(frozen: Frozen) -> dict[str, Any]:
    """Every count of the section; `final` is false while an event is not assessed."""
    folder, data = frozen.folder, frozen.data
    _all_reported(frozen.events, frozen.harms)
    groups = [arm.id for arm in folder.protocol.arms]
    if any(one.participant not in data.arm_of for one in frozen.harms):
        groups.append(NOT_RANDOMIZED)
    by_arm = {
        arm: [one for one in frozen.harms if data.arm_of.get(one.participant, NOT_RANDOMIZED) == arm] for arm in groups
    }
    sizes = Counter(data.arm_of.values())
    waiting = sum(not one.assessments for one in frozen.harms)
    answers = answers_to_question(folder, frozen.items)
    found: dict[str, Any] = {
        "instrument": folder.protocol.harms.instrument,
        "item": folder.protocol.harms.item,
        "systematic": _systematic(folder, data, answers),
        "systematic_people": [_ever(arm.id, data, answers) for arm in folder.protocol.arms],
        "spontaneous": [_of_arm(arm, its, sizes.get(arm)) for arm, its in by_arm.items()],
        "terms": _terms(frozen.harms, by_arm),
        "not_assessed": waiting,
        "final": waiting == 0,
        "stopped_because_upset": _upset(groups[: len(folder.protocol.arms)], frozen.dispositions),
    }
    return found | {"risks": harm_risks(folder.protocol, found)}


def _all_reported(events: Sequence[EventRow], rows: Sequence[HarmRow]) -> None:
    """What people reported themselves stands in two files, which must agree."""
    said = cells(events, "participant", "event")
    one = Counter(person for person, event in said if event == "adverse_event_reported")
    other = Counter(each.participant for each in rows if each.source == "participant")
    if odd := sorted(code for code in one.keys() | other.keys() if one[code] != other[code]):
        raise CountsDisagree(f"events.csv and harms.csv differ on the reports of {odd[0]!r}.")


def _of_arm(arm: str, rows: Sequence[HarmRow], size: int | None) -> dict[str, Any]:
    """One arm; `of` is everybody in it, None for people who are in none."""
    found = {part: {name: asdict(n) for name, n in values.items()} for part, values in counts(rows).items()}
    deaths = found["outcome"][HarmOutcome.DEATH.value]
    return {"arm": arm, "of": size, **asdict(count(rows)), "deaths": deaths, "counts": found}


def _terms(rows: Sequence[HarmRow], by_arm: Mapping[str, Sequence[HarmRow]]) -> list[dict[str, Any]]:
    """Each of the team's names for what happened, in each arm, with how many were serious."""
    found = []
    for term, its in by_term(rows).items():
        mine = {id(one) for one in its}
        arms = {arm: [one for one in each if id(one) in mine] for arm, each in by_arm.items()}
        found.append(
            {
                "term": term,
                "arms": {arm: asdict(count(each)) for arm, each in arms.items()},
                "serious": {arm: asdict(count(one for one in each if one.serious)) for arm, each in arms.items()},
            }
        )
    return found


def _upset(arms: Sequence[str], dispositions: Sequence[Disposition]) -> dict[str, int]:
    found = Counter(one.arm for one in dispositions if one.stopped and one.stop_reason == HARM_REASON)
    return {arm: found[arm] for arm in arms}


def answers_to_question(folder: ProtocolFolder, items: Sequence[ItemRow]) -> dict[str, dict[str, str]]:
    """The answers to the one question, by timepoint and person."""
    asked = f"{folder.protocol.harms.instrument}_{folder.protocol.harms.item}"
    answers: dict[str, dict[str, str]] = {}
    for item, value, timepoint, person in cells(items, "item", "value", "timepoint", "participant"):
        if item == asked and value:
            answers.setdefault(timepoint, {})[person] = value.lower()
    return answers


def _systematic(
    folder: ProtocolFolder, data: TrialData, answers: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    return [
        _asked(point.id, arm.id, data, answers.get(point.id, {}))
        for point in questionnaire_timepoints(folder.protocol)
        for arm in folder.protocol.arms
        if asked_at(folder, point, folder.protocol.harms.instrument, arm.id)
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


def _ever(arm: str, data: TrialData, answers: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Over all timepoints: who answered at least once, who said yes at least once, and how often yes was said."""
    said: dict[str, list[str]] = {}
    for point in answers.values():
        for code, value in point.items():
            if data.arm_of.get(code) == arm:
                said.setdefault(code, []).append(value)
    yes = {code: sum(value in YES for value in values) for code, values in said.items()}
    return {"arm": arm, "answered": len(said), "people": sum(n > 0 for n in yes.values()), "events": sum(yes.values())}
