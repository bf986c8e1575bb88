"""What the time machine of a rehearsal asks: where a pretend person stands, what comes next, and a way into the desk.

Each verb refuses a trial that is no rehearsal and a database without a pretend clock: nothing here reaches real people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial.core.access import Role
from trial.core.delivery import WAITING, Contact
from trial.core.errors import NotFound, Refused
from trial.core.participant import Participant, ParticipantState
from trial.core.signing_in import Purpose
from trial.core.trial import Trial, TrialKind
from trial.services.rehearsing import is_pretend, next_due
from trial.services.signing_in import new_token
from trial.storage import allocations, deliveries, members, participants, sessions, trials, vault, wishes
from trial.storage.work import Work

# who opens the desk of a rehearsal from its time machine
TEAM, TEAM_ADDRESS = "Team of this rehearsal", "team@mailbox.example"


@dataclass(frozen=True, slots=True)
class Standing:
    """One pretend person: the row, where mail goes (none once erased), the arm and what stages added, the next mail."""

    person: Participant
    address: str | None
    arm: str | None
    options: tuple[str, ...]
    next_mail: Contact | None

    @property
    def is_in(self) -> bool:
        return self.person.state is ParticipantState.RANDOMIZED


def rehearsed(work: Work, slug: str) -> Trial:
    """The trial of this name; Refused where it is no rehearsal on a pretend clock."""
    trial = trials.by_slug(work, slug)
    if trial.kind is not TrialKind.REHEARSAL or not is_pretend(work):
        raise Refused(
            f"{slug} is no rehearsal on a pretend clock: there is no time machine for a trial of real people."
        )
    return trial


def next_moment(work: Work) -> datetime | None:
    """When the next thing falls due: a mail, a decision at a stage, or something that a person asked for."""
    found = (next_due(work, stages=True), wishes.next_due(work))
    return min((one for one in found if one is not None), default=None)


def next_mail(work: Work) -> datetime | None:
    """When the next mail falls due."""
    return deliveries.next_due(work)


def who_has(work: Work, slug: str, address: str) -> int | None:
    """The pretend person who gave this address."""
    return vault.find(work, rehearsed(work, slug).id, address)


def standing(work: Work, slug: str, participant_id: int) -> Standing:
    """Where a pretend person stands at the present time."""
    trial = rehearsed(work, slug)
    person = participants.by_id(work, participant_id)
    if person.trial_id != trial.id:
        raise NotFound("There is no such person in this rehearsal.")
    waiting = [one for one in deliveries.of_participant(work, person.id) if one.state in WAITING]
    return Standing(
        person,
        vault.addresses_of(work, [person.id]).get(person.id),
        allocations.arm_of(work, person.id),
        tuple(allocations.options_of(work, person.id)),
        min(waiting, key=lambda one: (one.due_at, one.id), default=None),
    )


def asked_by(work: Work, slug: str, token: str) -> Contact:
    """The mail of this rehearsal whose personal link this is."""
    trial = rehearsed(work, slug)
    contact = deliveries.by_token(work, token)
    if contact is None or contact.trial_id != trial.id:
        raise NotFound("There is no mail with this link in this rehearsal.")
    return contact


def open_desk(work: Work, slug: str) -> str:
    """A session at the desk as an owner of this rehearsal; the token is the browser's."""
    trial = rehearsed(work, slug)
    found = members.by_address(work, TEAM_ADDRESS)
    member_id = found.id if found else members.make(work, TEAM, TEAM_ADDRESS)
    if Role.OWNER not in members.roles_of(work, trial.id, member_id):
        members.grant(work, trial.id, member_id, Role.OWNER)
    token = new_token()
    sessions.begin(work, member_id, token, Purpose.DESK)
    return token
