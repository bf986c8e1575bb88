"""One small tree of errors, without status codes; web, cli and workers each hold one map from it.

EquipoiseError
├── BadInput            what a researcher or a data file said cannot be used; carries located problems
│   ├── ProtocolInvalid
│   └── DataInvalid
├── Refused             a rule of the trial says no; nothing changed
│   ├── RecruitmentClosed
│   ├── LinkInvalid
│   ├── ReadOnly
│   └── NotAllowed
├── NotFound            no such trial, participant or occasion
├── AnalysisImpossible  the data cannot carry the planned analysis
└── Unavailable         a database, broker or mail server does not answer; names the setting
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Problem:
    """One located mistake: where it stands, what is wrong, how to mend it. Lines and columns count from 1."""

    file: str
    line: int | None
    column: int | None
    what: str
    mend: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.what} {self.mend}".rstrip()


class EquipoiseError(Exception):
    """The root: everything the product raises on purpose."""


class BadInput(EquipoiseError):
    """Input that cannot be used; `problems` holds every mistake found in one run."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    @classmethod
    def at(cls, where: str, what: str, mend: str) -> Self:
        """One mistake that no line holds: in a name, an option, or a design as a whole."""
        return cls([Problem(where, None, None, what, mend)])


class ProtocolInvalid(BadInput):
    """The protocol folder does not describe a trial."""


class DataInvalid(BadInput):
    """A data file does not fit the protocol."""


class Refused(EquipoiseError):
    """A rule of the trial says no; nothing was changed."""


class RecruitmentClosed(Refused):
    """The trial takes no further participants."""


class LinkInvalid(Refused):
    """A link or code that is forged, truncated, expired or revoked: all alike to the person who holds it."""


class ReadOnly(Refused):
    """A finished rehearsal is shown, not changed."""


class NotAllowed(Refused):
    """The policy table does not let this role do or read this."""


class NotFound(EquipoiseError):
    """There is no such trial, participant or occasion."""


class AnalysisImpossible(EquipoiseError):
    """The data cannot carry the planned analysis; the message names the reason."""


class Unavailable(EquipoiseError):
    """Something the product needs does not answer; the message names it and the setting that points at it."""

    def __init__(self, what: str, setting: str, detail: str = "") -> None:
        super().__init__(f"{what} does not answer. Check {setting}." + (f" ({detail})" if detail else ""))
        self.setting = setting
