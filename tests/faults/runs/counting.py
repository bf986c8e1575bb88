"""In a worker of a fault run: what its statements found, one line each in a file that the run reads.

Nothing of the product is changed: SQLAlchemy tells every statement and how many rows it touched.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, event, or_, update
from sqlalchemy.engine import Engine

FOLDER = "FAULTS_COUNTS"


def install() -> None:
    """Count this process's claims, and its writes to rows that are no longer its own."""
    folder = Path(os.environ[FOLDER])

    def note(_: Any, cursor: Any, statement: str, *rest: Any) -> None:
        word = None
        if statement.startswith("WITH chosen"):
            word = "claim" if cursor.rowcount > 0 else "empty claim"
        elif statement.startswith("UPDATE delivery SET") and "delivery.owner =" in statement:
            word = "write" if cursor.rowcount > 0 else "rejected write"
        if word is not None:
            with (folder / str(os.getpid())).open("a") as file:
                file.write(f"{word}\n")

    event.listen(Engine, "after_cursor_execute", note)


def without_the_fence() -> None:
    """The control: this process writes to a row whoever holds it now."""
    from trial.storage import deliveries
    from trial.storage.tables_delivery import delivery

    held = (delivery.c.attempt == bindparam("held_attempt")) & (delivery.c.owner == bindparam("held_owner"))
    mine = delivery.c.id == bindparam("row")
    deliveries._FENCED = update(delivery).where(mine, or_(mine, held, delivery.c.state == bindparam("held")))


def counted(folder: Path) -> Counter[str]:
    """What all processes noted so far."""
    return Counter(line for path in folder.iterdir() for line in path.read_text().splitlines())
