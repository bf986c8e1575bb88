"""Telling people what came out: one mail to everyone who took part and may still be written to."""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.participant import Participant, ParticipantState, StopLevel
from trial.core.trial import Trial, TrialState
from trial.services import ending, service_mails
from trial.services.ending import RESULTS
from trial.storage import deliveries, events, participants, trials
from trial.storage.work import Work

# whoever was refused at review was told so, and hears no more
TOOK_PART = (ParticipantState.RANDOMIZED, ParticipantState.RECRUITMENT_CLOSED)


@dataclass(frozen=True, slots=True)
class Telling:
    """How many people are told, and why the others who took part are not."""

    to_tell: int
    told_before: int
    stopped_everything: int
    address_refused: int
    erased: int
    still_taking_part: int


def preview(work: Work, slug: str) -> Telling:
    """What `tell` would do now."""
    access.require(work.by, Verb.READ_STATUS)
    return _sorted(work, _ready(work, slug))[1]


def tell(work: Work, slug: str) -> Telling:
    """Plan the mails, in one transaction; who was told before is not told again."""
    access.require(work.by, Verb.TELL_RESULTS)
    trial = _ready(work, slug, lock=True)
    people, telling = _sorted(work, trial)
    for person in people:
        service_mails.send(work, person, "results", occurrence=1, lives=ending.WORTH_TELLING)
    if people:
        events.write(work, Event.RESULTS_TOLD, trial_id=trial.id, detail={"people": len(people)})
    return telling


def _ready(work: Work, slug: str, *, lock: bool = False) -> Trial:
    """The trial, if there is something to tell and nobody can still join who could hear of it."""
    trial = trials.by_id(work, trials.by_slug(work, slug).id, lock=lock)
    folder = trials.folder_of(work, trial.protocol_id)
    name = folder.protocol.results
    if name is None:
        raise Refused("The protocol has no text that tells the results: name one under `results`.")
    unwritten = [language for language, words in folder.texts[name].items() if "*[" in words]
    if unwritten:
        raise Refused(
            f"The text {name} still holds notes to the team ({', '.join(unwritten)}). "
            "Write what came out, and register the protocol again as an amendment."
        )
    if trial.state not in (TrialState.CLOSED, TrialState.LOCKED, TrialState.FROZEN):
        raise Refused("The trial still takes people in: close recruitment first.")
    return trial


def _sorted(work: Work, trial: Trial) -> tuple[list[Participant], Telling]:
    """The people to tell, and everyone who took part by what stands against it."""
    told = {one.participant_id for one in deliveries.of_message(work, trial.id, RESULTS)}
    counts = dict.fromkeys(Telling.__slots__, 0)
    people = []
    for person in participants.of_trial(work, trial.id):
        if person.state not in TOOK_PART:
            continue
        why = "told_before" if person.id in told else _against(work, person)
        counts[why] += 1
        if why == "to_tell":
            people.append(person)
    return people, Telling(**counts)


def _against(work: Work, person: Participant) -> str:
    if person.erased_at is not None:
        return "erased"
    if person.stopped is StopLevel.EVERYTHING:
        return "stopped_everything"
    if person.bounced_at is not None:
        return "address_refused"
    return "to_tell" if ending.is_over(work, person) else "still_taking_part"
