"""An enrolment in error is marked, with why and by whom, and changes nothing else: allocation has no override.

Whoever is marked stays in the list, in the arm that chance gave, and in the analysis; mails stop only where that is
asked for beside it. A mark is never taken out: a later entry stands beside it, and the last one counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import access
from trial.core.access import Verb
from trial.core.enrolment_errors import IN_WORDS, LONGEST, ErrorReason, standing
from trial.core.errors import BadInput, Problem, Refused
from trial.core.events import Event
from trial.core.participant import Participant, ParticipantState, StopLevel
from trial.services import stopping
from trial.storage import enrolment_errors, events, participants, trials
from trial.storage.enrolment_errors import Entry
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Looked:
    """What an entry would do, before it is made."""

    person: Participant
    reason: ErrorReason
    words: str
    entries: tuple[Entry, ...]
    stops: bool


def look(work: Work, slug: str, code: str, *, reason: str, words: str = "", stop: bool = False) -> Looked:
    """Whether this entry can be made, and what would come of it; nothing is changed."""
    access.require(work.by, Verb.MARK_ENROLMENT_ERROR)
    trial = trials.by_slug(work, slug)
    person = participants.by_code(work, trial.id, code)
    if trial.is_locked:
        raise Refused("The data are locked: nothing is marked any more.")
    if person.state is not ParticipantState.RANDOMIZED:
        raise Refused("This person was not allocated. Only an allocation can be marked as an enrolment in error.")
    entries = tuple(enrolment_errors.of_participant(work, person.id))
    why, said = _read(person, reason, words.strip())
    now = standing([one.reason for one in entries])
    if now == ("" if why is ErrorReason.TAKEN_BACK else why.value):
        raise Refused("This is what stands there already.")
    stops = stop and why is not ErrorReason.TAKEN_BACK and person.stopped is not StopLevel.EVERYTHING
    return Looked(person, why, said, entries, stops)


def mark(work: Work, slug: str, code: str, *, reason: str, words: str = "", stop: bool = False) -> Looked:
    """Make the entry, and stop the mails of this person where that is asked for."""
    access.require(work.by, Verb.MARK_ENROLMENT_ERROR)
    found = participants.by_code(work, trials.by_slug(work, slug).id, code)
    participants.by_id(work, found.id, lock=True)  # of the same entry twice at once, the second sees the first
    looked = look(work, slug, code, reason=reason, words=words, stop=stop)
    person = looked.person
    row = enrolment_errors.add(work, person, looked.reason, looked.words)
    detail: dict[str, str | int] = {"reason": looked.reason.value, "entry": row}
    events.write(
        work, Event.ENROLMENT_ERROR_MARKED, trial_id=person.trial_id, participant_id=person.id, detail=detail
    )  # fmt: skip
    if looked.stops:
        stopping.stop(work, person.id, StopLevel.EVERYTHING, "other")
    return looked


def standing_in(work: Work, trial_id: int) -> dict[int, str]:
    """Why each person whom somebody marked counts as enrolled in error; nothing for a mark that was taken back."""
    return enrolment_errors.standing_in(work, trial_id)


def _read(person: Participant, reason: str, words: str) -> tuple[ErrorReason, str]:
    problems = []
    if reason not in list(ErrorReason):
        known = ", ".join(ErrorReason)
        problems.append(Problem("reason", None, None, "No reason was chosen.", f"Choose one: {known}."))
    if len(words) > LONGEST or (not words and reason == ErrorReason.OTHER):
        mend = "Say it in a few sentences."
        problems.append(Problem("words", None, None, "What happened is missing or too long.", mend))
    elif words and person.erased_at is not None:
        mend = "Leave the words out."
        problems.append(
            Problem("words", None, None, "This person's data were erased: no words about them are kept.", mend)
        )
    if problems:
        raise BadInput(problems)
    return ErrorReason(reason), words


def choices() -> list[tuple[str, str]]:
    """Every reason with its words."""
    return [(one.value, words) for one, words in IN_WORDS.items()]
