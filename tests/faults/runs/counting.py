"""In a worker of a fault run: what its statements found, one line each in a file that the run reads.

Nothing of the product is changed: SQLAlchemy tells every statement and how many rows it touched.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, event, or_, update
from sqlalchemy.engine import Engine, ExceptionContext

FOLDER = "FAULTS_COUNTS"


def install() -> None:
    """Count this process's claims, its writes to rows that are no longer its own, and connections that were ended."""
    folder = Path(os.environ[FOLDER])

    def note(_: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("WITH chosen"):
            tell("claim" if cursor.rowcount > 0 else "empty claim")
        elif statement.startswith("UPDATE delivery SET"):
            fences, found = statement.count("delivery.owner ="), cursor.rowcount
            tell(*["write"] * min(found, fences), *["rejected write"] * (fences - found))

    def tell(*words: str) -> None:
        with (folder / str(os.getpid())).open("a") as file:
            file.writelines(f"{word}\n" for word in words)

    def cut_off(context: ExceptionContext) -> None:
        if context.is_disconnect:
            tell("cut off")

    event.listen(Engine, "after_cursor_execute", note)
    event.listen(Engine, "handle_error", cut_off)


def without_the_fence() -> None:
    """The control: this process writes to a row whoever holds it now."""
    from trial.storage import deliveries
    from trial.storage.tables_delivery import delivery

    held = (delivery.c.attempt == bindparam("held_attempt")) & (delivery.c.owner == bindparam("held_owner"))
    mine = delivery.c.id == bindparam("row")
    deliveries._FENCED = update(delivery).where(mine, or_(mine, held, delivery.c.state == bindparam("held")))
    both = or_(delivery.c.id == bindparam("last"), delivery.c.id == bindparam("next"), deliveries._BOTH_HELD)
    deliveries._ACCEPT_AND_BEGIN = deliveries._TOGETHER.where(both).returning(delivery.c.id)


def counted(folder: Path) -> Counter[str]:
    """What all processes noted so far."""
    return Counter(line for path in folder.iterdir() for line in path.read_text().splitlines())
