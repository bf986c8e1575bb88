"""One running state for every method of allocation, with its epoch and configuration; a sealed list from outside."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("allocation_state") as batch:
        batch.add_column(sa.Column("epoch", sa.Integer(), server_default="1", nullable=False))
        batch.add_column(sa.Column("configuration", sa.String(64), nullable=True))
        batch.add_column(sa.Column("state", JSON, nullable=True))
    _carry_blocks_over()
    with op.batch_alter_table("allocation_state") as batch:
        batch.drop_column("block")
        batch.drop_column("remaining")
        batch.alter_column("state", nullable=False, existing_type=JSON)
    op.create_table(
        "allocation_list",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("stratum", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_arm", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_allocation_list_trial_id")),
        sa.PrimaryKeyConstraint("trial_id", "stage", "stratum", "number", name=op.f("pk_allocation_list")),
    )


def _carry_blocks_over() -> None:
    """The block that is open in each stratum, as the state of permuted blocks."""
    names = ("trial_id", "stage", "stratum", "block")
    columns: list[sa.Column[Any]] = [sa.column(name) for name in names]  # type: ignore[misc]
    table = sa.table("allocation_state", *columns, sa.column("remaining", JSON), sa.column("state", JSON))
    rows = op.get_bind()
    for one in rows.execute(sa.select(table)).all():
        left = json.loads(one.remaining) if isinstance(one.remaining, str) else one.remaining
        same = [table.c[name] == getattr(one, name) for name in names[:3]]
        rows.execute(sa.update(table).where(*same).values(state={"block": one.block, "left": list(left)}))
