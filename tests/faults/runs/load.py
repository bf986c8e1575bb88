"""The load of a fault run: a trial of randomised people, and mails of it that are due at once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from trial.core.access import Actor, Role
from trial.core.participant import Participant, ParticipantState
from trial.core.schedule import PlannedContact
from trial.core.trial import Trial, TrialKind
from trial.protocol_files import read_folder, shipped
from trial.services import trials
from trial.services.enrolment import CODE_MESSAGE
from trial.services.randomization import randomize
from trial.services.trials import Chance
from trial.storage import deliveries, participants, vault
from trial.storage.deliveries import NewContact
from trial.storage.tables_delivery import delivery
from trial.storage.work import Store, Work

SLUG = "faults"
OPERATOR = Actor("operator:faults", Role.OPERATOR)
# a code, which goes before all others, and the invitations to each evening and questionnaire
MAILS_EACH = 12
MOST_PEOPLE = 100_000
AT_ONCE, LATEST = "at once", timedelta(days=1)


def open_trial(store: Store, base_url: str = "http://127.0.0.1:8765") -> Trial:
    with store.open_work(OPERATOR) as work:
        return trials.open_trial(
            work,
            read_folder(shipped("shapira-mongrain-2010")),
            slug=SLUG,
            kind=TrialKind.TEST,
            base_url=base_url,
            chance=Chance(b"s" * 32, b"t" * 32, b"c" * 32),
            target=MOST_PEOPLE,
            placeholder_wording=True,
        )


def make_due(store: Store, trial: Trial, mails: int, *, first: int = 1) -> list[int]:
    """So many mails due now; returns their ids. `first` numbers the people."""
    ids: list[int] = []
    number = first
    while len(ids) < mails:
        with store.open_work(OPERATOR) as work:
            ids += _person_with_mails(work, trial, number, mails - len(ids))
        number += 1
    return ids


def enrol(work: Work, trial: Trial, number: int) -> Participant:
    """A person who was randomised just now, with all their mails planned."""
    person = participants.add(
        work, trial.id, protocol_id=trial.protocol_id, language="en", zone="UTC", source="", code_expires_at=work.now
    )
    vault.keep_identity(work, trial.id, person.id, f"p{number:05d}@mailbox.example")
    for state in (ParticipantState.CONFIRMED, ParticipantState.CONSENTED):
        person = participants.change_state(work, person, state)
    randomize(work, person, {"cesd": float(number % 40)})
    return participants.by_id(work, person.id)


def _person_with_mails(work: Work, trial: Trial, number: int, most: int) -> list[int]:
    person = enrol(work, trial, number)
    code = NewContact(PlannedContact(CODE_MESSAGE, "service", 0, AT_ONCE, work.now, work.now + LATEST), occurrence=1)
    return [*deliveries.add(work, person, [code]), *_brought_forward(work, person.id, most - 1)]


def _brought_forward(work: Work, person: int, most: int) -> list[int]:
    """The invitation of each occasion of this person falls due now; the reminders stay in the future."""
    invitations = delivery.c.participant_id == person, delivery.c.reminder == 0, delivery.c.occasion_id.is_not(None)
    ids = list(work.rows.execute(select(delivery.c.id).where(*invitations).order_by(delivery.c.id)).scalars())[:most]
    now = {"due_at": work.now, "not_after": work.now + LATEST, "local_rule": AT_ONCE}
    work.rows.execute(update(delivery).where(delivery.c.id.in_(ids)).values(now))
    return ids
