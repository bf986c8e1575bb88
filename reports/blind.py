"""What may be told of a running trial before the lock: counts over everybody, or by dummy labels; never an effect.

No model is run and no outcome after the baseline is described. Under dummy labels only what every arm is asked in the
same way stands by group; what would tell an arm (its exercises, its mails, its own rules) is told over everybody.
Numbers from which the size of an arm could be read are told as whole percents, in a pooled report too: two of them,
taken before and after somebody came in, would tell where that person went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version
from itertools import compress
from typing import Any

from reports import recruiting
from reports.data_file import TrialData
from reports.description import baseline
from reports.frozen import Frozen
from reports.harms import HARM_REASON, YES, answers_to_question
from reports.results import FORMAT, flow_values
from reports.variables import LANGUAGE, asked_at, questionnaire_timepoints
from trial.core.consort import FlowCounts, FlowRules, PrimaryOutcome, closing_day, count_flow, lost_reason
from trial.core.cuts import alike
from trial.core.dataset import Disposition, HarmRow
from trial.core.harm_counts import by_term, count, counts
from trial.core.harms import HarmOutcome
from trial.core.participant import StopLevel
from trial.core.protocol import Timepoint, TrialProtocol
from trial.core.rows import cells
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder
from trial.stats.plan.run import with_outcome

ALL = "all"
POOLED, DUMMY = "pooled over the arms", "dummy labels"
# what is counted of adverse events by group; who told, how it was judged and what was given up may tell an arm
BY_GROUP = ("serious", "severity", "outcome")


@dataclass(frozen=True, slots=True)
class CutFacts:
    """What a cut knows beside its rows.

    `days`: the day in the trial of everyone randomised, at the cut. `weeks`: how many were randomised in each week
    since it `opened`.
    `groups`: the dummy label of each arm, in the order of the labels; None where nothing is told by group.
    """

    number: int
    taken_at: str
    digest: str
    days: Mapping[str, int]
    weeks: Sequence[int]
    groups: Mapping[str, str] | None = None
    opened: date | None = None


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Everyone randomised, and those of each group; without dummy labels there is one group, of everybody."""

    frozen: Frozen
    facts: CutFacts
    people: Mapping[str, Disposition]
    members: Mapping[str, list[str]]
    named: bool

    @property
    def protocol(self) -> TrialProtocol:
        return self.frozen.folder.protocol

    @property
    def groups(self) -> list[str]:
        return [one for one in self.members if one != ALL]


def blind_results(frozen: Frozen, facts: CutFacts, *, named: bool = False) -> dict[str, Any]:
    """Everything that the blind report says; `named`: groups are the arms themselves, in the order of the protocol."""
    people = {one.participant: one for one in frozen.dispositions if one.stage == "randomized"}
    members = {label: [code for code, one in people.items() if one.arm == arm] for arm, label in _labels(facts, named)}
    at = _Sorted(frozen, facts, people, members | {ALL: list(people)}, named)
    protocol, record = at.protocol, frozen.record
    flow = _flow(at)
    return {
        "format": FORMAT,
        "blinded": DUMMY if facts.groups else POOLED,
        "cut": {"number": facts.number, "taken_at": facts.taken_at, "digest": facts.digest},
        "protocol": record.protocol.model_dump(),
        "trial": {**record.trial.model_dump(), "title": say(protocol.title, LANGUAGE)},
        "groups": at.groups,
        "flow": {name: value for name, value in flow_values(flow).items() if name != "arms"},
        "primary": [_primary(at, group) for group in members_of(at)],
        "recruitment": {
            "target": record.recruitment.target,
            "sources": [asdict(one) for one in flow.sources],
            **recruiting.by_week(protocol, record.recruitment.target, facts.weeks, facts.opened),
        },
        "baseline": _baseline(at),
        "missing": _missing(at),
        "delivery": _delivery(at),
        "adherence": _adherence(at),
        "withdrawals": _withdrawals(at),
        "harms": _harms(at),
        "reported_with": {"name": "equipoise", "version": version("equipoise")},
    }


