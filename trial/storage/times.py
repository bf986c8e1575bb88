"""The two kinds of time as expressions, for a statement that reads or writes the moment without asking for it first."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from trial.storage.types import MachineTime, TrialTime


class TrialNow(FunctionElement[Any]):
    """The trial's clock: the pretend one of a rehearsal, else the database's own."""

    name = "trial_now"
    type = TrialTime()
    inherit_cache = True


class MachineNow(FunctionElement[Any]):
    """The database's own clock."""

    name = "machine_now"
    type = MachineTime()
    inherit_cache = True


# as the types write a moment, to the digit: SQLite compares text
_MACHINE = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'", "postgresql": "clock_timestamp()"}


@compiles(TrialNow)
def _trial_now(_: TrialNow, compiler: Any, **given: Any) -> str:
    return f"coalesce((select instant from clock), {_MACHINE[compiler.dialect.name]})"  # noqa: S608 - nothing of anybody's


@compiles(MachineNow)
def _machine_now(_: MachineNow, compiler: Any, **given: Any) -> str:
    return f"({_MACHINE[compiler.dialect.name]})"
