"""What people ask for (drafts, wishes, codes), and what asks for a person (reports, alerts, held enrolments)."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from trial.core.participant import StageState
from trial.storage.columns import (
    Json,
    metadata,
    of_allocation,
    of_trial,
    one_of,
    operational,
    participant_id,
    row_id,
    trial_id,
)
from trial.storage.types import TrialTime

adverse_event = Table(
    "adverse_event",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    of_trial("occasion_id", Integer, ForeignKey("occasion.id"), nullable=True),
    of_trial("state", String(20)),
    of_trial("reported_at", TrialTime),
    of_trial("wish", String(20), nullable=True),
    of_trial("wants_contact", Boolean, server_default=false()),
    operational("submission", String(64)),
    UniqueConstraint("participant_id", "submission"),
)

draft = Table(
    "draft",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    operational("occasion_id", Integer, ForeignKey("occasion.id"), unique=True),
    of_trial("opened_at", TrialTime),
    of_trial("saved_at", TrialTime),
    operational("goes_at", TrialTime, index=True),
    of_trial("place", Integer, server_default="0"),
    of_trial("active_seconds", Integer, server_default="0"),
    of_trial("pages", Json, nullable=True),
)

muted = Table(
    "muted",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    of_allocation("activity", String(40)),
    of_trial("muted_at", TrialTime),
    UniqueConstraint("participant_id", "activity"),
)

flag = Table(
    "flag",
    metadata,
    row_id(),
    trial_id(),
    operational("screening_id", Integer, ForeignKey("screening.id"), nullable=True),
    participant_id(nullable=True),
    of_trial("signal", String(40)),
    of_trial("detail", Json),
    of_trial("raised_at", TrialTime),
)
Index("ix_flag_participant_id", flag.c.participant_id)
Index("ix_flag_screening_id", flag.c.screening_id)

review = Table(
    "review",
    metadata,
    row_id(),
    trial_id(),
    participant_id(unique=True),
    of_trial("decision", String(20)),
    of_trial("reason", String(300)),
    operational("by", String(80)),
    of_trial("decided_at", TrialTime),
    CheckConstraint("decision in ('released', 'refused')", name="decision"),
)

alert = Table(
    "alert",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    operational("answer_sheet_id", Integer, ForeignKey("answer_sheet.id")),
    of_trial("rule", String(90)),
    of_trial("tier", String(20)),
    of_trial("state", String(20), server_default="open"),
    of_trial("raised_at", TrialTime),
    UniqueConstraint("answer_sheet_id", "rule"),
    CheckConstraint("tier in ('resources', 'alert')", name="tier"),
)
Index("ix_alert_participant_id", alert.c.participant_id)

fresh_code = Table(
    "fresh_code",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    operational("purpose", String(20)),
    operational("generation", Integer),
    operational("tries", Integer),
    operational("expires_at", TrialTime),
    UniqueConstraint("participant_id", "purpose"),
)

wish = Table(
    "wish",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    of_trial("kind", String(20)),
    of_trial("asked_at", TrialTime),
    of_trial("takes_effect_at", TrialTime),
    of_trial("undone_at", TrialTime, nullable=True),
    of_trial("done_at", TrialTime, nullable=True),
    CheckConstraint("kind in ('withdraw_data', 'erase', 'forget_address', 'forget_proof')", name="kind"),
)
IS_WAITING_WISH = text("undone_at is null and done_at is null")
Index("ix_wish_waiting", wish.c.takes_effect_at, sqlite_where=IS_WAITING_WISH, postgresql_where=IS_WAITING_WISH)

# who may be allocated once more at a further stage, from the allocation before it on
stage_entry = Table(
    "stage_entry",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    of_allocation("stage", String(40)),
    operational("due_at", TrialTime),
    of_allocation("state", String(20), server_default="waiting"),
    of_allocation("decided_at", TrialTime, nullable=True),
    UniqueConstraint("participant_id", "stage"),
    one_of("state", StageState),
)
IS_WAITING_STAGE = text("state = 'waiting'")
Index("ix_stage_entry_waiting", stage_entry.c.due_at, sqlite_where=IS_WAITING_STAGE, postgresql_where=IS_WAITING_STAGE)
Index("ix_stage_entry_trial_id", stage_entry.c.trial_id)
