"""What a rule of the linter is, and the register that holds them all.

A rule looks at a trial that the reader has accepted and yields the places where experience says that it will go wrong.
It knows values only: where a place stands in a file is for `trial.protocol_files.linting` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from trial.core.findings import Path
from trial.core.instruments import Instrument
from trial.core.protocol import TrialProtocol
from trial.core.resources import Resource

PROTOCOL, RESOURCES = "protocol.yaml", "resources.yaml"


class Severity(StrEnum):
    """`error`: no trial opens with it. `warning`: mend or waive it. `before_opening`: a rehearsal may run without."""

    ERROR = "error"
    WARNING = "warning"
    BEFORE_OPENING = "before_opening"


@dataclass(frozen=True, slots=True)
class Subject:
    """What the linter reads; `texts` maps each Markdown text to {language: words}.

    `published` holds the library's own keys, for instruments that a folder keeps a copy of. `resources` are
    the team's places to turn to.
    """

    protocol: TrialProtocol
    instruments: Mapping[str, Instrument]
    texts: Mapping[str, Mapping[str, str]]
    published: Mapping[str, Instrument] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()


class Found(NamedTuple):
    """One place where a rule does not hold. `where` is the id that a waiver names; `line` counts within a text."""

    path: Path
    what: str
    where: str = ""
    file: str = PROTOCOL
    line: int | None = None


Check = Callable[[Subject], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, how grave it is, its name, why it matters, how to mend it, and the check.

    Without a check the rule is the reader's own: it refuses the file, and nothing can waive it.
    """

    code: str
    severity: Severity
    title: str
    why: str
    mend: str
    check: Check | None


RULES: dict[str, Rule] = {}
CHAPTERS = {
    "A": "What only the team can fill in",
    "P": "Outcomes and the plan",
    "S": "Calendar",
    "M": "Messages",
    "B": "Blinding",
    "C": "Consent and privacy",
    "I": "Instruments",
    "H": "Harms and safety",
    "N": "Numbers",
    "D": "Arms",
    "W": "Waivers",
}


def rule(code: str, severity: Severity, title: str, *, why: str, mend: str) -> Callable[[Check], Check]:
    """Register a check under its code."""

    def register(check: Check) -> Check:
        add(Rule(code, severity, title, why, mend, check))
        return check

    return register


def add(one: Rule) -> None:
    """Put a rule into the register; a code is given once."""
    if one.code in RULES or one.code[0] not in CHAPTERS:
        raise ValueError(f"{one.code} is taken, or belongs to no chapter")
    RULES[one.code] = one
