"""Every table. Each column names its privacy class; the trial's id stands on every row that belongs to one.

The vault (own schema on PostgreSQL, own tables on SQLite) alone holds identities and free text, encrypted. What people
ask for, and what asks for a person, is in `tables_people.py`; the ledger of mails in `tables_delivery.py`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
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

from trial.core.participant import ParticipantState
from trial.core.trial import TrialKind, TrialState
from trial.storage import tables_delivery, tables_design, tables_desk, tables_people
from trial.storage.columns import (
    VAULT,
    Json,
    identifying,
    of_allocation,
    of_trial,
    one_of,
    operational,
    participant_id,
    row_id,
    trial_id,
)
from trial.storage.types import TrialTime

# asked for here, so that it holds every table
metadata = tables_people.draft.metadata
assert {one.metadata for one in (tables_delivery.delivery, tables_desk.matter, tables_design.design_amendment)} == {
    metadata
}
APPEND_ONLY = (
    "event",
    "allocation",
    "answer_sheet",
    "consent",
    "protocol_version",
    "flag",
    "review",
    "matter_act",
    "adverse_event_assessment",
    "deviation",
    "evidence",
    "design_amendment",
    "enrolment_error",
    "cluster_allocation",
    "seed_part",
)

clock = Table(
    "clock",
    metadata,
    operational("id", Integer, primary_key=True),
    operational("instant", TrialTime, nullable=True),
    CheckConstraint("id = 1", name="single"),
)

trial = Table(
    "trial",
    metadata,
    row_id(),
    operational("slug", String(60), unique=True),
    operational("kind", String(20)),
    operational("state", String(20)),
    operational("resume_to", String(20), nullable=True),
    operational("target", Integer),
    operational("base_url", String(300)),
    operational("code_key", LargeBinary),
    operational("opened_at", TrialTime),
    # of a test trial that stands beside another: that one's id
    operational("beside", Integer, nullable=True),
    one_of("kind", TrialKind),
    one_of("state", TrialState),
)

protocol_version = Table(
    "protocol_version",
    metadata,
    row_id(),
    trial_id(),
    operational("name", String(60)),
    operational("version", String(20)),
    operational("schema_version", Integer),
    operational("digest", String(64)),
    operational("files", Json),
    operational("registered_at", TrialTime),
    UniqueConstraint("trial_id", "digest"),
)

seal = Table(
    "seal",
    metadata,
    operational("trial_id", Integer, ForeignKey("trial.id"), primary_key=True),
    of_allocation("sealed_seed", LargeBinary),
    of_allocation("salt", LargeBinary),
    operational("digest", String(64)),
    operational("rule_version", String(60)),
    operational("published_at", TrialTime),
)

member = Table(
    "member",
    metadata,
    row_id(),
    operational("name", String(200), unique=True),
    operational("address", String(320), nullable=True, unique=True),
    operational("added_at", TrialTime),
)

member_role = Table(
    "member_role",
    metadata,
    row_id(),
    trial_id(),
    operational("member_id", Integer, ForeignKey("member.id")),
    operational("role", String(40)),
    operational("granted_at", TrialTime),
    operational("ended_at", TrialTime, nullable=True),
)
# a role that ended may be given again; each time is a row
IS_HELD = text("ended_at is null")
Index(
    "ix_member_role_held",
    member_role.c.trial_id,
    member_role.c.member_id,
    member_role.c.role,
    unique=True,
    sqlite_where=IS_HELD,
    postgresql_where=IS_HELD,
)

screening = Table(
    "screening",
    metadata,
    row_id(),
    trial_id(),
    of_trial("screened_at", TrialTime),
    of_trial("eligible", Boolean),
    of_trial("reason", String(40), nullable=True),
    of_trial("source", String(40)),
    of_trial("answers", Json, nullable=True),
    operational("submission", String(64)),
    participant_id(nullable=True),
    UniqueConstraint("trial_id", "submission"),
    CheckConstraint("eligible or answers is null", name="no_answers_of_the_ineligible"),
)

participant = Table(
    "participant",
    metadata,
    row_id(),
    trial_id(),
    operational("number", Integer),
    operational("code", String(20)),
    operational("protocol_id", Integer, ForeignKey("protocol_version.id")),
    of_trial("state", String(30)),
    of_trial("language", String(10)),
    of_trial("zone", String(64)),
    of_trial("source", String(40)),
    of_trial("created_at", TrialTime),
    of_trial("randomized_at", TrialTime, nullable=True),
    of_trial("stopped", String(20), nullable=True),
    of_trial("stopped_at", TrialTime, nullable=True),
    of_trial("stop_reason", String(20), nullable=True),
    of_trial("bounced_at", TrialTime, nullable=True),
    of_trial("country", String(2), nullable=True),
    of_trial("chosen_hour", String(5), nullable=True),
    of_trial("fewer_reminders", Boolean, server_default=false()),
    of_trial("paused_until", TrialTime, nullable=True),
    of_trial("held_at", TrialTime, nullable=True),
    of_trial("data_withdrawn_at", TrialTime, nullable=True),
    of_trial("erased_at", TrialTime, nullable=True),
    of_trial("suspended_at", TrialTime, nullable=True),
    operational("code_generation", Integer),
    operational("code_tries", Integer),
    operational("code_expires_at", TrialTime),
    UniqueConstraint("trial_id", "number"),
    UniqueConstraint("trial_id", "code"),
    one_of("state", ParticipantState),
)

consent = Table(
    "consent",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    of_trial("version", String(60)),
    of_trial("statements", Json),
    of_trial("signed_at", TrialTime),
    of_trial("data_sharing", Boolean, nullable=True),
    of_trial("comprehension", Json, nullable=True),
    UniqueConstraint("participant_id", "version"),
)

allocation_state = Table(
    "allocation_state",
    metadata,
    operational("trial_id", Integer, ForeignKey("trial.id"), primary_key=True),
    of_allocation("stage", String(40), primary_key=True),
    of_allocation("stratum", String(200), primary_key=True),
    of_allocation("number", Integer),
    operational("epoch", Integer, server_default="1"),
    operational("configuration", String(64), nullable=True),
    of_allocation("state", Json),
)

# an outside statistician's list: each arm is sealed apart, in one length, and opened when its turn comes
allocation_list = Table(
    "allocation_list",
    metadata,
    operational("trial_id", Integer, ForeignKey("trial.id"), primary_key=True),
    of_allocation("stage", String(40), primary_key=True),
    of_allocation("stratum", String(200), primary_key=True),
    of_allocation("number", Integer, primary_key=True),
    of_allocation("sealed_arm", LargeBinary),
)

allocation = Table(
    "allocation",
    metadata,
    row_id(),
    trial_id(),
    of_allocation("stage", String(40)),
    participant_id(),
    of_allocation("sequence", Integer),
    of_allocation("stratum", String(200)),
    of_allocation("number", Integer),
    of_allocation("arm", String(40)),
    of_allocation("record", Json),
    of_allocation("allocated_at", TrialTime),
    UniqueConstraint("trial_id", "stage", "participant_id"),
    UniqueConstraint("trial_id", "stage", "stratum", "number"),
    UniqueConstraint("trial_id", "stage", "sequence"),
)

# where the unit is the cluster: each once, when its first person is ready; its people have rows of their own above
cluster_allocation = Table(
    "cluster_allocation",
    metadata,
    row_id(),
    trial_id(),
    of_allocation("cluster", String(200)),
    of_allocation("sequence", Integer),
    of_allocation("stratum", String(200)),
    of_allocation("number", Integer),
    of_allocation("arm", String(40)),
    of_allocation("record", Json),
    of_allocation("allocated_at", TrialTime),
    UniqueConstraint("trial_id", "cluster"),
    UniqueConstraint("trial_id", "stratum", "number"),
    UniqueConstraint("trial_id", "sequence"),
)

occasion = Table(
    "occasion",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    of_trial("timepoint", String(40)),
    of_trial("occurrence", Integer),
    of_allocation("activity", String(40)),
    of_trial("opens_at", TrialTime),
    of_trial("closes_at", TrialTime),
    of_trial("done_at", TrialTime, nullable=True),
    of_trial("passed_over_at", TrialTime, nullable=True),
    UniqueConstraint("participant_id", "timepoint", "occurrence", "activity"),
)

answer_sheet = Table(
    "answer_sheet",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    operational("occasion_id", Integer, ForeignKey("occasion.id")),
    of_allocation("activity", String(40)),
    operational("protocol_digest", String(64)),
    operational("submission", String(64)),
    of_trial("answers", Json),
    of_trial("length", Integer, nullable=True),
    of_trial("opened_at", TrialTime, nullable=True),
    of_trial("submitted_at", TrialTime),
    of_trial("active_seconds", Integer, nullable=True),
    of_trial("pages", Json, nullable=True),
    of_trial("short_path", Boolean, server_default=false()),
    operational("by", String(80)),
    operational("corrects", Integer, ForeignKey("answer_sheet.id"), nullable=True),
    operational("reason", String(200), nullable=True),
    UniqueConstraint("participant_id", "submission"),
)
Index(
    "uq_answer_sheet_first",
    answer_sheet.c.occasion_id,
    unique=True,
    sqlite_where=answer_sheet.c.corrects.is_(None),
    postgresql_where=answer_sheet.c.corrects.is_(None),
)

event = Table(
    "event",
    metadata,
    row_id(),
    trial_id(),
    operational("at", TrialTime),
    operational("by", String(80)),
    operational("event", String(40)),
    participant_id(nullable=True),
    operational("screening_id", Integer, ForeignKey("screening.id"), nullable=True),
    of_trial("detail", Json),
)
Index("ix_event_trial_id_id", event.c.trial_id, event.c.id)
Index("ix_event_participant_id", event.c.participant_id)

identity = Table(
    "identity",
    metadata,
    identifying("participant_id", Integer, ForeignKey("participant.id"), primary_key=True),
    identifying("trial_id", Integer, ForeignKey("trial.id")),
    identifying("blind_index", LargeBinary),
    identifying("wrapped_key", LargeBinary, nullable=True),
    identifying("wrapped_answers_key", LargeBinary, nullable=True),
    identifying("address", LargeBinary, nullable=True),
    UniqueConstraint("trial_id", "blind_index"),
    schema=VAULT,
)

words = Table(
    "words",
    metadata,
    identifying("id", Integer, primary_key=True),
    identifying("trial_id", Integer, ForeignKey("trial.id")),
    identifying("participant_id", Integer, ForeignKey("participant.id")),
    identifying("kind", String(20)),
    identifying("about", String(80)),
    identifying("sealed", LargeBinary),
    UniqueConstraint("participant_id", "kind", "about"),
    schema=VAULT,
)

Index("ix_occasion_participant_id", occasion.c.participant_id)
Index("ix_screening_trial_id", screening.c.trial_id)
