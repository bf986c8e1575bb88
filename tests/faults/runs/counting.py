"""In a worker of a fault run: what its statements found, one line each in a file that the run reads.

Nothing of the product is changed: SQLAlchemy tells every statement and how many rows it touched, and the one that looks
and writes in one is heard where it is called.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, event, or_, update
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from trial.core.delivery import Contact
    from trial.storage.work import Work

FOLDER = "FAULTS_COUNTS"


def install() -> None:
    """Count this process's claims, its writes to rows that are no longer its own, and connections that were ended."""
    from trial.storage import beginning

    folder = Path(os.environ[FOLDER])

    def note(_: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("WITH chosen"):
            tell("claim" if cursor.rowcount > 0 else "empty claim")
        elif statement.startswith("UPDATE delivery SET"):
            fences, found = statement.count("delivery.owner ="), cursor.rowcount
            tell(*["write"] * min(found, fences), *["rejected write"] * (fences - found))

    def look_and_begin(work: Work, last: tuple[Contact, str] | None, following: Contact) -> tuple[Any, bool, bool]:
        try:
            around, *wrote = plain(work, last, following)
        except DBAPIError as error:  # of PostgreSQL, whose driver is asked past the events below
            if error.connection_invalidated:
                tell("cut off")
            raise
        tell(*("write" if one else "rejected write" for one in wrote[last is None :]))
        return around, *wrote

    def tell(*words: str) -> None:
        with (folder / str(os.getpid())).open("a") as file:
            file.writelines(f"{word}\n" for word in words)

    def cut_off(context: ExceptionContext) -> None:
        if context.is_disconnect:
            tell("cut off")

    plain, beginning.look_and_begin = beginning.look_and_begin, look_and_begin
    event.listen(Engine, "after_cursor_execute", note)
    event.listen(Engine, "handle_error", cut_off)


def without_the_fence() -> None:
    """The control: this process writes to a row whoever holds it now."""
    from trial.storage import beginning, deliveries
    from trial.storage.prepared import Prepared
    from trial.storage.tables_delivery import delivery

    held = (delivery.c.attempt == bindparam("held_attempt")) & (delivery.c.owner == bindparam("held_owner"))
    mine = delivery.c.id == bindparam("row")
    deliveries._FENCED = update(delivery).where(mine, or_(mine, held, delivery.c.state == bindparam("held")))
    both = or_(delivery.c.id == bindparam("last"), delivery.c.id == bindparam("next"), beginning._BOTH_HELD)
    beginning.LOOK_AND_BEGIN = Prepared(beginning._looking(both))


def counted(folder: Path) -> Counter[str]:
    """What all processes noted so far."""
    return Counter(line for path in folder.iterdir() for line in path.read_text().splitlines())
