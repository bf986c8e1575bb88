"""The two kinds of time that a column can hold; no column mixes them.

TrialTime: when something was due, done or recorded, on the trial's clock (live: the database's; rehearsal: the clock
row). MachineTime: leases and back-off, always the database's own clock.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class _Utc(TypeDecorator[datetime]):
    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone was about to be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class TrialTime(_Utc):
    """An instant on the trial's clock."""

    cache_ok = True


class MachineTime(_Utc):
    """An instant on the database's own clock."""

    cache_ok = True
