"""The load of a fault run: a trial of randomised people, and mails of it that are due at once."""

from __future__ import annotations

from datetime import timedelta

from trial.core.access import Actor, Role
from trial.core.participant import ParticipantState
from trial.core.schedule import PlannedContact
from trial.core.trial import Trial, TrialKind
from trial.protocol_files import read_folder, shipped
from trial.services import trials
from trial.services.enrolment import CODE_MESSAGE
from trial.services.randomization import randomize
from trial.services.trials import Chance
from trial.storage import deliveries, occasions, participants, vault
from trial.storage.deliveries import NewContact
from trial.storage.work import Store, Work

SLUG = "faults"
OPERATOR = Actor("operator:faults", Role.OPERATOR)
# of each person's mails the first is a code, which goes before all others, the rest announce the first evening
MAILS_EACH = 20
EVENING, LATEST = "evening", timedelta(days=1)


def open_trial(store: Store, people: int, base_url: str = "http://127.0.0.1:8765") -> Trial:
    with store.open_work(OPERATOR) as work:
        return trials.open_trial(
            work,
            read_folder(shipped("shapira-mongrain-2010")),
            slug=SLUG,
            kind=TrialKind.TEST,
            base_url=base_url,
            chance=Chance(b"s" * 32, b"t" * 32, b"c" * 32),
            target=people + 1,
            placeholder_wording=True,
        )


def make_due(store: Store, trial: Trial, mails: int, *, first: int = 1) -> list[int]:
    """So many mails due now, each a row with a link of its own; returns their ids. `first` numbers the people."""
    ids: list[int] = []
    number = first
    while len(ids) < mails:
        with store.open_work(OPERATOR) as work:
            ids += _person_with_mails(work, trial, number, min(MAILS_EACH, mails - len(ids)))
        number += 1
    return ids


def _person_with_mails(work: Work, trial: Trial, number: int, mails: int) -> list[int]:
    person = participants.add(
        work, trial.id, protocol_id=trial.protocol_id, language="en", zone="UTC", source="", code_expires_at=work.now
    )
    vault.keep_identity(work, trial.id, person.id, f"p{number:05d}@mailbox.example")
    for state in (ParticipantState.CONFIRMED, ParticipantState.CONSENTED):
        person = participants.change_state(work, person, state)
    randomize(work, person, {"cesd": float(number % 40)})
    person = participants.by_id(work, person.id)
    evening = next(one for one in occasions.of_participant(work, person.id) if one.timepoint.startswith("evening"))
    code = NewContact(PlannedContact(CODE_MESSAGE, "service", 0, "at once", work.now, work.now + LATEST), occurrence=1)
    mail = PlannedContact(EVENING, "exercises", 0, "at once", work.now, work.now + LATEST)
    evenings = [
        NewContact(mail, timepoint=evening.timepoint, occurrence=1000 + one, occasion_id=evening.id)
        for one in range(mails - 1)
    ]
    return deliveries.add(work, person, [code, *evenings])
