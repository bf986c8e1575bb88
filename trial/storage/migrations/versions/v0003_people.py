"""What people may ask for and what asks for a person; a consent for each version; held enrolments."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from trial.storage.migrations.versions.v0002_guards import KEEPER, RESEARCH, _blinded, _grant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
STATES = "'address_given', 'confirmed', 'declined', 'consented', 'held', 'refused', 'recruitment_closed', 'randomized'"
NEW = ("draft", "muted", "flag", "review", "alert", "fresh_code", "wish")
# append-only among them
GUARDED = ("flag", "review")
WAITING = sa.text("undone_at is null and done_at is null")
SECRET_COLUMNS = {"muted": ("activity",)}


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    _columns()
    # a key of its own for what a person answered and wrote: it can go while the address is still needed
    op.add_column(
        "identity",
        sa.Column("wrapped_answers_key", sa.LargeBinary(), nullable=True),
        schema="vault" if on_postgresql else None,
    )
    _tables()
    if on_postgresql:
        op.drop_constraint(op.f("ck_participant_state"), "participant", type_="check")
        op.create_check_constraint(op.f("ck_participant_state"), "participant", f"state in ({STATES})")
        op.drop_constraint(op.f("uq_consent_participant_id"), "consent", type_="unique")
        op.create_unique_constraint(op.f("uq_consent_participant_id_version"), "consent", ["participant_id", "version"])
        for table in GUARDED:
            op.execute(
                f"create trigger {table}_append_only before update or delete or truncate on {table} "
                "for each statement execute function refuse_change()"
            )
        _grant(KEEPER, "select on all tables in schema public")
        for what in _blinded(SECRET_COLUMNS):
            _grant(RESEARCH, what)
        return
    with op.batch_alter_table("participant", recreate="always") as batch:
        batch.create_check_constraint(op.f("ck_participant_state"), f"state in ({STATES})")
    with op.batch_alter_table("consent", recreate="always") as batch:
        batch.drop_constraint(op.f("uq_consent_participant_id"), type_="unique")
        batch.create_unique_constraint(op.f("uq_consent_participant_id_version"), ["participant_id", "version"])
    for table in ("consent", *GUARDED):  # a table that is made anew has lost its triggers
        for act in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{act} before {act} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )


def _columns() -> None:
    no = sa.false()
    added: dict[str, list[sa.Column[Any]]] = {
        "participant": [
            sa.Column("country", sa.String(2), nullable=True),
            sa.Column("chosen_hour", sa.String(5), nullable=True),
            sa.Column("fewer_reminders", sa.Boolean(), server_default=no, nullable=False),
            sa.Column("paused_until", TIME, nullable=True),
            sa.Column("held_at", TIME, nullable=True),
            sa.Column("data_withdrawn_at", TIME, nullable=True),
            sa.Column("erased_at", TIME, nullable=True),
        ],
        "consent": [
            sa.Column("data_sharing", sa.Boolean(), nullable=True),
            sa.Column("comprehension", JSON, nullable=True),
        ],
        "occasion": [sa.Column("passed_over_at", TIME, nullable=True)],
        "answer_sheet": [
            sa.Column("active_seconds", sa.Integer(), nullable=True),
            sa.Column("pages", JSON, nullable=True),
            sa.Column("short_path", sa.Boolean(), server_default=no, nullable=False),
        ],
        "adverse_event": [
            sa.Column("wish", sa.String(20), nullable=True),
            sa.Column("wants_contact", sa.Boolean(), server_default=no, nullable=False),
        ],
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, column)


def _tables() -> None:
    op.create_table(
        "draft",
        *_of_a_person("draft"),
        sa.Column("occasion_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.Column("goes_at", TIME, nullable=False),
        sa.Column("place", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pages", JSON, nullable=True),
        _refers("draft", "occasion_id", "occasion"),
        sa.UniqueConstraint("occasion_id", name=op.f("uq_draft_occasion_id")),
    )
    op.create_index(op.f("ix_draft_goes_at"), "draft", ["goes_at"])
    op.create_table(
        "muted",
        *_of_a_person("muted"),
        sa.Column("activity", sa.String(40), nullable=False),
        sa.Column("muted_at", TIME, nullable=False),
        sa.UniqueConstraint("participant_id", "activity", name=op.f("uq_muted_participant_id_activity")),
    )
    op.create_table(
        "flag",
        *_of_a_person("flag", nullable=True),
        sa.Column("screening_id", sa.Integer(), nullable=True),
        sa.Column("signal", sa.String(40), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("raised_at", TIME, nullable=False),
        _refers("flag", "screening_id", "screening"),
    )
    op.create_index(op.f("ix_flag_participant_id"), "flag", ["participant_id"])
    op.create_index(op.f("ix_event_participant_id"), "event", ["participant_id"])
    op.create_index(op.f("ix_flag_screening_id"), "flag", ["screening_id"])
    op.create_table(
        "review",
        *_of_a_person("review"),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.UniqueConstraint("participant_id", name=op.f("uq_review_participant_id")),
        sa.CheckConstraint("decision in ('released', 'refused')", name=op.f("ck_review_decision")),
    )
    op.create_table(
        "alert",
        *_of_a_person("alert"),
        sa.Column("answer_sheet_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(90), nullable=False),
        sa.Column("tier", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), server_default="open", nullable=False),
        sa.Column("raised_at", TIME, nullable=False),
        _refers("alert", "answer_sheet_id", "answer_sheet"),
        sa.UniqueConstraint("answer_sheet_id", "rule", name=op.f("uq_alert_answer_sheet_id_rule")),
        sa.CheckConstraint("tier in ('resources', 'alert')", name=op.f("ck_alert_tier")),
    )
    op.create_index(op.f("ix_alert_participant_id"), "alert", ["participant_id"])
    op.create_table(
        "fresh_code",
        *_of_a_person("fresh_code"),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.UniqueConstraint("participant_id", "purpose", name=op.f("uq_fresh_code_participant_id_purpose")),
    )
    op.create_table(
        "wish",
        *_of_a_person("wish"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("takes_effect_at", TIME, nullable=False),
        sa.Column("undone_at", TIME, nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.CheckConstraint(
            "kind in ('withdraw_data', 'erase', 'forget_address', 'forget_proof')", name=op.f("ck_wish_kind")
        ),
    )
    op.create_index("ix_wish_waiting", "wish", ["takes_effect_at"], sqlite_where=WAITING, postgresql_where=WAITING)


def _of_a_person(table: str, *, nullable: bool = False) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=nullable),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _refers(table, "trial_id", "trial"),
        _refers(table, "participant_id", "participant"),
    ]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
