"""Bounces and missing deliveries: one matter for each person and cause, however many mails it took."""

from __future__ import annotations

from trial.core import access
from trial.core.access import Verb
from trial.core.delivery import Contact
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.matters import Matter, MatterAct, MatterKind, MatterState
from trial.core.missing import IN_WORDS, MEND_WITHIN, Cause
from trial.core.participant import Participant, ParticipantState
from trial.services import call_plans, service_mails
from trial.storage import events, ledger, matters, participants
from trial.storage.work import Work


def note(work: Work, contact: Contact, cause: Cause) -> None:
    """Put a mail that did not arrive on the list, or with the open matter of its person that has the same cause."""
    found, new = matters.open_for_cause(
        work,
        contact.trial_id,
        MatterKind.MISSING_MAIL,
        contact.id,
        cause.value,
        participant_id=contact.participant_id,
        act_by=work.now + MEND_WITHIN,
        detail={"cause": cause.value},
    )
    if new:
        call_plans.begin(work, found)
    elif found.cause != cause.value or found.state is MatterState.CLOSED:
        _turned_out(work, found, cause)
    elif found.about != contact.id:
        matters.add_act(work, contact.trial_id, found.id, MatterAct.NOTED, {"mail": contact.id})


def _turned_out(work: Work, matter: Matter, cause: Cause) -> None:
    """More is known of a mail that has its matter: it stands on the list with what is known now."""
    act, values = MatterAct.NOTED, dict[str, object](cause=cause.value)
    if matter.state is MatterState.CLOSED:
        act = MatterAct.REOPENED
        again = {"state": MatterState.OPEN.value, "closed_at": None, "act_by": work.now + MEND_WITHIN}
        values |= again
    if matters.change_if_alone(work, matter.id, **values):
        words = {"words": IN_WORDS[cause], "cause": cause.value}
        matters.add_act(work, matter.trial_id, matter.id, act, words)


def cause_of(matter: Matter) -> Cause:
    """Why the mail did not arrive, as far as is known."""
    return Cause(matter.cause or Cause.UNKNOWN)


def bounced(work: Work, contact: Contact) -> None:
    """The address that this mail went to does not exist: no more mail goes there until it is corrected."""
    if contact.message in service_mails.TO_ANOTHER:
        return  # what was meant for another address says nothing of the one on file
    if participants.mark_bounced(work, contact.participant_id):
        events.write(work, Event.ADDRESS_BOUNCED, trial_id=contact.trial_id, participant_id=contact.participant_id)
    note(work, contact, Cause.BOUNCED)


def mails_of(work: Work, matter: Matter) -> list[Contact]:
    """The mails of this matter, in order."""
    history = matters.history(work, matter.id)
    ids = [matter.about, *(one.detail["mail"] for one in history if "mail" in one.detail)]
    return [found for one in ids if (found := ledger.by_id(work, one)) is not None]


def send_again(work: Work, matter_id: int, *, may_be_double: bool) -> None:
    """Send a fresh link in place of what did not arrive. Ring the worker afterwards.

    Where nobody can say whether the mail arrived, whoever sends must say that a second one is meant.
    """
    matter = matters.by_id(work, matter_id, lock=True)
    access.require(work.by, Verb.MEND_DELIVERY)
    if matter.kind is not MatterKind.MISSING_MAIL or matter.participant_id is None:
        raise Refused("This is no mail that did not arrive.")
    if cause_of(matter) is Cause.UNKNOWN and not may_be_double:
        raise Refused("The first mail may have arrived. Tick that a second one is meant.")
    person = participants.by_id(work, matter.participant_id, lock=True)
    _require_reachable(person)
    row = service_mails.send(work, person, "sent_again")
    acted(work, matter, {"words": "A fresh link was sent.", "mail_again": row})
    events.write(
        work, Event.MAIL_SENT_AGAIN, trial_id=person.trial_id, participant_id=person.id, detail={"mail": row}
    )  # fmt: skip


def _require_reachable(person: Participant) -> None:
    if person.erased_at is not None:
        raise Refused("This person's data were erased; nobody can be written to.")
    if person.bounced_at is not None:
        raise Refused("The address on file does not exist. Correct it first; then send again.")
    if person.state is ParticipantState.ADDRESS_GIVEN:
        raise Refused("This address was never confirmed. The person can begin again on the trial's page.")


def acted(work: Work, matter: Matter, detail: dict[str, int | str]) -> None:
    """Something was done about a matter by an act that says itself what; an open one is then nobody's no longer."""
    if matter.state in (MatterState.OPEN, MatterState.ACKNOWLEDGED):
        matters.change(work, matter.id, state=MatterState.ACTED.value)
    matters.add_act(work, matter.trial_id, matter.id, MatterAct.ACTED, detail)


def arrived(work: Work, contact: Contact) -> None:
    """The link of a mail in doubt was used: what stands open about it says so."""
    for one in matters.of_participant(work, contact.participant_id):
        open_one = one.kind is MatterKind.MISSING_MAIL and one.state is not MatterState.CLOSED
        if open_one and cause_of(one) is Cause.UNKNOWN and contact.id in [mail.id for mail in mails_of(work, one)]:
            acted(work, one, {"words": "The mail arrived: its link was used.", "mail": contact.id})


def mended(work: Work, person: Participant) -> None:
    """The address was corrected: what stood open for the dead one says so."""
    for one in matters.of_participant(work, person.id):
        open_one = one.kind is MatterKind.MISSING_MAIL and one.state is not MatterState.CLOSED
        if open_one and cause_of(one) is Cause.BOUNCED:
            acted(work, one, {"words": "The address was corrected."})
