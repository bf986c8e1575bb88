"""The table of roles in docs/guide-desk.md, drawn from the one policy table. `python -m tests.roles_in_the_guide`
writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

from trial.core.access import MAY, Role, Verb

GUIDE = Path(__file__).parents[1] / "docs" / "guide-desk.md"
_PLACE = re.compile(r"(<!-- roles -->\n).*?(\n<!-- end of roles -->)", re.DOTALL)


def table() -> str:
    """One line for each verb, one column for each role."""
    head = ["may …", *(role.value.replace("_", " ") for role in Role)]
    lines = [head, ["---"] * len(head)]
    for verb in Verb:
        lines.append([verb.value.replace("_", " "), *("yes" if verb in MAY[role] else "" for role in Role)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def shown() -> str:
    """The table as the guide has it."""
    found = _PLACE.search(GUIDE.read_text(encoding="utf-8"))
    assert found is not None
    return found[0].partition("\n")[2].rpartition("\n")[0]


if __name__ == "__main__":
    text = GUIDE.read_text(encoding="utf-8")
    GUIDE.write_text(_PLACE.sub(lambda found: found[1] + table() + found[2], text), encoding="utf-8")
