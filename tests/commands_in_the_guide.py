"""The table of commands in docs/guide-desk.md, drawn from `trial.cli.whom`. `python -m tests.commands_in_the_guide`
writes it anew."""

from __future__ import annotations

import re

from tests.roles_in_the_guide import GUIDE
from trial.cli.whom import COMMANDS

_PLACE = re.compile(r"(<!-- commands -->\n).*?(\n<!-- end of commands -->)", re.DOTALL)


def table() -> str:
    """One line for each command that is about a trial, and one for all the others."""
    lines = [["command", "asks for", "acts as"], ["---"] * 3]
    for name, one in COMMANDS.items():
        if one.verbs:
            lines.append([f"`{name}`", ", ".join(verb.value.replace("_", " ") for verb in one.verbs), one.in_words])
    others = [(name, one.in_words) for name, one in COMMANDS.items() if not one.verbs]
    lines.append([", ".join(f"`{name}`" for name, _ in others), "", others[0][1]])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def shown() -> str:
    """The table as the guide has it."""
    found = _PLACE.search(GUIDE.read_text(encoding="utf-8"))
    assert found is not None
    return found[0].partition("\n")[2].rpartition("\n")[0]


if __name__ == "__main__":
    text = GUIDE.read_text(encoding="utf-8")
    GUIDE.write_text(_PLACE.sub(lambda found: found[1] + table() + found[2], text), encoding="utf-8")
