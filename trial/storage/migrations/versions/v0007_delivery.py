"""How often nobody could say whether a mail arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # a plain column with a default: neither database writes the rows anew for it
    op.add_column("delivery", sa.Column("doubts", sa.Integer(), server_default="0", nullable=False))
