"""Every adverse event of a trial as a row: who, when, how it was last assessed. No words of a participant, no arm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from trial.core import access
from trial.core.access import Verb
from trial.core.dataset import HarmRow
from trial.core.harm_counts import Count, by_term, count, counts
from trial.core.harms import Assessment
from trial.core.local_time import local_day, relative_day
from trial.core.participant import Occasion, Participant, ParticipantState
from trial.storage import adverse_events, overview, trials
from trial.storage.adverse_events import AdverseEvent
from trial.storage.work import Work


def of_trial(work: Work, trial_id: int) -> list[HarmRow]:
    """The rows of harms.csv, by study code and day."""
    people, windows = adverse_events.whose(work, trial_id), adverse_events.windows(work, trial_id)
    judged, entered = (
        adverse_events.assessments_of_trial(work, trial_id),
        adverse_events.entered_by_team(work, trial_id),
    )
    rows = []
    for one in adverse_events.of_trial(work, trial_id):
        person, window = people[one.participant_id], windows.get(one.occasion_id or 0)
        row = _reported(person, one, window, entered=one.id in entered)
        rows.append(_judged(row, person, judged[one.id]) if one.id in judged else row)
    return sorted(rows, key=lambda row: (row.participant, row.day or 0))


def _origin(person: Participant) -> datetime:
    return person.randomized_at or person.created_at


def _reported(person: Participant, report: AdverseEvent, window: Occasion | None, *, entered: bool) -> HarmRow:
    return HarmRow(
        participant=person.code,
        day=relative_day(report.reported_at, _origin(person), person.zone),
        source="team" if entered else "participant",
        timepoint=window.timepoint if window else "",
        occurrence=window.occurrence if window else None,
        assessments=0,
    )


def _judged(row: HarmRow, person: Participant, judged: list[Assessment]) -> HarmRow:
    said, began = judged[-1].judgement, local_day(_origin(person), person.zone)
    return replace(
        row,
        assessments=len(judged),
        term=said.term,
        serious=said.serious,
        criteria="+".join(sorted(said.criteria)),
        severity=said.severity.value,
        relatedness=said.relatedness.value,
        expectedness=said.expectedness.value,
        onset_day=(said.onset_on - began).days if said.onset_on else None,
        outcome=said.outcome.value,
        stopped=said.stopped.value,
    )


@dataclass(frozen=True, slots=True)
class Pooled:
    """Adverse events so far, over all arms together: `of` people were randomised."""

    of: int
    all: Count
    parts: dict[str, dict[str, Count]]
    terms: dict[str, Count]


def pooled(work: Work, slug: str) -> Pooled:
    """What the report will count by arm, counted over everybody: nothing here knows an arm."""
    access.require(work.by, Verb.READ_HARM_COUNTS)
    trial = trials.by_slug(work, slug)
    rows = of_trial(work, trial.id)
    randomized = overview.by_state(work, trial.id).get(ParticipantState.RANDOMIZED.value, 0)
    return Pooled(randomized, count(rows), counts(rows), {term: count(its) for term, its in by_term(rows).items()})
