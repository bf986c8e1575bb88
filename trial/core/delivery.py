"""The life of one mail to one person: its states, the moves between them, and the decision at send time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ContactState(StrEnum):
    """Where a contact stands. An end state carries a reason."""

    PLANNED = "planned"
    DUE = "due"
    CLAIMED = "claimed"
    DATA_STARTED = "data_started"
    ACCEPTED = "accepted"
    RETRY = "retry"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED_LATE = "skipped_late"
    SUPPRESSED = "suppressed"
    HELD = "held"


S = ContactState
MOVES: dict[ContactState, set[ContactState]] = {
    S.PLANNED: {S.DUE, S.CLAIMED, S.SUPPRESSED, S.HELD},
    S.DUE: {S.CLAIMED, S.SUPPRESSED, S.HELD},
    S.CLAIMED: {
        S.CLAIMED,
        S.PLANNED,
        S.DATA_STARTED,
        S.RETRY,
        S.BOUNCED,
        S.FAILED,
        S.UNKNOWN,
        S.SKIPPED_LATE,
        S.SUPPRESSED,
        S.HELD,
    },
    # taken back where the last look finds that it is not to leave
    S.DATA_STARTED: {S.CLAIMED, S.ACCEPTED, S.RETRY, S.BOUNCED, S.FAILED, S.UNKNOWN},
    # one that may have left already can turn out to have come, or comes back
    S.RETRY: {S.CLAIMED, S.FAILED, S.SKIPPED_LATE, S.SUPPRESSED, S.HELD, S.ACCEPTED, S.BOUNCED},
    S.UNKNOWN: {S.ACCEPTED, S.CLAIMED, S.HELD, S.BOUNCED, S.FAILED},
    S.HELD: {S.DUE, S.SUPPRESSED},
    # the other server took it, and sent it back later
    S.ACCEPTED: {S.BOUNCED, S.FAILED},
    S.BOUNCED: set(),
    S.FAILED: set(),
    S.SKIPPED_LATE: set(),
    S.SUPPRESSED: set(),
}
PAUSED = "paused"
# held since a restore: whether it left before is not known
RESTORED = "restored"
SUSPENDED = "asked_to_stop"
# an amendment took the window out that it speaks of, before that opened
TAKEN_OUT = "taken_out"
# its worker was told to end before its turn came
GIVEN_BACK = "given_back"
# the other server asked to try again later
DEFERRED = "deferred"
# nobody can say whether it arrived: what came of it, and that it is sent once more as the same mail
IN_DOUBT, ONCE_MORE = "no_reply_after_data", "sent_once_more"
# the server refuses us, not the person: the mail waits long; in a pause of the account it waits with all others
REFUSED_BY_POLICY, ACCOUNT_PAUSED = "refused_by_policy", "account_paused"
# its link was used, so it arrived
LINK_USED = "link_used"
# the quiet hours of whom it goes to; another mail about the same thing left after this one was due, or is about to
QUIET, OVERTAKEN, AFTER_ANOTHER = "quiet_hours", "overtaken", "after_another"
# so long it waits for that other one
BEFORE_ANOTHER = timedelta(minutes=1)
# so long after it was due a mail that follows at once from what somebody did finds them awake
AT_ONCE = timedelta(hours=1)
# so long something may show that it arrived: its link is used, or it comes back
BEFORE_ONCE_MORE = timedelta(minutes=15)
WAITING = (S.PLANNED, S.DUE, S.RETRY)
IN_HAND = (S.CLAIMED, S.DATA_STARTED)


@dataclass(frozen=True, slots=True)
class Contact:
    """One row of the ledger. `local_rule` is the plan in the person's own time; `due_at` the instant it gave.

    `attempt` counts how often a worker took it, `deferrals` how often the mail server was offered it and put it off,
    `doubts` how often it was handed over and nobody can say whether it arrived.
    """

    id: int
    trial_id: int
    participant_id: int
    message: str
    stream: str
    occurrence: int
    reminder: int
    timepoint: str
    occasion_id: int | None
    local_rule: str
    due_at: datetime
    not_after: datetime
    state: ContactState
    reason: str | None
    attempt: int
    owner: str | None
    generation: int
    doubts: int = 0
    deferrals: int = 0

    @property
    def may_have_arrived(self) -> bool:
        """Whether it stands in doubt now; one that was taken or came back since does not."""
        return self.state is S.UNKNOWN or (self.state is S.RETRY and self.doubts > 0)


@dataclass(frozen=True, slots=True)
class SendFacts:
    """What is true at the moment of sending."""

    now: datetime
    not_after: datetime
    trial_sends: bool
    wanted: bool
    answered: bool
    window_closed: bool
    address_bounced: bool
    trial_over: bool = False
    passed_over: bool = False
    muted: bool = False
    asked: bool = True  # the rules of the mail and of the activity it speaks of hold
    paused: bool = False  # the person's own pause
    waits: bool = False  # may still come when that pause is over
    too_many_reminders: bool = False
    suspended: bool = False  # the person wrote "stop", and nobody has decided yet what was meant
    own: bool = False  # a mail of ours that the person asked for or is owed, whatever the trial does
    quiet_until: datetime | None = None  # it is night where the person lives, until then
    overtaken: bool = False  # another mail about the same thing left since this one was due
    after_another: bool = False  # an earlier one about the same thing is due as well, and has not left


@dataclass(frozen=True, slots=True)
class Verdict:
    """Send (state None), or the end state and its reason."""

    state: ContactState | None
    reason: str | None = None


def decide(facts: SendFacts) -> Verdict:
    """Whether a due contact may still go out; the first reason that stands against it is recorded."""
    if facts.own:
        late = facts.now > facts.not_after
        return Verdict(S.SKIPPED_LATE, "past_latest_useful_time") if late else Verdict(None)
    if facts.trial_over:
        return Verdict(S.SUPPRESSED, "trial_over")
    if not facts.trial_sends:
        return Verdict(S.HELD, "trial_paused")
    if not facts.wanted:
        return Verdict(S.SUPPRESSED, "stopped")
    if facts.suspended:
        return Verdict(S.HELD, SUSPENDED)
    if facts.answered:
        return Verdict(S.SUPPRESSED, "already_answered")
    if facts.muted:
        return Verdict(S.SUPPRESSED, "muted")
    if facts.passed_over:
        return Verdict(S.SUPPRESSED, "passed_over")
    if not facts.asked:
        return Verdict(S.SUPPRESSED, "condition_not_met")
    if facts.too_many_reminders:
        return Verdict(S.SUPPRESSED, "fewer_reminders")
    if facts.paused:
        return Verdict(S.RETRY if facts.waits else S.SUPPRESSED, PAUSED)
    if facts.address_bounced:
        return Verdict(S.SUPPRESSED, "address_bounced")
    if facts.window_closed:
        return Verdict(S.SUPPRESSED, "window_closed")
    if facts.now > facts.not_after:
        return Verdict(S.SKIPPED_LATE, "past_latest_useful_time")
    return _not_now(facts)


def _not_now(facts: SendFacts) -> Verdict:
    """What may be sent and is still better not sent at this moment: at night, or beside another about the same."""
    if facts.overtaken:
        return Verdict(S.SKIPPED_LATE, OVERTAKEN)
    if facts.quiet_until is not None:
        return Verdict(S.SKIPPED_LATE if facts.quiet_until > facts.not_after else S.RETRY, QUIET)
    if facts.after_another:
        return Verdict(S.RETRY, AFTER_ANOTHER)
    return Verdict(None)
