"""What people change on their own page: a pause, the hour, the zone, the language, how many reminders.

Each may be changed back at any time. An act that changes nothing writes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.local_time import is_zone
from trial.core.participant import Participant, StopLevel
from trial.core.protocol import TrialProtocol
from trial.services.planning import move_what_is_to_come
from trial.storage import deliveries, events, participants, trials
from trial.storage.work import Work

LONGEST_PAUSE = timedelta(days=183)
# for so long a stop can be taken back by the person alone
UNDO = timedelta(days=7)


def pause(work: Work, participant_id: int, until: datetime) -> None:
    """No mails until then: exercises are left out, a questionnaire that is still open then waits."""
    person = participants.by_id(work, participant_id, lock=True)
    if not work.now < until <= work.now + LONGEST_PAUSE:
        raise Refused("A pause lasts from now to half a year.")
    if person.paused_until == until:
        return
    participants.change(work, person.id, paused_until=until)
    deliveries.pause_ends(work, person.id, until)
    detail = {"until": until.isoformat()}
    events.write(work, Event.PAUSED, trial_id=person.trial_id, participant_id=person.id, detail=detail)


def end_pause(work: Work, participant_id: int) -> None:
    """Mails come again from now on; what waited falls due."""
    person = participants.by_id(work, participant_id, lock=True)
    if not person.is_paused(work.now):
        return
    participants.change(work, person.id, paused_until=None)
    deliveries.pause_ends(work, person.id, work.now)
    events.write(work, Event.PAUSE_ENDED, trial_id=person.trial_id, participant_id=person.id)


def hours(protocol: TrialProtocol) -> tuple[str, ...]:
    """Every hour that some timepoint offers, in order."""
    return tuple(sorted({hour for point in protocol.timepoints for hour in point.chosen_from}))


def change_mails(
    work: Work, participant_id: int, *, zone: str, language: str, hour: str | None, fewer_reminders: bool
) -> str | None:
    """The hour, zone and language of mails and pages, and how many reminders; a fault's name, or None when kept."""
    person = participants.by_id(work, participant_id, lock=True)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    if not is_zone(zone):
        return "bad_zone"
    if language not in protocol.languages:
        return "bad_language"
    if hour is not None and hour not in hours(protocol):
        return "bad_hour"
    wanted = {"zone": zone, "language": language, "chosen_hour": hour, "fewer_reminders": fewer_reminders}
    changed = {name: value for name, value in wanted.items() if getattr(person, name) != value}
    if changed:
        _change(work, person, protocol, changed)
    return None


def _change(work: Work, person: Participant, protocol: TrialProtocol, changed: dict[str, Any]) -> None:
    zone, hour = changed.get("zone", person.zone), changed.get("chosen_hour", person.chosen_hour)
    if "chosen_hour" in changed or "zone" in changed:
        move_what_is_to_come(work, person, protocol, zone=zone, hour=hour)
    participants.change(work, person.id, **changed)
    # zone and hour before and after: the record alone can say which instant an evening was
    detail: dict[str, str | int] = {"changed": " ".join(sorted(changed))}
    if zone != person.zone:
        detail |= {"zone_before": person.zone, "zone": zone}
    if hour != person.chosen_hour:
        detail |= {"hour_before": person.chosen_hour or "", "hour": hour or ""}
    events.write(work, Event.PREFERENCES_CHANGED, trial_id=person.trial_id, participant_id=person.id, detail=detail)


def may_take_up_again(person: Participant, now: datetime) -> bool:
    """Whether a stop is so fresh that the person may take it back alone."""
    if person.stopped is None or person.stopped_at is None or person.data_withdrawn_at is not None:
        return False
    return now < person.stopped_at + UNDO


def take_up_again(work: Work, participant_id: int) -> None:
    """The stop is taken back: what falls due from now on is sent again."""
    person = participants.by_id(work, participant_id, lock=True)
    if not may_take_up_again(person, work.now):
        return
    participants.change(work, person.id, stopped=None, stopped_at=None, stop_reason=None)
    was = person.stopped.value if isinstance(person.stopped, StopLevel) else ""
    events.write(
        work,
        Event.PREFERENCES_CHANGED,
        trial_id=person.trial_id,
        participant_id=person.id,
        detail={"taken_up_again": was},
    )
