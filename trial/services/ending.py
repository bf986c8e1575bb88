"""The end of the study for one person: debrief and thanks, later the results. Planned early, decided when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trial.core.delivery import Contact
from trial.core.errors import NotFound
from trial.core.events import Event
from trial.core.local_time import later, local_day
from trial.core.participant import Participant, ParticipantState, StopLevel
from trial.core.protocol import Exercise, Questionnaire, TrialProtocol
from trial.core.schedule import PlannedContact, plan_end, plan_end_of_baseline
from trial.core.trial import Trial, TrialState
from trial.pages.service_mail import own_message
from trial.protocol_files import ProtocolFolder
from trial.storage import allocations, deliveries, events, occasions, participants, stage_entries, trials
from trial.storage.deliveries import NewContact
from trial.storage.work import Work

STUDY_OVER, RESULTS = own_message("study_over"), own_message("results")
# these go out after the trial was frozen too, and to nobody who stopped everything
ENDING = (STUDY_OVER, RESULTS)
# who was turned away is told with the mail that says so
TOLD_WITH = (STUDY_OVER, own_message("refused"), own_message("no_place"))
WORTH_TELLING = timedelta(days=60)
# how often it is looked again whether somebody who waits for a decision still does, or for a further stage
HELD_AGAIN = timedelta(days=1)
STAGE_AGAIN = timedelta(hours=1)
TURNED_AWAY = (ParticipantState.RECRUITMENT_CLOSED, ParticipantState.REFUSED)


def plan_at_consent(work: Work, person: Participant, protocol: TrialProtocol) -> None:
    """Plan the last mail for who may come no further than this, in the transaction of the consent."""
    deliveries.add(work, person, [NewContact(plan_end_of_baseline(protocol, STUDY_OVER, work.now, person.zone))])


def plan(work: Work, person: Participant, protocol: TrialProtocol) -> None:
    """Plan it anew for somebody who is allocated, in the same transaction."""
    first = local_day(work.now, person.zone)
    _plan_anew(work, person, plan_end(protocol, STUDY_OVER, first, person.zone))


def follow_version(work: Work, person: Participant, old: TrialProtocol, new: TrialProtocol, first: date) -> None:
    """The last mail of somebody who was allocated on the day `first` and goes on by another version of the protocol.

    One that is due, or would fall into the past, stays where it was.
    """
    before, after = (plan_end(each, STUDY_OVER, first, person.zone) for each in (old, new))
    due = deliveries.planned_due(work, person.id, STUDY_OVER) if before != after else None
    if due is not None and min(due, after.due_at) > work.now:
        deliveries.replan(work, person.id, after)


def plan_now(work: Work, person: Participant) -> None:
    """The same for somebody who consented and was turned away: nothing more follows, so it goes at once."""
    _plan_anew(work, person, PlannedContact(STUDY_OVER, "service", 0, "at once", work.now, work.now + WORTH_TELLING))


def told_with_another(work: Work, person: Participant) -> None:
    """Somebody is told by the mail that turns them away: this one is not sent as well."""
    deliveries.drop_planned(work, person.id, STUDY_OVER, "told_with_another")


def _plan_anew(work: Work, person: Participant, planned: PlannedContact) -> None:
    """The row that the consent planned falls due at another time; who consented before there was one gets it now."""
    if not deliveries.replan(work, person.id, planned):
        deliveries.add(work, person, [NewContact(planned)])


def still_to_come(work: Work, contact: Contact, person: Participant) -> datetime | None:
    """When the study ends for a person whose last mail fell due too early, because windows were added; else None."""
    if contact.message != STUDY_OVER or person.state in TURNED_AWAY:
        return None
    if person.state is ParticipantState.HELD and not is_over(work, person):  # a person decides, or the trial closes
        return work.now + HELD_AGAIN
    end = _end(work, person)
    return end if end is not None and end > work.now else None


def sent(work: Work, contact: Contact) -> None:
    """The mail has left: the person has been told."""
    if contact.message in TOLD_WITH:
        events.write(work, Event.DEBRIEFED, trial_id=contact.trial_id, participant_id=contact.participant_id)


def last_follow_up(work: Work, person: Participant) -> datetime:
    """When a person's last window closes or closed; of somebody who never had one, when they came."""
    return _end(work, person) or person.created_at


def last_mail_due(work: Work, person: Participant) -> datetime | None:
    """When the last mail is planned for, while it is."""
    return deliveries.planned_due(work, person.id, STUDY_OVER)


def _end(work: Work, person: Participant) -> datetime | None:
    """When the last window of a person closes, with its grace; None for somebody who has none.

    A further stage that is not decided may still bring more; its own end counts until then.
    """
    protocol = trials.folder_of(work, person.protocol_id).protocol
    grace = {point.id: point.grace for point in protocol.timepoints}
    ends = [
        later(one.closes_at, grace[one.timepoint], person.zone) if one.timepoint in grace else one.closes_at
        for one in occasions.of_participant(work, person.id)
    ]
    undecided = stage_entries.waiting(work, person.id) if protocol.stages and ends else []
    ends += [max(one.due_at, work.now + STAGE_AGAIN) for one in undecided]
    return max(ends, default=None)


@dataclass(frozen=True, slots=True)
class End:
    """What somebody may read at the end; `over` is whether the study is over for them."""

    trial: Trial
    folder: ProtocolFolder
    person: Participant
    over: bool
    results_out: bool
    others: tuple[Exercise, ...] = ()


def look(work: Work, participant_id: int) -> End:
    """The end as one person may see it now."""
    person = participants.by_id(work, participant_id)
    trial = trials.by_id(work, person.trial_id)
    over = is_over(work, person)
    # the words of the newest version: the results are written when the trial has long been running
    folder = trials.folder_of(work, trial.protocol_id)
    told = over and folder.protocol.results is not None
    return End(
        trial,
        folder,
        person,
        over,
        results_out=told and deliveries.count_of_message(work, person.id, RESULTS) > 0,
        others=_others(work, folder.protocol, person) if over else (),
    )


def is_over(work: Work, person: Participant) -> bool:
    """Whether nothing more is asked of this person, so that the study can be explained to them."""
    if person.stopped is StopLevel.EVERYTHING or person.state in TURNED_AWAY:
        return True
    if person.state is ParticipantState.HELD:  # may still come in; what the study is about must not reach them before
        return trials.by_id(work, person.trial_id).state in (TrialState.CLOSED, TrialState.LOCKED, TrialState.FROZEN)
    end = _end(work, person)
    return end is not None and end <= work.now


def _others(work: Work, protocol: TrialProtocol, person: Participant) -> tuple[Exercise, ...]:
    """The exercises that this person's arm did not have; of somebody who was in no arm, all of them."""
    if not protocol.design.other_exercises_after:
        return ()
    options = allocations.options_of(work, person.id) if protocol.stages else []
    mine = {allocations.arm_of(work, person.id), *options}
    found = [one for one in protocol.activities if not isinstance(one, Questionnaire)]
    return tuple(one for one in found if one.arms and not mine & set(one.arms))


def other(end: End, activity_id: str) -> Exercise:
    """One of these exercises; NotFound for any other, and before the end."""
    for one in end.others:
        if one.id == activity_id:
            return one
    raise NotFound("There is no such exercise.")
