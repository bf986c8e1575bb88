"""What the team does for one person, by study code: a pause, a new link, another address, a note."""

from __future__ import annotations

from datetime import timedelta

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import BadInput, Problem, Refused
from trial.core.events import Event
from trial.core.participant import Participant, ParticipantState
from trial.mail.headers import UnsafeHeader, one_address
from trial.services import addresses, missing_mails, preferences, service_mails
from trial.services.suspending import LONGEST_DAYS
from trial.storage import events, notes, participants, trials, vault
from trial.storage.work import Work

LONGEST_NOTE = 2_000


def _person(work: Work, slug: str, code: str) -> Participant:
    access.require(work.by, Verb.CARE_FOR_PARTICIPANT)
    found = participants.by_code(work, trials.by_slug(work, slug).id, code)
    person = participants.by_id(work, found.id, lock=True)
    if person.erased_at is not None:
        raise Refused("This person's data were erased; nothing can be done for them here.")
    return person


def pause(work: Work, slug: str, code: str, days: int) -> None:
    """No mails for some days, at the person's wish: as if they had said so on their own page."""
    person = _person(work, slug, code)
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"A pause lasts between 1 and {LONGEST_DAYS} days.")
    preferences.pause(work, person.id, work.now + timedelta(days=days))


def end_pause(work: Work, slug: str, code: str) -> None:
    """Mails come again from now on."""
    preferences.end_pause(work, _person(work, slug, code).id)


def new_link(work: Work, slug: str, code: str) -> None:
    """A mail with a fresh link to the person's own page. Ring the worker afterwards."""
    person = _person(work, slug, code)
    if person.bounced_at is not None:
        raise Refused("The address on file does not exist. Correct it first.")
    if person.state is ParticipantState.ADDRESS_GIVEN:
        raise Refused("This address was never confirmed. The person can begin again on the trial's page.")
    row = service_mails.send(work, person, "sent_again")
    events.write(
        work, Event.MAIL_SENT_AGAIN, trial_id=person.trial_id, participant_id=person.id, detail={"mail": row}
    )  # fmt: skip


def correct_address(work: Work, slug: str, code: str, email: str, again: str) -> None:
    """Another address, typed twice; the old one is told, and may take it back for a week. Ring the worker then."""
    person = _person(work, slug, code)
    if email.strip() != again.strip():
        raise BadInput([Problem("again", None, None, "The two are not the same.", "Type it once more.")])
    try:
        address = one_address("To", email.strip())
    except UnsafeHeader:
        raise BadInput([Problem("email", None, None, "This is no mail address.", "Look at it once more.")]) from None
    if vault.find(work, person.trial_id, address) is not None:
        raise Refused("This address is on file in this trial already.")
    addresses.replace(work, person, address)
    missing_mails.mended(work, person)
    events.write(work, Event.ADDRESS_CORRECTED, trial_id=person.trial_id, participant_id=person.id)


def write_note(work: Work, slug: str, code: str, words: str) -> None:
    """A note about the person, kept in the vault under their key."""
    person = _person(work, slug, code)
    if not words.strip() or len(words) > LONGEST_NOTE:
        raise Refused(f"A note has between 1 and {LONGEST_NOTE} characters.")
    row = notes.add(work, person, words.strip())
    events.write(
        work, Event.NOTE_WRITTEN, trial_id=person.trial_id, participant_id=person.id, detail={"note": row}
    )  # fmt: skip


def find_by_address(work: Work, slug: str, email: str) -> str | None:
    """The study code of whoever has this address; the search itself is on record, and shows nothing else."""
    access.require(work.by, Verb.READ_IDENTITY)
    trial = trials.by_slug(work, slug)
    found = vault.find(work, trial.id, email)
    events.write(
        work, Event.IDENTITY_SEARCHED, trial_id=trial.id, participant_id=found, detail={"found": int(found is not None)}
    )  # fmt: skip
    return participants.by_id(work, found).code if found is not None else None
