"""A participant: how far they came, and what they asked us to stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ParticipantState(StrEnum):
    """Each state names the last step that was finished.

    Who is `held` has answered the baseline and waits for a person to look at the enrolment; `refused` is its bad end.
    """

    ADDRESS_GIVEN = "address_given"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CONSENTED = "consented"
    HELD = "held"
    REFUSED = "refused"
    RECRUITMENT_CLOSED = "recruitment_closed"
    RANDOMIZED = "randomized"


MOVES = {
    ParticipantState.ADDRESS_GIVEN: {ParticipantState.CONFIRMED},
    ParticipantState.CONFIRMED: {ParticipantState.DECLINED, ParticipantState.CONSENTED},
    ParticipantState.DECLINED: set(),
    ParticipantState.CONSENTED: {
        ParticipantState.RANDOMIZED,
        ParticipantState.RECRUITMENT_CLOSED,
        ParticipantState.HELD,
    },
    ParticipantState.HELD: {
        ParticipantState.RANDOMIZED,
        ParticipantState.RECRUITMENT_CLOSED,
        ParticipantState.REFUSED,
    },
    ParticipantState.REFUSED: set(),
    ParticipantState.RECRUITMENT_CLOSED: set(),
    ParticipantState.RANDOMIZED: set(),
}


class StopLevel(StrEnum):
    """What a person may stop: the exercises, the questionnaires, or everything."""

    EXERCISES = "exercises"
    QUESTIONNAIRES = "questionnaires"
    EVERYTHING = "everything"


class StageState(StrEnum):
    """What became of somebody who came into question at a further stage of allocation."""

    WAITING = "waiting"
    ALLOCATED = "allocated"
    DID_NOT_FIT = "did_not_fit"  # the stage's rule did not hold
    UNANSWERED = "unanswered"  # what the rule needs was not answered in time
    STOPPED = "stopped"  # had stopped the exercises or everything, or taken their answers back


STOP_REASONS = ("no_time", "too_long", "upset_me", "not_helping", "did_not_arrive", "other", "not_said")
# by the button of a mail program, which asks for no reason
UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Participant:
    """One person of one trial, under a study code; identity lies in the vault.

    `country` (ISO 3166-1, two letters) says whose help lines to show; `chosen_hour` is their own hour for mails.
    `suspended_at`: they wrote that they want no more mails, and a person has yet to decide what that meant.
    """

    id: int
    trial_id: int
    number: int
    code: str
    state: ParticipantState
    protocol_id: int
    language: str
    zone: str
    source: str
    created_at: datetime
    randomized_at: datetime | None
    stopped: StopLevel | None
    stopped_at: datetime | None
    stop_reason: str | None
    bounced_at: datetime | None
    country: str | None = None
    chosen_hour: str | None = None
    fewer_reminders: bool = False
    paused_until: datetime | None = None
    held_at: datetime | None = None
    data_withdrawn_at: datetime | None = None
    erased_at: datetime | None = None
    suspended_at: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        """Whether this person asked to be left alone for now."""
        return self.paused_until is not None and now < self.paused_until

    def takes(self, *, exercise: bool) -> bool:
        """Whether this person still wants exercises (or questionnaires)."""
        if self.stopped is None:
            return True
        return self.stopped is (StopLevel.QUESTIONNAIRES if exercise else StopLevel.EXERCISES)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One activity that one person may do in one window; `occurrence` counts the timepoint's days from 1.

    `passed_over_at`: the person said "not today". It may still be done, and nothing more is sent about it.
    """

    id: int
    trial_id: int
    participant_id: int
    timepoint: str
    occurrence: int
    activity: str
    opens_at: datetime
    closes_at: datetime
    done_at: datetime | None
    passed_over_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.done_at is None and self.opens_at <= now < self.closes_at
