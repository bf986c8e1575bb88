"""States and reasons of mails in plain words. Reasons that could tell what an arm does share one sentence."""

from __future__ import annotations

from trial.core.delivery import (
    ACCOUNT_PAUSED,
    AFTER_ANOTHER,
    DEFERRED,
    IN_DOUBT,
    LINK_USED,
    ONCE_MORE,
    OVERTAKEN,
    PAUSED,
    QUIET,
    REFUSED_BY_POLICY,
    RESTORED,
    SUSPENDED,
    TAKEN_OUT,
    Contact,
    ContactState,
)

S = ContactState
STATES = {
    S.PLANNED: "planned",
    S.DUE: "due",
    S.CLAIMED: "being sent",
    S.DATA_STARTED: "being sent",
    S.ACCEPTED: "sent",
    S.RETRY: "waiting to be tried again",
    S.BOUNCED: "came back",
    S.FAILED: "failed",
    S.UNKNOWN: "may have arrived",
    S.SKIPPED_LATE: "not sent: too late",
    S.SUPPRESSED: "not sent",
    S.HELD: "held",
}
_LEFT_OUT = "It was left out, by the person or by the rules of the protocol."
REASONS = {
    "trial_over": "The trial had ended.",
    "trial_paused": "The trial is paused. It is looked at again when sending goes on.",
    "stopped": "The person stopped mails of this kind.",
    "already_answered": "The answer was in already.",
    "muted": _LEFT_OUT,
    "passed_over": _LEFT_OUT,
    "condition_not_met": _LEFT_OUT,
    "fewer_reminders": "The person wants fewer reminders.",
    PAUSED: "The person paused.",
    SUSPENDED: "The person wrote that they want no more mails. Somebody of the team decides what they meant.",
    RESTORED: "It was due before a restore. It leaves when the team releases it.",
    "address_bounced": "The address on file does not exist.",
    "window_closed": "The time to answer was over.",
    "past_latest_useful_time": "It would have come too late to be of use.",
    QUIET: "It was night where the person lives. It leaves in the morning, if it is of use then.",
    OVERTAKEN: "Another mail about the same had left in the meantime.",
    AFTER_ANOTHER: "An earlier mail about the same is due as well. This one waits for it.",
    IN_DOUBT: "The connection broke while the mail was handed over. Nobody can say whether it arrived.",
    ONCE_MORE: "The connection broke while the mail was handed over. It is sent once more, with the same link.",
    LINK_USED: "The connection broke while the mail was handed over. It arrived: its link was used.",
    TAKEN_OUT: "An amendment took this day out before it came.",
    "given_back": "The worker that had it was told to end, or its mail server was slow. Another one takes it.",
    "lease_lapsed": "The worker that had it stopped. Another one takes it.",
    DEFERRED: "The other mail server asked to try again later.",
    "address_refused": "The other mail server says that there is no such address.",
    "refused": "The other mail server did not take this mail.",
    REFUSED_BY_POLICY: "The mail server refuses mails of this study. The address is not at fault.",
    ACCOUNT_PAUSED: "The mail server does not take mails of this study at present. It is tried again before long.",
    "cannot_be_composed": "The mail could not be written. The log of the worker says why.",
    "erased": "The person's data were erased.",
}
OWN = {
    "code": "A code that the person asked for",
    "new_link": "A new link that the person asked for",
    "confirm_address": "The code for a new address",
    "address_changed": "To the former address: the address was changed",
    "address_back": "The change of address was undone",
    "withdrawal": "The answers will be taken back",
    "erasure": "The data will be erased",
    "released": "The enrolment was accepted",
    "refused": "The enrolment was not accepted",
    "no_place": "No place was left",
    "ready": "Something is ready",
    "consent_copy": "A copy of the consent",
    "study_over": "The study is over",
    "results": "What came out",
    "changed": "The study changed",
    "answer": "An answer of the team",
    "voucher": "A voucher",
    "payee": "Asked where to send what was earned",
    "explained": "What the team wrote about what was earned",
    "sent_again": "A link sent again by the team",
}


def state_of(contact: Contact) -> str:
    """Where a mail stands."""
    return STATES[contact.state]


def reason_of(contact: Contact) -> str:
    """Why it stands there, where there is something to say."""
    return REASONS.get(contact.reason or "", "")
