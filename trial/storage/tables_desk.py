"""The team: how members prove who they are, who is on call, and everything that asks for a person.

A `matter` is one line of the desk's lists: an alert, an adverse event, a reply, a held enrolment, a mail that did not
arrive, a deviation. What is known of it stands in the row it is about; what the team did stands in `matter_act`,
which is never changed.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from trial.core.matters import MatterKind, MatterState
from trial.storage.columns import (
    Json,
    credential,
    metadata,
    of_allocation,
    of_trial,
    of_words,
    one_of,
    operational,
    participant_id,
    row_id,
    trial_id,
)
from trial.storage.types import MachineTime, TrialTime

# -- proving who one is: everything here runs on machine time ---------------------------------------------------------

member_secret = Table(
    "member_secret",
    metadata,
    credential("member_id", Integer, ForeignKey("member.id"), primary_key=True),
    credential("password", String(200)),
    credential("totp", LargeBinary, nullable=True),
    credential("totp_step", Integer, nullable=True),
    credential("recovery", Json),
    credential("changed_at", MachineTime),
)

member_session = Table(
    "member_session",
    metadata,
    row_id(),
    credential("member_id", Integer, ForeignKey("member.id")),
    credential("token", String(64), unique=True),
    credential("begun_at", MachineTime),
    credential("seen_at", MachineTime),
    credential("proved_at", MachineTime),
    credential("ended_at", MachineTime, nullable=True),
    credential("purpose", String(20), server_default="desk"),
)
Index("ix_member_session_member_id", member_session.c.member_id)
Index("ix_member_session_seen_at", member_session.c.seen_at)

invitation = Table(
    "invitation",
    metadata,
    row_id(),
    trial_id(),
    operational("address", String(320)),
    operational("name", String(200)),
    operational("role", String(40)),
    credential("token", String(64), unique=True),
    operational("by", String(80)),
    operational("sent_at", MachineTime),
    operational("ends_at", MachineTime),
    operational("accepted_at", MachineTime, nullable=True),
    operational("withdrawn_at", MachineTime, nullable=True),
)
Index("ix_invitation_ends_at", invitation.c.ends_at)

# -- what asks for a person ------------------------------------------------------------------------------------------

matter = Table(
    "matter",
    metadata,
    row_id(),
    trial_id(),
    participant_id(nullable=True),
    operational("kind", String(20)),
    operational("about", Integer),
    operational("state", String(20), server_default=MatterState.OPEN.value),
    operational("urgent", Boolean, server_default=false()),
    operational("opened_at", TrialTime),
    operational("act_by", TrialTime, nullable=True),
    operational("owner_id", Integer, ForeignKey("member.id"), nullable=True),
    operational("closed_at", TrialTime, nullable=True),
    operational("cause", String(20), nullable=True),
    UniqueConstraint("kind", "about"),
    one_of("kind", MatterKind),
    one_of("state", MatterState),
)
IS_OPEN_MATTER = text("state <> 'closed'")
Index("ix_matter_open", matter.c.trial_id, matter.c.kind, sqlite_where=IS_OPEN_MATTER, postgresql_where=IS_OPEN_MATTER)
Index("ix_matter_participant_id", matter.c.participant_id)
# however many workers find out at once: one open matter of a person for each cause
HAS_CAUSE = text("state <> 'closed' and cause is not null")
Index(
    "ix_matter_cause",
    matter.c.participant_id,
    matter.c.kind,
    matter.c.cause,
    unique=True,
    sqlite_where=HAS_CAUSE,
    postgresql_where=HAS_CAUSE,
)

matter_act = Table(
    "matter_act",
    metadata,
    row_id(),
    trial_id(),
    operational("matter_id", Integer, ForeignKey("matter.id")),
    operational("at", TrialTime),
    operational("by", String(80)),
    operational("act", String(30)),
    of_trial("detail", Json),
)
Index("ix_matter_act_matter_id", matter_act.c.matter_id)

adverse_event_assessment = Table(
    "adverse_event_assessment",
    metadata,
    row_id(),
    trial_id(),
    operational("adverse_event_id", Integer, ForeignKey("adverse_event.id")),
    of_trial("serious", Boolean),
    of_trial("criteria", Json),
    of_trial("severity", String(20)),
    of_trial("relatedness", String(20)),
    of_trial("expectedness", String(20)),
    of_trial("onset_on", Date, nullable=True),
    of_trial("outcome", String(30)),
    of_trial("term", String(80)),
    of_trial("stopped", String(20)),
    of_trial("assessed_at", TrialTime),
    operational("by", String(80)),
)
Index("ix_adverse_event_assessment_adverse_event_id", adverse_event_assessment.c.adverse_event_id)

reply = Table(
    "reply",
    metadata,
    row_id(),
    trial_id(),
    participant_id(nullable=True),
    operational("delivery_id", Integer, ForeignKey("delivery.id"), nullable=True),
    operational("message_id", String(300)),
    of_trial("kind", String(20)),
    of_trial("received_at", TrialTime),
    of_words("sealed", LargeBinary, nullable=True),
    UniqueConstraint("trial_id", "message_id"),
)

deviation = Table(
    "deviation",
    metadata,
    row_id(),
    trial_id(),
    participant_id(nullable=True),
    of_trial("kind", String(40)),
    of_trial("important", Boolean),
    of_trial("happened_on", Date),
    of_trial("description", String(2000)),
    of_trial("recorded_at", TrialTime),
    operational("by", String(80)),
)

note = Table(
    "note",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    of_trial("written_at", TrialTime),
    operational("by", String(80)),
)
Index("ix_note_participant_id", note.c.participant_id)

# -- who is called, and mails to the team ----------------------------------------------------------------------------

duty = Table(
    "duty",
    metadata,
    row_id(),
    trial_id(),
    operational("member_id", Integer, ForeignKey("member.id")),
    operational("place", Integer),
    operational("from_at", TrialTime),
    operational("until_at", TrialTime, nullable=True),
)

call = Table(
    "call",
    metadata,
    row_id(),
    trial_id(),
    operational("purpose", String(20)),
    operational("matter_id", Integer, ForeignKey("matter.id"), nullable=True),
    operational("member_id", Integer, ForeignKey("member.id"), nullable=True),
    operational("invitation_id", Integer, ForeignKey("invitation.id"), nullable=True),
    operational("step", Integer, server_default="0"),
    operational("due_at", TrialTime),
    operational("state", String(20), server_default="planned"),
    operational("attempt", Integer, server_default="0"),
    operational("owner", String(60), nullable=True),
    operational("lease_until", MachineTime, nullable=True),
    operational("retry_from", MachineTime, nullable=True),
    operational("reply", String(500), nullable=True),
    operational("ended_at", TrialTime, nullable=True),
    UniqueConstraint("matter_id", "purpose", "step"),
)
IS_WAITING_CALL = text("state in ('planned', 'claimed', 'retry')")
Index("ix_call_waiting", call.c.due_at, sqlite_where=IS_WAITING_CALL, postgresql_where=IS_WAITING_CALL)
Index("ix_call_invitation_id", call.c.invitation_id)

# -- acts of two people, incentives, evidence ------------------------------------------------------------------------

two_person_act = Table(
    "two_person_act",
    metadata,
    row_id(),
    trial_id(),
    participant_id(nullable=True),
    operational("kind", String(30)),
    of_trial("reason", String(500)),
    operational("asked_by", String(80)),
    operational("asked_at", TrialTime),
    operational("decided_by", String(80), nullable=True),
    operational("decided_at", TrialTime, nullable=True),
    operational("decision", String(20), nullable=True),
    operational("solo", Boolean, server_default=false()),
)

voucher = Table(
    "voucher",
    metadata,
    row_id(),
    trial_id(),
    participant_id(nullable=True),
    operational("incentive", String(40)),
    of_trial("sealed", LargeBinary),
    operational("blind_index", LargeBinary),
    operational("uploaded_at", TrialTime),
    operational("given_at", TrialTime, nullable=True),
    UniqueConstraint("trial_id", "blind_index"),
)

earning = Table(
    "earning",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    operational("incentive", String(40)),
    of_allocation("about", String(80)),
    of_trial("earned_at", TrialTime),
    operational("state", String(20), server_default="earned"),
    operational("voucher_id", Integer, ForeignKey("voucher.id"), nullable=True, unique=True),
    of_trial("reason", String(300), nullable=True),
    operational("by", String(80), nullable=True),
    operational("payee_at", TrialTime, nullable=True),
    of_trial("given_at", TrialTime, nullable=True),
    operational("forget_at", TrialTime, nullable=True),
    operational("explained_at", TrialTime, nullable=True),
    UniqueConstraint("participant_id", "incentive", "about"),
)

IS_EARNED, IS_FREE = text("earning.state = 'earned'"), text("voucher.given_at is null")
Index(
    "ix_earning_earned",
    earning.c.earned_at,
    sqlite_where=text("state = 'earned'"),
    postgresql_where=text("state = 'earned'"),
)
Index(
    "ix_voucher_free",
    voucher.c.trial_id,
    voucher.c.incentive,
    sqlite_where=text("given_at is null"),
    postgresql_where=text("given_at is null"),
)
Index("ix_earning_trial_id", earning.c.trial_id)
IS_TO_FORGET = text("forget_at is not null")
Index("ix_earning_to_forget", earning.c.forget_at, sqlite_where=IS_TO_FORGET, postgresql_where=IS_TO_FORGET)

evidence = Table(
    "evidence",
    metadata,
    row_id(),
    trial_id(),
    operational("line", String(40)),
    operational("digest", String(64)),
    operational("detail", Json),
    operational("at", TrialTime),
    operational("by", String(80)),
)
