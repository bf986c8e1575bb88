"""The events of a trial: who did what, when and why. One event per act, in the act's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Event(StrEnum):
    """Every kind of event. Those of a person carry the participant (or the screening)."""

    PROTOCOL_REGISTERED = "protocol_registered"
    TRIAL_OPENED = "trial_opened"
    SEED_SHARED = "seed_shared"
    SEED_CONTRIBUTED = "seed_contributed"
    SEED_SEALED = "seed_sealed"
    TRIAL_PAUSED = "trial_paused"
    TRIAL_RESUMED = "trial_resumed"
    RECRUITMENT_CLOSED = "recruitment_closed"
    MEMBER_ADDED = "member_added"
    DATASET_FROZEN = "dataset_frozen"
    SCREENED = "screened"
    ADDRESS_GIVEN = "address_given"
    ADDRESS_KNOWN = "address_known"
    CODE_REFUSED = "code_refused"
    ADDRESS_CONFIRMED = "address_confirmed"
    DECLINED = "declined"
    INFORMATION_ASKED_AGAIN = "information_asked_again"
    CONSENTED = "consented"
    TURNED_AWAY = "turned_away"
    RANDOMIZED = "randomized"
    EXERCISE_DONE = "exercise_done"
    EXERCISE_PASSED_OVER = "exercise_passed_over"
    QUESTIONNAIRE_DONE = "questionnaire_done"
    CONSENTED_AGAIN = "consented_again"
    STAYED_ON_VERSION = "stayed_on_version"
    FLAGGED = "flagged"
    ENROLMENT_HELD = "enrolment_held"
    ENROLMENT_RELEASED = "enrolment_released"
    ENROLMENT_REFUSED = "enrolment_refused"
    STOPPED_EXERCISES = "stopped_exercises"
    STOPPED_QUESTIONNAIRES = "stopped_questionnaires"
    STOPPED_EVERYTHING = "stopped_everything"
    ADVERSE_EVENT_REPORTED = "adverse_event_reported"
    ADDRESS_BOUNCED = "address_bounced"
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_CHANGE_UNDONE = "address_change_undone"
    CONSENT_PROOF_FORGOTTEN = "consent_proof_forgotten"
    FORMER_ADDRESS_FORGOTTEN = "former_address_forgotten"
    ALERT_RAISED = "alert_raised"
    ACTIVITY_MUTED = "activity_muted"
    ACTIVITY_HAD_BACK = "activity_had_back"
    PAUSED = "paused"
    PAUSE_ENDED = "pause_ended"
    PREFERENCES_CHANGED = "preferences_changed"
    LINK_ASKED_FOR = "link_asked_for"
    CODE_SENT = "code_sent"
    COPY_ASKED = "copy_asked"
    DATA_DOWNLOADED = "data_downloaded"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    ERASURE_ASKED = "erasure_asked"
    WISH_UNDONE = "wish_undone"
    DATA_WITHDRAWN = "data_withdrawn"
    ERASED = "erased"
    DEBRIEFED = "debriefed"
    RESULTS_TOLD = "results_told"
    TRIAL_PREPARED = "trial_prepared"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    EVIDENCE_RECORDED = "evidence_recorded"
    MEMBER_INVITED = "member_invited"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    MEMBER_JOINED = "member_joined"
    MEMBERSHIP_ENDED = "membership_ended"
    ROSTER_CHANGED = "roster_changed"
    MATTER_MOVED = "matter_moved"
    IDENTITY_SEARCHED = "identity_searched"
    IDENTITY_OPENED = "identity_opened"
    WORDS_OPENED = "words_opened"
    ADVERSE_EVENT_RECORDED = "adverse_event_recorded"
    ADVERSE_EVENT_ASSESSED = "adverse_event_assessed"
    SUSPENDED = "suspended"
    SUSPENSION_ENDED = "suspension_ended"
    REPLY_RECEIVED = "reply_received"
    DEVIATION_RECORDED = "deviation_recorded"
    NOTE_WRITTEN = "note_written"
    ADDRESS_CORRECTED = "address_corrected"
    MAIL_SENT_AGAIN = "mail_sent_again"
    UNBLINDING_ASKED = "unblinding_asked"
    UNBLINDED = "unblinded"
    UNBLINDING_REFUSED = "unblinding_refused"
    LOCK_ASKED = "lock_asked"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    RELEASE_ASKED = "release_asked"
    RELEASED = "released"
    VOUCHERS_UPLOADED = "vouchers_uploaded"
    INCENTIVE_EARNED = "incentive_earned"
    INCENTIVE_GIVEN = "incentive_given"
    INCENTIVE_REFUSED = "incentive_refused"
    INCENTIVE_EXPLAINED = "incentive_explained"
    PAYEE_GIVEN = "payee_given"
    PAYEE_OPENED = "payee_opened"
    PAYEE_FORGOTTEN = "payee_forgotten"
    PAYMENT_LIST_TAKEN = "payment_list_taken"
    DESIGN_AMENDED = "design_amended"
    STAGE_ALLOCATED = "stage_allocated"
    STAGE_PASSED_BY = "stage_passed_by"
    CUT_TAKEN = "cut_taken"
    CUT_LABELS_OPENED = "cut_labels_opened"
    INTERIM_LOOK = "interim_look"
    ENROLMENT_ERROR_MARKED = "enrolment_error_marked"
    CLOCKS_FOLLOWED = "clocks_followed"


FROZEN_EVENTS = (
    Event.SCREENED,
    Event.ADDRESS_CONFIRMED,
    Event.DECLINED,
    Event.CONSENTED,
    Event.RANDOMIZED,
    Event.EXERCISE_DONE,
    Event.EXERCISE_PASSED_OVER,
    Event.QUESTIONNAIRE_DONE,
    Event.STOPPED_EXERCISES,
    Event.STOPPED_QUESTIONNAIRES,
    Event.STOPPED_EVERYTHING,
    Event.ADVERSE_EVENT_REPORTED,
    Event.ADDRESS_BOUNCED,
)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One line of the record; `detail` holds ids and codes, never values."""

    trial_id: int
    number: int
    at: datetime
    by: str
    event: Event
    participant_id: int | None
    screening_id: int | None
    detail: Mapping[str, str | int]
