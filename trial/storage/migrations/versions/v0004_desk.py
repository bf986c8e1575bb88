"""The team signs in, is called, and keeps its lists; acts of two people, incentives, evidence that a trial may open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from trial.storage.migrations.versions.v0002_guards import KEEPER, RESEARCH, _blinded, _grant
from trial.storage.migrations.versions.v0003_people import SECRET_COLUMNS as BEFORE

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
STATES = "'preparing', 'open', 'paused', 'closed', 'locked', 'frozen'"
OPEN_MATTER = sa.text("state <> 'closed'")
HAS_CAUSE = sa.text("state <> 'closed' and cause is not null")
WAITING_CALL = sa.text("state in ('planned', 'claimed', 'retry')")
GUARDED = ("matter_act", "adverse_event_assessment", "deviation", "evidence")
SECRET_TABLES = ("member_secret", "member_session")
SECRET_COLUMNS = {**BEFORE, "invitation": ("token",), "earning": ("about",)}


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    _team()
    _matters()
    _acts()
    _what_waits_already()
    op.add_column("participant", sa.Column("suspended_at", TIME, nullable=True))
    if on_postgresql:
        op.add_column("member", sa.Column("address", sa.String(320), nullable=True))
        op.create_unique_constraint(op.f("uq_member_address"), "member", ["address"])
        op.drop_constraint(op.f("uq_member_role_trial_id_member_id_role"), "member_role", type_="unique")
        _roles_held()
        op.drop_constraint(op.f("ck_trial_state"), "trial", type_="check")
        op.create_check_constraint(op.f("ck_trial_state"), "trial", f"state in ({STATES})")
        for table in GUARDED:
            op.execute(
                f"create trigger {table}_append_only before update or delete or truncate on {table} "
                "for each statement execute function refuse_change()"
            )
        _grant(KEEPER, "select on all tables in schema public")
        for what in _blinded(SECRET_COLUMNS):
            if not what.endswith(tuple(f'on "{table}"' for table in SECRET_TABLES)):
                _grant(RESEARCH, what)
        return
    with op.batch_alter_table("member", recreate="always") as batch:
        batch.add_column(sa.Column("address", sa.String(320), nullable=True))
        batch.create_unique_constraint(op.f("uq_member_address"), ["address"])
    with op.batch_alter_table("member_role", recreate="always") as batch:
        batch.drop_constraint(op.f("uq_member_role_trial_id_member_id_role"), type_="unique")
    _roles_held()
    with op.batch_alter_table("trial", recreate="always") as batch:
        batch.drop_constraint(op.f("ck_trial_state"), type_="check")
        batch.create_check_constraint(op.f("ck_trial_state"), f"state in ({STATES})")
    for table in GUARDED:
        for act in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{act} before {act} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )


def _roles_held() -> None:
    held = sa.text("ended_at is null")
    op.create_index(
        "ix_member_role_held",
        "member_role",
        ["trial_id", "member_id", "role"],
        unique=True,
        sqlite_where=held,
        postgresql_where=held,
    )


def _own() -> list[sa.Column[int]]:
    return [sa.Column("id", sa.Integer(), nullable=False), sa.Column("trial_id", sa.Integer(), nullable=False)]


def _what_waits_already() -> None:
    """Reports and alerts from before there was a list: each that nobody looked at waits on it, without a clock."""
    into = "insert into matter (trial_id, participant_id, kind, about, state, urgent, opened_at) select trial_id, "
    op.execute(
        into + "participant_id, 'alert', id, 'open', true, raised_at from alert "
        "where tier = 'alert' and state = 'open' order by id"
    )
    op.execute(
        into + "participant_id, 'adverse_event', id, 'open', wants_contact, reported_at from adverse_event "
        "where state = 'open' order by id"
    )
    op.execute(
        "insert into matter_act (trial_id, matter_id, at, by, act, detail) "
        "select trial_id, id, opened_at, 'system', 'opened', '{}' from matter order by id"
    )


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _team() -> None:
    op.create_table(
        "member_secret",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.Column("recovery", JSON, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        _refers("member_secret", "member_id", "member"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_secret")),
    )
    op.create_table(
        "member_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("proved_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("purpose", sa.String(20), server_default="desk", nullable=False),
        _refers("member_session", "member_id", "member"),
        _key("member_session"),
        sa.UniqueConstraint("token", name=op.f("uq_member_session_token")),
    )
    op.create_index("ix_member_session_member_id", "member_session", ["member_id"])
    op.create_index("ix_member_session_seen_at", "member_session", ["seen_at"])
    op.create_table(
        "invitation",
        *_own(),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("sent_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("accepted_at", TIME, nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
        _refers("invitation", "trial_id", "trial"),
        _key("invitation"),
        sa.UniqueConstraint("token", name=op.f("uq_invitation_token")),
    )
    op.create_index("ix_invitation_ends_at", "invitation", ["ends_at"])
    op.create_table(
        "duty",
        *_own(),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("until_at", TIME, nullable=True),
        _refers("duty", "member_id", "member"),
        _refers("duty", "trial_id", "trial"),
        _key("duty"),
    )


def _matters() -> None:
    op.create_table(
        "matter",
        *_own(),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("about", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), server_default="open", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("act_by", TIME, nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("cause", sa.String(20), nullable=True),
        sa.CheckConstraint(
            "kind in ('alert', 'adverse_event', 'reply', 'held_enrolment', 'missing_mail', 'deviation')",
            name=op.f("ck_matter_kind"),
        ),
        sa.CheckConstraint("state in ('open', 'acknowledged', 'acted', 'closed')", name=op.f("ck_matter_state")),
        _refers("matter", "owner_id", "member"),
        _refers("matter", "participant_id", "participant"),
        _refers("matter", "trial_id", "trial"),
        _key("matter"),
        sa.UniqueConstraint("kind", "about", name=op.f("uq_matter_kind_about")),
    )
    op.create_index(
        "ix_matter_open", "matter", ["trial_id", "kind"], sqlite_where=OPEN_MATTER, postgresql_where=OPEN_MATTER
    )
    op.create_index("ix_matter_participant_id", "matter", ["participant_id"])
    op.create_index(
        "ix_matter_cause",
        "matter",
        ["participant_id", "kind", "cause"],
        unique=True,
        sqlite_where=HAS_CAUSE,
        postgresql_where=HAS_CAUSE,
    )
    op.create_table(
        "matter_act",
        *_own(),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("act", sa.String(30), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        _refers("matter_act", "matter_id", "matter"),
        _refers("matter_act", "trial_id", "trial"),
        _key("matter_act"),
    )
    op.create_index("ix_matter_act_matter_id", "matter_act", ["matter_id"])
    op.create_table(
        "adverse_event_assessment",
        *_own(),
        sa.Column("adverse_event_id", sa.Integer(), nullable=False),
        sa.Column("serious", sa.Boolean(), nullable=False),
        sa.Column("criteria", JSON, nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("relatedness", sa.String(20), nullable=False),
        sa.Column("expectedness", sa.String(20), nullable=False),
        sa.Column("onset_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(30), nullable=False),
        sa.Column("term", sa.String(80), nullable=False),
        sa.Column("stopped", sa.String(20), nullable=False),
        sa.Column("assessed_at", TIME, nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        _refers("adverse_event_assessment", "adverse_event_id", "adverse_event"),
        _refers("adverse_event_assessment", "trial_id", "trial"),
        _key("adverse_event_assessment"),
    )
    op.create_index("ix_adverse_event_assessment_adverse_event_id", "adverse_event_assessment", ["adverse_event_id"])
    op.create_table(
        "reply",
        *_own(),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _refers("reply", "delivery_id", "delivery"),
        _refers("reply", "participant_id", "participant"),
        _refers("reply", "trial_id", "trial"),
        _key("reply"),
        sa.UniqueConstraint("trial_id", "message_id", name=op.f("uq_reply_trial_id_message_id")),
    )
    op.create_table(
        "deviation",
        *_own(),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("description", sa.String(2000), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        _refers("deviation", "participant_id", "participant"),
        _refers("deviation", "trial_id", "trial"),
        _key("deviation"),
    )
    op.create_table(
        "note",
        *_own(),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("written_at", TIME, nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        _refers("note", "participant_id", "participant"),
        _refers("note", "trial_id", "trial"),
        _key("note"),
    )
    op.create_index("ix_note_participant_id", "note", ["participant_id"])
    op.create_table(
        "call",
        *_own(),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("state", sa.String(20), server_default="planned", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.String(60), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("retry_from", TIME, nullable=True),
        sa.Column("reply", sa.String(500), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        _refers("call", "invitation_id", "invitation"),
        _refers("call", "matter_id", "matter"),
        _refers("call", "member_id", "member"),
        _refers("call", "trial_id", "trial"),
        _key("call"),
        sa.UniqueConstraint("matter_id", "purpose", "step", name=op.f("uq_call_matter_id_purpose_step")),
    )
    op.create_index("ix_call_waiting", "call", ["due_at"], sqlite_where=WAITING_CALL, postgresql_where=WAITING_CALL)
    op.create_index("ix_call_invitation_id", "call", ["invitation_id"])


def _acts() -> None:
    op.create_table(
        "two_person_act",
        *_own(),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("decided_by", sa.String(80), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.Column("solo", sa.Boolean(), server_default=sa.false(), nullable=False),
        _refers("two_person_act", "participant_id", "participant"),
        _refers("two_person_act", "trial_id", "trial"),
        _key("two_person_act"),
    )
    op.create_table(
        "voucher",
        *_own(),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("incentive", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", TIME, nullable=False),
        sa.Column("given_at", TIME, nullable=True),
        _refers("voucher", "participant_id", "participant"),
        _refers("voucher", "trial_id", "trial"),
        _key("voucher"),
        sa.UniqueConstraint("trial_id", "blind_index", name=op.f("uq_voucher_trial_id_blind_index")),
    )
    op.create_table(
        "earning",
        *_own(),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("incentive", sa.String(40), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("earned_at", TIME, nullable=False),
        sa.Column("state", sa.String(20), server_default="earned", nullable=False),
        sa.Column("voucher_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=True),
        sa.Column("by", sa.String(80), nullable=True),
        sa.Column("payee_at", TIME, nullable=True),
        sa.Column("given_at", TIME, nullable=True),
        sa.Column("forget_at", TIME, nullable=True),
        sa.Column("explained_at", TIME, nullable=True),
        _refers("earning", "participant_id", "participant"),
        _refers("earning", "trial_id", "trial"),
        _refers("earning", "voucher_id", "voucher"),
        _key("earning"),
        sa.UniqueConstraint(
            "participant_id", "incentive", "about", name=op.f("uq_earning_participant_id_incentive_about")
        ),
        sa.UniqueConstraint("voucher_id", name=op.f("uq_earning_voucher_id")),
    )
    earned, free = sa.text("state = 'earned'"), sa.text("given_at is null")
    op.create_index("ix_earning_earned", "earning", ["earned_at"], sqlite_where=earned, postgresql_where=earned)
    op.create_index("ix_voucher_free", "voucher", ["trial_id", "incentive"], sqlite_where=free, postgresql_where=free)
    op.create_index("ix_earning_trial_id", "earning", ["trial_id"])
    paid = sa.text("forget_at is not null")
    op.create_index("ix_earning_to_forget", "earning", ["forget_at"], sqlite_where=paid, postgresql_where=paid)
    op.create_table(
        "evidence",
        *_own(),
        sa.Column("line", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        _refers("evidence", "trial_id", "trial"),
        _key("evidence"),
    )
