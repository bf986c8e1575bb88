"""Adverse events as the team judges them: seriousness by its criteria, severity, relatedness, expectedness, outcome.

Relatedness is judged blind: nothing here, and no form that fills it, knows an arm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from trial.core.errors import Refused


class Criterion(StrEnum):
    """What makes an event serious; one is enough."""

    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITAL = "hospital"
    DISABILITY = "disability"
    BIRTH_DEFECT = "birth_defect"
    OTHER_IMPORTANT = "other_important"


class Severity(StrEnum):
    """How strong it was, which is not how serious."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class Relatedness(StrEnum):
    """Whether it has to do with taking part, whatever the arm."""

    NOT_RELATED = "not_related"
    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    PROBABLE = "probable"
    DEFINITE = "definite"


class Expectedness(StrEnum):
    """Whether the protocol or the information for participants speaks of it."""

    EXPECTED = "expected"
    UNEXPECTED = "unexpected"


class HarmOutcome(StrEnum):
    """What became of it, as far as is known."""

    RECOVERED = "recovered"
    RECOVERING = "recovering"
    NOT_RECOVERED = "not_recovered"
    LASTING = "lasting"
    DEATH = "death"
    UNKNOWN = "unknown"


class Stopping(StrEnum):
    """What the person gave up because of it."""

    NOTHING = "nothing"
    EXERCISES = "exercises"
    EVERYTHING = "everything"


LONGEST_TERM = 80


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one assessment says. `term` is the team's own name for what happened, which reports print."""

    criteria: frozenset[Criterion]
    severity: Severity
    relatedness: Relatedness
    expectedness: Expectedness
    outcome: HarmOutcome
    onset_on: date | None = None
    term: str = ""
    stopped: Stopping = Stopping.NOTHING

    @property
    def serious(self) -> bool:
        return bool(self.criteria)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A judgement as it was recorded; a later one is another row, and the last one counts."""

    judgement: Judgement
    at: datetime
    by: str


def require_sense(judgement: Judgement, today: date) -> None:
    """Refuse what cannot be meant: no name, a death that is not serious, an onset that is still to come."""
    if not judgement.term.strip() or not judgement.term.isprintable() or len(judgement.term) > LONGEST_TERM:
        raise Refused(f"Name what happened in a few words, in one line of at most {LONGEST_TERM} characters.")
    died = Criterion.DEATH in judgement.criteria
    if died != (judgement.outcome is HarmOutcome.DEATH):
        raise Refused("A death is a criterion of seriousness and an outcome: tick both, or neither.")
    if judgement.onset_on and judgement.onset_on > today:
        raise Refused("The day on which it began lies in the future.")
