"""The table of commands in docs/guide-desk.md, drawn from `trial.cli.whom`. `python -m tests.commands_in_the_guide`
writes it anew."""

from __future__ import annotations

from tests.tables_in_the_guide import drawn, write
from trial.cli.whom import COMMANDS

MARK = "commands"


def table() -> str:
    """One line for each command that is about a trial, and one for all the others."""
    rows = [
        [f"`{name}`", ", ".join(verb.value.replace("_", " ") for verb in one.verbs), one.in_words]
        for name, one in COMMANDS.items()
        if one.verbs
    ]
    others = [(name, one.in_words) for name, one in COMMANDS.items() if not one.verbs]
    rows.append([", ".join(f"`{name}`" for name, _ in others), "", others[0][1]])
    return drawn(["command", "asks for", "acts as"], rows)


if __name__ == "__main__":
    write(MARK, table())
