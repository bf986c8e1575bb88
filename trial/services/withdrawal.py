"""Taking back what one gave, and being erased: asked for, undone for a week, then carried out for good.

Withdrawn: the answers key is destroyed, so closed answers and writing can be read by nobody; the answers at screening
are blanked. Erased: the person's own key goes, and with it the address and every word; the signature is sealed anew
under the installation's key, as proof of consent with a clock of its own. The row of the person, allocation, sheets
without content, disposition and the events stay: everyone is counted, and the allocation can be verified.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from trial.core.access import SYSTEM
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.local_time import later
from trial.core.participant import Participant, StopLevel
from trial.core.protocol import TrialProtocol
from trial.core.schedule import last_window
from trial.core.trial import Trial
from trial.services import addresses, ending, proof_clock, service_mails
from trial.storage import deliveries, events, incentives, participants, trials, vault, wishes
from trial.storage.wishes import Wish, WishKind
from trial.storage.work import OpenWork, Work

UNDO = timedelta(days=7)
# after somebody's last window, for what they are owed: thanks, what was promised, the explanation
OWED = timedelta(days=28)
# a code that nobody brings does not keep an address for ever
LONGEST_OWED = timedelta(days=365)


def takes_effect_at(now: datetime) -> datetime:
    """When a wish that is asked for now is carried out."""
    return now + UNDO


def owed_until(work: Work, person: Participant, protocol: TrialProtocol) -> datetime:
    """Until when the trial may have something to send to this person."""
    end = later(person.randomized_at or person.created_at, last_window(protocol), person.zone) + OWED
    return max(end, takes_effect_at(work.now))


def may_withdraw(person: Participant, trial: Trial, protocol: TrialProtocol) -> bool:
    """Whether answers can still be taken back: the protocol lets people, and the data are not frozen."""
    allowed = protocol.withdrawal.data_until_then == "erased_on_request"
    return allowed and not trial.is_locked and person.data_withdrawn_at is None


def ask(work: Work, participant_id: int, kind: WishKind, *, soon: bool = True) -> None:
    """Ask for it; the person is told the day by mail, and nothing but our own mails is sent until then."""
    person = participants.by_id(work, participant_id, lock=True)
    trial = trials.by_id(work, person.trial_id)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    if person.erased_at is not None or any(one.kind == kind for one in wishes.waiting(work, person.id)):
        return
    if kind == "withdraw_data" and not may_withdraw(person, trial, protocol):
        raise Refused("These answers cannot be taken back any more.")
    when = takes_effect_at(work.now) if soon else owed_until(work, person, protocol)
    wish = wishes.add(work, person, kind, when)
    quiet = {"until": _quiet_until(work, person, when).isoformat()} if soon else {}
    service_mails.send(work, person, "erasure" if kind == "erase" else "withdrawal", occurrence=wish.id)
    what = Event.ERASURE_ASKED if kind == "erase" else Event.WITHDRAWAL_ASKED
    events.write(work, what, trial_id=trial.id, participant_id=person.id, detail=quiet)


def _quiet_until(work: Work, person: Participant, when: datetime) -> datetime:
    until = max(when, person.paused_until or when)
    participants.change(work, person.id, paused_until=until)
    deliveries.pause_ends(work, person.id, until)
    return until


def undo(work: Work, participant_id: int, wish_id: int) -> None:
    """The person changed their mind in time."""
    person = participants.by_id(work, participant_id, lock=True)
    mine = [one for one in wishes.waiting(work, person.id) if one.id == wish_id]
    if not mine or not wishes.undo(work, wish_id):
        return
    again = person.paused_until is not None and person.paused_until <= mine[0].takes_effect_at
    if again:
        participants.change(work, person.id, paused_until=None)
        deliveries.pause_ends(work, person.id, work.now)
    detail = {"mails_again": int(again)}
    events.write(work, Event.WISH_UNDONE, trial_id=person.trial_id, participant_id=person.id, detail=detail)


def carry_out_due(open_work: OpenWork) -> int:
    """Carry out what is due, each in a transaction of its own; a look at a small index where nothing is."""
    done = 0
    while True:
        with open_work(SYSTEM, write=False) as work:
            due = wishes.due(work)
        for one in due:
            with open_work(SYSTEM) as work:
                _carry_out(work, one)
                done += 1
        if not due:
            return done


def before_the_freeze(work: Work, trial_id: int) -> None:
    """Who asked in time is not in the frozen data, even if their week is not over."""
    for one in wishes.waiting_in_trial(work, trial_id):
        if one.kind == "withdraw_data":
            _carry_out(work, one)


def _carry_out(work: Work, wish: Wish) -> None:
    person = participants.by_id(work, wish.participant_id, lock=True)
    if (until := _not_before(work, wish, person)) is not None and until > work.now:
        wishes.postpone(work, wish.id, until)
        return
    if not wishes.finish(work, wish.id):
        return
    trial = trials.by_id(work, person.trial_id)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    if wish.kind == wishes.FORGET_ADDRESS:
        addresses.forget_former(work, wish)
    elif wish.kind == wishes.FORGET_PROOF:
        proof_clock.forget(work, wish)
    elif wish.kind == "erase":
        _erase(work, person, with_answers=may_withdraw(person, trial, protocol))
    elif not trial.is_locked:
        _withdraw(work, person)


def _not_before(work: Work, wish: Wish, person: Participant) -> datetime | None:
    """What was planned early is looked at once more: who waits for what they are owed is told the end first."""
    if wish.kind == wishes.FORGET_PROOF:
        return proof_clock.kept_until(work, person) or work.now + UNDO
    after_all = wish.kind == "erase" and wish.takes_effect_at > wish.asked_at + UNDO
    due = ending.last_mail_due(work, person) if after_all else None
    if after_all and due is None and _is_owed_something(work, person) and work.now < wish.asked_at + LONGEST_OWED:
        due = work.now  # what was earned is given first, as long as somebody may still bring the codes
    return due and max(due, work.now) + timedelta(days=1)


def _is_owed_something(work: Work, person: Participant) -> bool:
    given = trials.folder_of(work, person.protocol_id).protocol.incentives
    return incentives.waits(work, person.id, [one.id for one in given if one.given_by == "code"])


def _withdraw(work: Work, person: Participant) -> None:
    _end(work, person)
    _take_back(work, person)
    events.write(work, Event.DATA_WITHDRAWN, trial_id=person.trial_id, participant_id=person.id)


def _erase(work: Work, person: Participant, *, with_answers: bool) -> None:
    _end(work, person)
    if with_answers:
        _take_back(work, person)
        events.write(work, Event.DATA_WITHDRAWN, trial_id=person.trial_id, participant_id=person.id)
    for kind in (*vault.OF_ANSWERS, vault.FORMER_ADDRESS):
        vault.forget_words(work, person.id, kind)
    vault.keep_proof(work, person.trial_id, person.id)
    vault.destroy(work, person.id)
    participants.change(work, person.id, erased_at=work.now)
    events.write(work, Event.ERASED, trial_id=person.trial_id, participant_id=person.id)


def _take_back(work: Work, person: Participant) -> None:
    vault.destroy_answers(work, person.id)
    participants.blank_screening(work, person.id)
    participants.forget_drafts(work, person.id)
    participants.change(work, person.id, data_withdrawn_at=work.now)


def _end(work: Work, person: Participant) -> None:
    """Nothing more is asked of somebody who took everything back; who stopped before keeps that date and reason."""
    if person.stopped is not StopLevel.EVERYTHING:
        participants.stop(work, person.id, StopLevel.EVERYTHING, person.stop_reason or "not_said")
        events.write(
            work,
            Event.STOPPED_EVERYTHING,
            trial_id=person.trial_id,
            participant_id=person.id,
            detail={"reason": person.stop_reason or "not_said"},
        )
