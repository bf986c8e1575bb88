"""What the database itself refuses: changes to append-only tables, and reading the vault without its role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("event", "allocation", "answer_sheet", "consent", "protocol_version")
RESEARCH = "equipoise_research"
KEEPER = "equipoise_vault"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql()
    else:
        _guard_on_sqlite()


def _guard_on_sqlite() -> None:
    for table in APPEND_ONLY:
        for act in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{act} before {act} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )


def _guard_on_postgresql() -> None:
    op.execute(
        "create function refuse_change() returns trigger language plpgsql as "
        "$$ begin raise exception '% is append-only', tg_table_name; end $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger {table}_append_only before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )
    op.execute("revoke all on schema vault from public")
    for role in (RESEARCH, KEEPER):
        op.execute(
            f"do $$ begin create role {role} nologin; "
            "exception when duplicate_object or unique_violation or insufficient_privilege then null; end $$"
        )
        _grant(role, "usage on schema public")
    _grant(KEEPER, "select on all tables in schema public")
    _grant(KEEPER, "usage on schema vault")
    _grant(KEEPER, "select on all tables in schema vault")
    for what in _blinded():
        _grant(RESEARCH, what)


# what tells the arm, and what study codes are made with: no blinded reader needs them
SECRET_TABLES = ("seal", "allocation", "allocation_state")
SECRET_COLUMNS = {"occasion": ("activity",), "answer_sheet": ("activity",), "trial": ("code_key",)}


def _blinded(more: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """The grants of a reader who must not learn the arm: column by column where a table tells it."""
    secret = SECRET_COLUMNS | dict(more or {})
    inspector = sa.inspect(op.get_bind())
    grants = []
    for table in inspector.get_table_names(schema="public"):
        if table not in SECRET_TABLES:
            hidden = secret.get(table, ())
            columns = [column["name"] for column in inspector.get_columns(table) if column["name"] not in hidden]
            listed = ", ".join(f'"{name}"' for name in columns)
            grants.append(f'select ({listed}) on "{table}"')
    return grants


def _grant(role: str, what: str) -> None:
    """Where the account may not make roles, the operator makes them and grants by hand (docs)."""
    op.execute(
        f"do $$ begin if exists (select from pg_roles where rolname = '{role}') then "
        f"grant {what} to {role}; end if; end $$"
    )
