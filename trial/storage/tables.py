"""Every table. Each column names its privacy class; the trial's id stands on every row that belongs to one.

The vault (own schema on PostgreSQL, own tables on SQLite) alone holds identities and free text, encrypted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from trial.core.access import Privacy
from trial.core.delivery import IN_HAND, WAITING, ContactState
from trial.core.participant import ParticipantState
from trial.core.trial import TrialKind, TrialState
from trial.storage.types import MachineTime, TrialTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)
VAULT = "vault"
APPEND_ONLY = ("event", "allocation", "answer_sheet", "consent", "protocol_version")

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _column(privacy: Privacy) -> Callable[..., Column[Any]]:
    def column(name: str, kind: Any, *rest: Any, **options: Any) -> Column[Any]:
        options.setdefault("nullable", False)
        return Column(name, kind, *rest, info={"privacy": privacy}, **options)

    return column


identifying = _column(Privacy.IDENTIFYING)
of_trial = _column(Privacy.TRIAL)
of_allocation = _column(Privacy.ALLOCATION)
operational = _column(Privacy.OPERATIONAL)


def _id() -> Column[int]:
    return operational("id", Integer, primary_key=True)


def _trial_id() -> Column[int]:
    return operational("trial_id", Integer, ForeignKey("trial.id"))


def _participant_id(**options: Any) -> Column[int]:
    return operational("participant_id", Integer, ForeignKey("participant.id"), **options)


def _one_of(column: str, values: Any) -> CheckConstraint:
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=column)


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
    _id(),
    operational("slug", String(60), unique=True),
    operational("kind", String(20)),
    operational("state", String(20)),
    operational("resume_to", String(20), nullable=True),
    operational("target", Integer),
    operational("base_url", String(300)),
    operational("code_key", LargeBinary),
    operational("opened_at", TrialTime),
    _one_of("kind", TrialKind),
    _one_of("state", TrialState),
)

protocol_version = Table(
    "protocol_version",
    metadata,
    _id(),
    _trial_id(),
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
    _id(),
    operational("name", String(200), unique=True),
    operational("added_at", TrialTime),
)

member_role = Table(
    "member_role",
    metadata,
    _id(),
    _trial_id(),
    operational("member_id", Integer, ForeignKey("member.id")),
    operational("role", String(40)),
    operational("granted_at", TrialTime),
    operational("ended_at", TrialTime, nullable=True),
    UniqueConstraint("trial_id", "member_id", "role"),
)

screening = Table(
    "screening",
    metadata,
    _id(),
    _trial_id(),
    of_trial("screened_at", TrialTime),
    of_trial("eligible", Boolean),
    of_trial("reason", String(40), nullable=True),
    of_trial("source", String(40)),
    of_trial("answers", Json, nullable=True),
    operational("submission", String(64)),
    _participant_id(nullable=True),
    UniqueConstraint("trial_id", "submission"),
    CheckConstraint("eligible or answers is null", name="no_answers_of_the_ineligible"),
)

participant = Table(
    "participant",
    metadata,
    _id(),
    _trial_id(),
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
    operational("code_generation", Integer),
    operational("code_tries", Integer),
    operational("code_expires_at", TrialTime),
    UniqueConstraint("trial_id", "number"),
    UniqueConstraint("trial_id", "code"),
    _one_of("state", ParticipantState),
)

consent = Table(
    "consent",
    metadata,
    _id(),
    _trial_id(),
    _participant_id(unique=True),
    of_trial("version", String(60)),
    of_trial("statements", Json),
    of_trial("signed_at", TrialTime),
)

allocation_state = Table(
    "allocation_state",
    metadata,
    operational("trial_id", Integer, ForeignKey("trial.id"), primary_key=True),
    of_allocation("stage", String(40), primary_key=True),
    of_allocation("stratum", String(200), primary_key=True),
    of_allocation("number", Integer),
    of_allocation("block", Integer),
    of_allocation("remaining", Json),
)

allocation = Table(
    "allocation",
    metadata,
    _id(),
    _trial_id(),
    of_allocation("stage", String(40)),
    _participant_id(),
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

occasion = Table(
    "occasion",
    metadata,
    _id(),
    _trial_id(),
    _participant_id(),
    of_trial("timepoint", String(40)),
    of_trial("occurrence", Integer),
    of_allocation("activity", String(40)),
    of_trial("opens_at", TrialTime),
    of_trial("closes_at", TrialTime),
    of_trial("done_at", TrialTime, nullable=True),
    UniqueConstraint("participant_id", "timepoint", "occurrence", "activity"),
)

delivery = Table(
    "delivery",
    metadata,
    _id(),
    _trial_id(),
    _participant_id(),
    operational("message", String(40)),
    operational("stream", String(20)),
    operational("timepoint", String(40)),
    operational("occurrence", Integer),
    operational("reminder", Integer),
    operational("occasion_id", Integer, ForeignKey("occasion.id"), nullable=True),
    operational("local_rule", String(200)),
    operational("due_at", TrialTime),
    operational("not_after", TrialTime),
    operational("state", String(20)),
    operational("reason", String(60), nullable=True),
    operational("attempt", Integer, server_default="0"),
    operational("owner", String(60), nullable=True),
    operational("lease_until", MachineTime, nullable=True),
    operational("retry_from", MachineTime, nullable=True),
    operational("generation", Integer, server_default="1"),
    operational("token_hash", String(64), nullable=True, unique=True),
    operational("message_id", String(200), nullable=True),
    operational("reply", Text, nullable=True),
    operational("ended_at", TrialTime, nullable=True),
    UniqueConstraint("participant_id", "message", "timepoint", "occurrence", "reminder"),
    _one_of("state", ContactState),
)


# written out, not bound: only a query that says the same words is sure to use the partial index
def _among(states: Sequence[ContactState]) -> TextClause:
    return text(f"state in ({', '.join(repr(state.value) for state in states)})")


IS_WAITING = _among(WAITING)
IS_IN_HAND = _among(IN_HAND)
Index("ix_delivery_waiting", delivery.c.due_at, sqlite_where=IS_WAITING, postgresql_where=IS_WAITING)
Index("ix_delivery_in_hand", delivery.c.lease_until, sqlite_where=IS_IN_HAND, postgresql_where=IS_IN_HAND)

answer_sheet = Table(
    "answer_sheet",
    metadata,
    _id(),
    _trial_id(),
    _participant_id(),
    operational("occasion_id", Integer, ForeignKey("occasion.id")),
    of_allocation("activity", String(40)),
    operational("protocol_digest", String(64)),
    operational("submission", String(64)),
    of_trial("answers", Json),
    of_trial("length", Integer, nullable=True),
    of_trial("opened_at", TrialTime, nullable=True),
    of_trial("submitted_at", TrialTime),
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

adverse_event = Table(
    "adverse_event",
    metadata,
    _id(),
    _trial_id(),
    _participant_id(),
    of_trial("occasion_id", Integer, ForeignKey("occasion.id"), nullable=True),
    of_trial("state", String(20)),
    of_trial("reported_at", TrialTime),
    operational("submission", String(64)),
    UniqueConstraint("participant_id", "submission"),
)

event = Table(
    "event",
    metadata,
    _id(),
    _trial_id(),
    operational("at", TrialTime),
    operational("by", String(80)),
    operational("event", String(40)),
    _participant_id(nullable=True),
    operational("screening_id", Integer, ForeignKey("screening.id"), nullable=True),
    of_trial("detail", Json),
)
Index("ix_event_trial_id_id", event.c.trial_id, event.c.id)

identity = Table(
    "identity",
    metadata,
    identifying("participant_id", Integer, ForeignKey("participant.id"), primary_key=True),
    identifying("trial_id", Integer, ForeignKey("trial.id")),
    identifying("blind_index", LargeBinary),
    identifying("wrapped_key", LargeBinary, nullable=True),
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
