"""What columns are made of: names of constraints, and a privacy class for each column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB

from trial.core.access import Privacy

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)
VAULT = "vault"

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _column(privacy: Privacy) -> Callable[..., Column[Any]]:
    def column(name: str, kind: Any, *rest: Any, **options: Any) -> Column[Any]:
        options.setdefault("nullable", False)
        return Column(name, kind, *rest, info={"privacy": privacy}, **options)

    return column


identifying = _column(Privacy.IDENTIFYING)
of_words = _column(Privacy.WORDS)
of_trial = _column(Privacy.TRIAL)
of_allocation = _column(Privacy.ALLOCATION)
operational = _column(Privacy.OPERATIONAL)
credential = _column(Privacy.CREDENTIAL)


def row_id() -> Column[int]:
    return operational("id", Integer, primary_key=True)


def trial_id() -> Column[int]:
    return operational("trial_id", Integer, ForeignKey("trial.id"))


def participant_id(**options: Any) -> Column[int]:
    return operational("participant_id", Integer, ForeignKey("participant.id"), **options)


def one_of(column: str, values: Any) -> CheckConstraint:
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=column)
