"""How often nobody could say whether a mail arrived, and how often the mail server put it off; what waits for somebody
first; the pace of a mail account; what is held or in doubt, found without looking at the rest; when a worker last
looked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from trial.storage.migrations.versions.v0002_guards import KEEPER, _grant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    # a link names its row, so nothing is looked up by its hash any more
    if on_postgresql:
        op.drop_constraint(op.f("uq_delivery_token_hash"), "delivery", type_="unique")
    else:
        with op.batch_alter_table("delivery", recreate="always") as batch:
            batch.drop_constraint(op.f("uq_delivery_token_hash"), type_="unique")
    # a plain column with a default: neither database writes the rows anew for it
    op.add_column("trial", sa.Column("beside", sa.Integer(), nullable=True))
    for name in ("doubts", "deferrals"):
        op.add_column("delivery", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    waiting = sa.text("state in ('planned', 'due', 'retry') and stream = 'service'")
    op.create_index(
        "ix_delivery_waiting_service", "delivery", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index("ix_delivery_trial_due", "delivery", ["trial_id", "due_at"])
    aside = sa.text("state in ('held', 'unknown')")
    op.create_index("ix_delivery_aside", "delivery", ["trial_id", "state"], sqlite_where=aside, postgresql_where=aside)
    op.create_table(
        "send_pace",
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("left", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_send_pace")),
    )
    op.create_table(
        "send_trouble",
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_send_trouble")),
    )
    op.create_table(
        "mail_count",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_count")),
    )
    op.create_table(
        "handed_over",
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_handed_over")),
    )
    op.create_index(op.f("ix_handed_over_at"), "handed_over", ["at"])
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    if on_postgresql:
        _grant(KEEPER, "select on send_pace, send_trouble, mail_count, handed_over, heartbeat")
