"""The table of roles in docs/guide-desk.md, drawn from the one policy table. `python -m tests.roles_in_the_guide`
writes it anew."""

from __future__ import annotations

from tests.tables_in_the_guide import drawn, write
from trial.core.access import MAY, Role, Verb

MARK = "roles"


def table() -> str:
    """One line for each verb, one column for each role."""
    head = ["may …", *(role.value.replace("_", " ") for role in Role)]
    rows = [[verb.value.replace("_", " "), *("yes" if verb in MAY[role] else "" for role in Role)] for verb in Verb]
    return drawn(head, rows)


if __name__ == "__main__":
    write(MARK, table())
