"""Amendments of the design with the digest that was published of each; enrolments in error; clusters; stages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from trial.storage.migrations.versions.v0002_guards import KEEPER, _grant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
# what is decided once is only ever added to
GUARDED = ("design_amendment", "enrolment_error", "cluster_allocation", "seed_part")


STATES = ("waiting", "allocated", "did_not_fit", "unanswered", "stopped")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    _design_amendments()
    _enrolment_errors()
    _clusters()
    _stage_entries()
    _seed_parts()
    _list_warnings()
    _guard()


def _design_amendments() -> None:
    op.create_table(
        "design_amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("protocol_id", sa.Integer(), nullable=False),
        sa.Column("configuration", sa.String(64), nullable=False),
        sa.Column("rule_version", sa.String(40), nullable=False),
        sa.Column("allocated_before", sa.Integer(), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["protocol_id"], ["protocol_version.id"], name=op.f("fk_design_amendment_protocol_id")),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_design_amendment_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_amendment")),
        sa.UniqueConstraint("trial_id", "protocol_id", name=op.f("uq_design_amendment_trial_id_protocol_id")),
    )


def _enrolment_errors() -> None:
    op.create_table(
        "enrolment_error",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_enrolment_error_participant_id")),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_enrolment_error_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_error")),
    )
    op.create_index("ix_enrolment_error_participant_id", "enrolment_error", ["participant_id"])
    op.create_index("ix_enrolment_error_trial_id", "enrolment_error", ["trial_id"])


def _list_warnings() -> None:
    op.create_table(
        "list_warning",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("stratum", sa.String(200), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("warned_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_list_warning_trial_id")),
        sa.PrimaryKeyConstraint("trial_id", "stage", "stratum", "what", name=op.f("pk_list_warning")),
    )


def _clusters() -> None:
    op.create_table(
        "cluster_allocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.String(200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(40), nullable=False),
        sa.Column("record", JSON, nullable=False),
        sa.Column("allocated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_cluster_allocation_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_allocation")),
        sa.UniqueConstraint("trial_id", "cluster", name=op.f("uq_cluster_allocation_trial_id_cluster")),
        sa.UniqueConstraint(
            "trial_id", "stratum", "number", name=op.f("uq_cluster_allocation_trial_id_stratum_number")
        ),
        sa.UniqueConstraint("trial_id", "sequence", name=op.f("uq_cluster_allocation_trial_id_sequence")),
    )


def _stage_entries() -> None:
    op.create_table(
        "stage_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("state", sa.String(20), server_default="waiting", nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.CheckConstraint(f"state in {STATES}", name=op.f("ck_stage_entry_state")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_stage_entry_participant_id")),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_stage_entry_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_entry")),
        sa.UniqueConstraint("participant_id", "stage", name=op.f("uq_stage_entry_participant_id_stage")),
    )
    op.create_index("ix_stage_entry_waiting", "stage_entry", ["due_at"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_stage_entry_trial_id", "stage_entry", ["trial_id"])


def _seed_parts() -> None:
    op.create_table(
        "seed_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("given_by", sa.String(200), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_seed_part_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seed_part")),
        sa.UniqueConstraint("trial_id", "part", name=op.f("uq_seed_part_trial_id_part")),
    )


def _guard() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in GUARDED:
        if on_postgresql:
            op.execute(
                f"create trigger {table}_append_only before update or delete or truncate on {table} "
                "for each statement execute function refuse_change()"
            )
        for act in () if on_postgresql else ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{act} before {act} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )
    if on_postgresql:
        _grant(KEEPER, "select on all tables in schema public")
