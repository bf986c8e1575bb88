"""The flow of participants counted anew from the facts: each count by name, as `arm kindness: lost`.

A name that ends in a reason says so: `not eligible: too_young`. A count of nothing stands in no list.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from trial.rehearsal.oracle import clock, rules
from trial.rehearsal.oracle.facts import Allocated, Fact, Person, Plain, Record, Sheet

# the last of these that happened to somebody says how far they came
STAGES = {
    "address_given": "address_not_confirmed",
    "address_confirmed": "consent_not_given",
    "declined": "declined",
    "consented": "baseline_not_finished",
    "enrolment_held": "held",
    "enrolment_refused": "refused",
    "turned_away": "recruitment_closed",
    "randomized": "randomized",
}
_LEVELS = {
    "stopped_exercises": "exercises",
    "stopped_questionnaires": "questionnaires",
    "stopped_everything": "everything",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """What somebody stopped last, when, and the reason that they chose."""

    level: str
    at: datetime
    reason: str


class Counting:
    """Everybody of one record, and what the protocol's plain values say about counting them."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.protocol = record.protocol
        self.facts: dict[int | None, list[Fact]] = defaultdict(list)
        for fact in record.facts:
            self.facts[fact.person].append(fact)
        self.sheets: dict[int, list[Sheet]] = defaultdict(list)
        for sheet in record.sheets:
            self.sheets[sheet.person].append(sheet)
        self.allocated = {one.person: one for one in record.allocated if one.stage == "main"}
        self.kinds = {one["id"]: one["type"] for one in self.protocol["activities"]}
        self.points = {one["id"]: one for one in self.protocol["timepoints"]}

    def stage_of(self, person: int) -> str:
        """How far somebody came, by the acts that are on record."""
        reached = [STAGES[one.what] for one in self.facts[person] if one.what in STAGES]
        return reached[-1] if reached else "nothing"

    def stop_of(self, person: int) -> Stop | None:
        """What somebody stopped, as it stands at the end."""
        found = None
        for one in self.facts[person]:
            if one.what in _LEVELS:
                found = Stop(_LEVELS[one.what], one.at, str(one.detail.get("reason", "not_said")))
            elif one.what == "preferences_changed" and "taken_up_again" in one.detail:
                found = None
        return found

    def bounced_of(self, person: int) -> datetime | None:
        """Since when mails to somebody come back."""
        found = None
        for one in self.facts[person]:
            if one.what == "address_bounced":
                found = one.at
            elif one.what in ("address_changed", "address_corrected", "address_change_undone"):
                found = None
        return found

    def took_back(self, person: int) -> bool:
        return any(one.what == "data_withdrawn" for one in self.facts[person])

    def day(self, person: Person, moment: datetime) -> int:
        """The day from randomisation where the person lives now."""
        return clock.days_between(self.allocated[person.id].at, moment, person.zone)

    def exercises_done(self, one: Allocated) -> int:
        """How often somebody practised, at timepoints that count for their arm."""
        beyond = self.beyond(one.arm)
        acts = [fact for fact in self.facts[one.person] if fact.what == "exercise_done"]
        return sum(fact.detail.get("timepoint") not in beyond for fact in acts)

    def beyond(self, arm: str) -> set[str]:
        """Timepoints that add nothing to an arm's dose: of a further stage, or after a waiting arm has waited."""
        waits = self.protocol["design"].get("waitlist") or {}
        until = waits.get("release_after_day") if waits.get("arm") == arm else None
        late = [
            one["id"]
            for one in self.protocol["timepoints"]
            if until is not None and one["anchor"] == "randomization" and min(one["days"]) > until
        ]
        return {*late, *(one["id"] for one in self.protocol["timepoints"] if one["stage"])}

    def last_day(self, point: Plain) -> int:
        days, minutes = clock.days_and_minutes(point["closes_after"])
        return int(max(point["days"])) + days + -(-minutes // 1440)

    def last_day_of_exercises(self, arm: str) -> int:
        """The last day on which an exercise of the arm can be done; -1 where there is none."""
        beyond, found = self.beyond(arm), [-1]
        for point in self.protocol["timepoints"]:
            own = [one for one in self.protocol["activities"] if one["id"] in point["activities"]]
            exercises = [
                one for one in own if one["type"] != "questionnaire" and (not one["arms"] or arm in one["arms"])
            ]
            if exercises and point["id"] not in beyond:
                found.append(self.last_day(point))
        return max(found)


def count_flow(record: Record) -> Counter[str]:
    """Every count of the diagram."""
    counting = Counting(record)
    found: Counter[str] = Counter()
    _enrolment(counting, found)
    for arm in record.protocol["arms"]:
        people = [one for one in counting.allocated.values() if one.arm == arm["id"]]
        _arm(counting, arm, people, found)
    return +found


def _enrolment(counting: Counting, found: Counter[str]) -> None:
    record = counting.record
    found["screenings"] = len(record.screened)
    owners = {one.first or one.id: one.person for one in reversed(record.screened) if one.person is not None}
    strangers: dict[int, list[tuple[bool, int, str]]] = defaultdict(list)
    for one in record.screened:
        browser = one.first or one.id
        if one.person is None and browser not in owners:
            strangers[browser].append((one.eligible, one.id, one.reason))
    for tries in strangers.values():
        eligible, _, reason = max(tries)
        found["address_not_confirmed" if eligible else "not_eligible"] += 1
        if reason:
            found[f"not_eligible: {reason}"] += 1
    for person in record.people:
        found[counting.stage_of(person)] += 1
    found["assessed"] = len(strangers) + len(record.people)
    found["excluded"] = found["assessed"] - found["randomized"]
    for made in counting.allocated.values():
        found[f"stratum {made.stratum}, arm {made.arm}"] += 1


def _arm(counting: Counting, arm: Plain, people: Sequence[Allocated], found: Counter[str]) -> None:
    name, last = f"arm {arm['id']}", counting.last_day_of_exercises(arm["id"])
    found[f"{name}: allocated"] = len(people)
    for one in people:
        person = counting.record.people[one.person]
        stop = counting.stop_of(one.person)
        ended = stop if stop and stop.level != "questionnaires" and counting.day(person, stop.at) <= last else None
        if rules.holds(arm["received"], {"exercises_done": counting.exercises_done(one)}):
            found[f"{name}: received"] += 1
        else:
            found[f"{name}: not received"] += 1
        if ended:
            found[f"{name}: discontinued"] += 1
            found[f"{name}: discontinued: {ended.reason}"] += 1
        _primary(counting, name, person, stop, found)


def _primary(counting: Counting, name: str, person: Person, stop: Stop | None, found: Counter[str]) -> None:
    """With the primary outcome, late for it, or lost and why: the first reason that holds."""
    point = counting.points[counting.protocol["analysis"]["primary"]["timepoint"]]
    outcome, late, answered = primary_of(counting.protocol, counting.sheets[person.id], point["id"])
    if outcome:
        found[f"{name}: with the outcome"] += 1
        return
    if late:
        found[f"{name}: answered late"] += 1
        return
    found[f"{name}: lost"] += 1
    last, bounced = counting.last_day(point), counting.bounced_of(person.id)
    reason = "no_answer"
    if bounced is not None and counting.day(person, bounced) <= last:
        reason = "address_bounced"
    if stop and stop.level != "exercises" and counting.day(person, stop.at) <= last:
        reason = "withdrew"
    if answered:
        reason = "score_incomplete"
    if counting.took_back(person.id):
        reason = "data_withdrawn"
    found[f"{name}: lost: {reason}"] += 1


def primary_of(protocol: Plain, sheets: Sequence[Sheet], timepoint: str) -> tuple[bool, bool, bool]:
    """(has the primary outcome, answered late and so is left out, answered at all).

    Of one arm the outcome is the change since the baseline, which takes both scores.
    """
    planned, contrast = (protocol["analysis"]["primary"][key] for key in ("outcome", "contrast"))
    score = next(one["score"] for one in protocol["outcomes"] if one["id"] == planned)
    kinds = {one["id"]: one["type"] for one in protocol["activities"]}
    own = [
        one for one in sheets if one.timepoint == timepoint and kinds[one.activity] == "questionnaire" and one.readable
    ]
    leaves_out = protocol["analysis"]["late_answers"] == "exclude"
    counted = [one for one in own if not (leaves_out and one.late)]
    scores: dict[str, object] = {}
    for one in counted:
        scores |= one.scores
    outcome = scores.get(score) is not None
    if len(contrast) == 1:
        first = next(one["id"] for one in protocol["timepoints"] if one["anchor"] == "consent")
        outcome = outcome and any(one.scores.get(score) is not None for one in sheets if one.timepoint == first)
    return outcome, bool(leaves_out and not outcome and any(one.late for one in own)), bool(own)


Counts = Mapping[str, int]