def members_of(at: _Sorted) -> list[str]:
    """The groups, then everybody."""
    return [*at.groups, ALL]


def _labels(facts: CutFacts, named: bool) -> list[tuple[str, str]]:
    found = list((facts.groups or {}).items())
    return found if named else sorted(found, key=lambda one: one[1])


def _flow(at: _Sorted) -> FlowCounts:
    """The diagram down to randomisation; the rest is counted by who is due."""
    masked = [replace(one, arm=ALL if one.stage == "randomized" else "") for one in at.frozen.dispositions]
    return count_flow(masked, FlowRules((ALL,), {}, 0), PrimaryOutcome((), (), ()))


def _primary(at: _Sorted, group: str) -> dict[str, Any]:
    """Of one group: who was due for the primary outcome, and who of these has it, so far."""
    frozen, planned = at.frozen, at.protocol.analysis.primary
    seen = set(compress(frozen.data.table.participants, with_outcome(at.protocol, frozen.data.table, planned)))
    point = at.protocol.timepoint(planned.timepoint)
    due = [code for code in at.members[group] if _is_due(at, code, point) or code in seen]
    answered = frozen.data.answered[point.id]
    lost = [code for code in due if code not in seen]
    reasons = Counter(lost_reason(at.people[code], closing_day(point), answered=code in answered) for code in lost)
    return {
        "group": group,
        "randomised": len(at.members[group]),
        "due": len(due),
        "known": len(due) - len(lost),
        "lost": len(lost),
        "lost_reasons": dict(sorted(reasons.items())),
    }


def _is_due(at: _Sorted, code: str, point: Timepoint) -> bool:
    return point.anchor == "consent" or at.facts.days[code] > closing_day(point)


def asked_of_all(folder: ProtocolFolder, point: Timepoint) -> bool:
    """Whether every arm is asked the same questionnaires at a timepoint."""
    protocol = folder.protocol
    asked = [
        [one.id for one in protocol.activities_at(point, arm.id) if not protocol.is_exercise(one.id)]
        for arm in protocol.arms
    ]
    return point.stage is None and all(one == asked[0] for one in asked)


def _baseline(at: _Sorted) -> list[dict[str, Any]]:
    folder, data = at.frozen.folder, at.frozen.data
    groups = at.facts.groups or {}
    arms = [
        folder.protocol.arm(arm).model_copy(update={"id": label, "label": {"en": label}})
        for arm, label in _labels(at.facts, at.named)
    ]
    masked = replace(folder, protocol=folder.protocol.model_copy(update={"arms": arms}))
    table = replace(data.table, arms=tuple(groups.get(arm, ALL) for arm in data.table.arms))
    return baseline(masked, replace(data, table=table))


def _missing(at: _Sorted) -> list[dict[str, Any]]:
    """At each timepoint where every arm is asked alike: due, answered, why not. Others would tell an arm's size."""
    found = []
    for point in questionnaire_timepoints(at.protocol):
        if asked_of_all(at.frozen.folder, point):
            found += [_missing_of(at, point, group) for group in members_of(at)]
    return found


def _missing_of(at: _Sorted, point: Timepoint, group: str) -> dict[str, Any]:
    answered = at.frozen.data.answered[point.id]
    asked = at.members[group]
    due = [code for code in asked if _is_due(at, code, point) or code in answered]
    absent = [code for code in due if code not in answered]
    reasons = Counter(lost_reason(at.people[code], closing_day(point), answered=False) for code in absent)
    return {
        "timepoint": point.id,
        "group": group,
        "due": len(due),
        "answered": len(due) - len(absent),
        "not_due_yet": len(asked) - len(due),
        "reasons": dict(sorted(reasons.items())),
    }


