"""Protocol deviations: recorded when they become known, never changed; what was done about one stands in its matter."""

from __future__ import annotations

import re
from datetime import date, timedelta

from trial.core import access
from trial.core.access import Verb
from trial.core.deviations import LONGEST, DeviationKind
from trial.core.errors import BadInput, NotFound, Problem
from trial.core.events import Event
from trial.core.matters import MatterKind
from trial.storage import deviations, events, matters, participants, trials
from trial.storage.deviations import Deviation
from trial.storage.work import Work

# for so long an important one may wait for somebody
LOOK_WITHIN = timedelta(days=2)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def listed(work: Work, slug: str) -> list[Deviation]:
    """Every deviation, the newest day first."""
    access.require(work.by, Verb.READ_DEVIATIONS)
    return deviations.of_trial(work, trials.by_slug(work, slug).id)


def record(
    work: Work, slug: str, *, kind: str, important: bool, happened_on: str, description: str, code: str = ""
) -> int:
    """Write one down and put it on the list; about one person where a study code is given."""
    access.require(work.by, Verb.RECORD_DEVIATION)
    trial = trials.by_slug(work, slug)
    problems: list[Problem] = []
    day = _day(happened_on)
    if kind not in list(DeviationKind):
        problems.append(_wrong("kind", "no kind was chosen.", "Choose one."))
    if day is None or day > work.now.date():
        problems.append(_wrong("happened_on", "this is no day up to today.", "Write it as 2030-05-31."))
    words = description.strip()
    if not words or len(words) > LONGEST:
        problems.append(_wrong("description", "what happened is missing or too long.", "Say it in a few sentences."))
    elif _ADDRESS.search(words):
        mend = "Write the study code in its place: this record is read by people who must not know who somebody is."
        problems.append(_wrong("description", "this holds a mail address.", mend))
    participant_id = None
    if code.strip():
        try:
            participant_id = participants.by_code(work, trial.id, code).id
        except NotFound:
            problems.append(_wrong("code", "nobody has this study code.", "Look it up, or leave it out."))
    if problems:
        raise BadInput(problems)
    about = {"kind": kind, "important": important, "happened_on": day, "description": words}
    row = deviations.add(work, trial.id, participant_id=participant_id, **about)
    act_by = work.now + LOOK_WITHIN if important else None
    matters.open_one(
        work, trial.id, MatterKind.DEVIATION, row, participant_id=participant_id, urgent=important, act_by=act_by
    )
    detail: dict[str, str | int] = {"kind": kind, "important": int(important)}
    events.write(
        work, Event.DEVIATION_RECORDED, trial_id=trial.id, participant_id=participant_id, detail=detail
    )  # fmt: skip
    return row


def one(work: Work, matter_id: int) -> Deviation:
    """The deviation that a matter is about."""
    access.require(work.by, Verb.READ_DEVIATIONS)
    matter = matters.by_id(work, matter_id)
    if matter.kind is not MatterKind.DEVIATION:
        raise NotFound("There is no such deviation.")
    return deviations.by_id(work, matter.about)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None


def _wrong(field: str, what: str, mend: str) -> Problem:
    return Problem(field, None, None, f"{what[0].upper()}{what[1:]}", mend)