def _delivery(at: _Sorted) -> dict[str, Any]:
    """Mails over everybody: numbers, or whole percents of each stream where numbers would tell the size of an arm."""
    states: dict[str, Counter[str]] = {}
    for stream, state in cells(at.frozen.contacts, "stream", "state"):
        states.setdefault(stream, Counter())[state] += 1
    streams = []
    for name in sorted(states):
        planned = sum(states[name].values())
        found = {state: _told_as(at, n, planned) for state, n in sorted(states[name].items())}
        streams.append({"stream": name, "planned": planned if alike(at.protocol) else None, "states": found})
    return {"counted": alike(at.protocol), "streams": streams}


def _adherence(at: _Sorted) -> dict[str, int | None]:
    people = list(at.people.values())
    due, done = (sum(getattr(one, name) for one in people) for name in ("exercises_due", "exercises_done"))
    return {
        "due": due if alike(at.protocol) else None,
        "done": _told_as(at, done, due),
        "received": _told_as(at, sum(one.received is True for one in people), len(people)),
        "minimum_dose": _told_as(at, sum(one.minimum_dose is True for one in people), len(people)),
        "of": len(people),
    }


def _told_as(at: _Sorted, n: int, of: int) -> int:
    """The number; where arms have different schedules a whole percent, from which no arm's size can be told."""
    return n if alike(at.protocol) else round(100 * n / of) if of else 0


def _withdrawals(at: _Sorted) -> list[dict[str, Any]]:
    found = []
    for level in StopLevel:
        whose = [one for one in at.people.values() if one.stopped == level.value]
        reasons = Counter(one.stop_reason or "not_said" for one in whose)
        found.append({"stopped": level.value, "n": len(whose), "reasons": dict(sorted(reasons.items()))})
    return found


def _harms(at: _Sorted) -> dict[str, Any]:
    rows = at.frozen.harms
    waiting = sum(not one.assessments for one in rows)
    terms = by_term(rows) if not at.groups else {}  # a name that the team gave may tell an arm
    return {
        "asked": _asked(at),
        "told": [_told(at, group, rows) for group in members_of(at)],
        "terms": [{"term": term, **asdict(count(its))} for term, its in terms.items()],
        "stopped_because_upset": sum(one.stop_reason == HARM_REASON for one in at.people.values()),
        "not_assessed": waiting,
    }


def _told(at: _Sorted, group: str, rows: Sequence[HarmRow]) -> dict[str, Any]:
    """Events told unasked; those of people who were never randomised stand with everybody alone."""
    whose = set(at.members[group])
    its = [one for one in rows if one.participant in whose or group == ALL]
    found = {part: {name: asdict(n) for name, n in values.items()} for part, values in counts(its).items()}
    parts = found if not at.groups else {part: found[part] for part in BY_GROUP}
    deaths = found["outcome"][HarmOutcome.DEATH.value]
    return {"group": group, "of": len(whose), **asdict(count(its)), "deaths": deaths, "counts": parts}


def _asked(at: _Sorted) -> list[dict[str, Any]]:
    """The systematic question, where every arm is asked it at the same time."""
    folder, data = at.frozen.folder, at.frozen.data
    said = answers_to_question(folder, at.frozen.items)
    found = []
    for point in questionnaire_timepoints(at.protocol):
        asked = [asked_at(folder, point, folder.protocol.harms.instrument, arm.id) for arm in folder.protocol.arms]
        if all(asked) and asked_of_all(folder, point):
            its = said.get(point.id, {})
            found += [_said_yes(at, data, point.id, group, its) for group in members_of(at)]
    return found


def _said_yes(at: _Sorted, data: TrialData, point: str, group: str, said: Mapping[str, str]) -> dict[str, Any]:
    whose = [code for code in at.members[group] if code in data.answered[point] and code in said]
    return {
        "timepoint": point,
        "group": group,
        "answered": len(whose),
        "yes": sum(said[code] in YES for code in whose),
    }
