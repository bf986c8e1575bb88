"""Published estimates: a CSV with a row for each study, in any of five forms, as effects ready to be pooled.

What a row needs besides `study`, by its form:

    estimate, se                                  as published; a ratio as its logarithm
    estimate, ci_low, ci_high                     the same; `ci_level` (default 0.95) says which interval it is
    n1, mean1, sd1, n2, mean2, sd2                two arms, the first less the second: Hedges g
    n1, pre1, post1, sd_pre1, r1, n2, ... r2      two arms before and after: d_ppc2
    r, n                                          a correlation: Fisher z; `reliability_x`, `reliability_y` correct it

`better` (higher or lower; empty is higher) turns the sign where lower is better. Other columns are let pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reports.csv_text import CsvTable, Problems, read_bytes, read_csv
from trial.core.errors import AnalysisImpossible
from trial.stats.meta_effects import (
    ArmSummary,
    Effect,
    PrePost,
    fisher_z,
    from_interval,
    pre_post_control,
    standardized_difference,
)

ARMS = ("n1", "mean1", "sd1", "n2", "mean2", "sd2")
BEFORE_AND_AFTER = ("n1", "pre1", "post1", "sd_pre1", "r1", "n2", "pre2", "post2", "sd_pre2", "r2")
FORMS = (
    "estimate and se; estimate, ci_low and ci_high; n1, mean1, sd1, n2, mean2 and sd2; n1, pre1, post1, sd_pre1, r1 "
    "and the same with 2; r and n"
)
AS_GIVEN = "estimate as published"
# how far an estimate may stand from the middle of its interval, as a share of its width
_OFF_MIDDLE = 0.1
_BETTER = {"": 1, "higher": 1, "lower": -1}


@dataclass(frozen=True, slots=True)
class Study:
    """One study: its effect, where it was read, its values of other columns. `turned`: its sign was turned."""

    name: str
    effect: Effect
    source: str
    line: int | None
    turned: bool
    columns: Mapping[str, str]
    pretend: bool = False

    @property
    def correlation(self) -> bool:
        """Whether the estimate is on Fisher's z scale."""
        return self.effect.measure.endswith("Fisher z")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, whose numbers are read on demand; every mistake goes into `problems` with its column."""

    line: int
    cells: Mapping[str, str]
    places: Mapping[str, int]
    problems: Problems

    def has(self, *names: str) -> bool:
        return all(self.cells.get(name) for name in names)

    def wrong(self, name: str, what: str, mend: str) -> None:
        self.problems.add(self.line, self.places.get(name), f"column {name!r}: {what}", mend)

    def number(self, name: str, default: float = math.nan) -> float:
        text = self.cells.get(name, "")
        if not text and not math.isnan(default):
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.wrong(name, f"{text[:40]!r} is not a number.", "Write it with digits and a point, such as -0.42.")
            return math.nan
        return value

    def people(self, name: str) -> int:
        value = self.number(name)
        if math.isfinite(value) and (value < 1 or value != int(value)):
            self.wrong(name, f"{value:g} is not a number of people.", "Write a whole number above 0.")
            return 0
        return 0 if math.isnan(value) else int(value)


def read_studies(path: Path) -> list[Study]:
    """Every study of a table. Raises DataInvalid with line and column for what cannot be used."""
    table = read_csv(read_bytes(path), str(path))
    problems = Problems(str(path))
    if "study" not in table.header:
        problems.add(1, None, "there is no column 'study'.", f"Name each study, and give {FORMS}.")
        problems.refuse()
    studies = [one for one in (_study(row, str(path)) for row in _rows(table, problems)) if one is not None]
    if not table.rows:
        problems.add(None, None, "there is no study below the header.", "Write a row for each study.")
    problems.refuse()
    return studies


def _rows(table: CsvTable, problems: Problems) -> list[_Row]:
    places = {name: at for at, name in enumerate(table.header, start=1)}
    return [_Row(line, dict(zip(table.header, cells, strict=True)), places, problems) for line, cells in table.rows]


def _study(row: _Row, source: str) -> Study | None:
    before = len(row.problems.found) + row.problems.unlisted
    name, better = row.cells["study"], row.cells.get("better", "").lower()
    if not name:
        row.wrong("study", "the study has no name.", "Name it, such as by author and year.")
    if better not in _BETTER:
        row.wrong("better", f"{better[:40]!r} is neither higher nor lower.", "Write higher, lower, or nothing.")
    form = _form(row)
    effect = None
    if form is not None:
        try:
            effect = form(row)
        except AnalysisImpossible as error:
            if len(row.problems.found) + row.problems.unlisted == before:
                row.problems.add(row.line, None, str(error), "Mend the row, or leave the study out.")
    if effect is None or len(row.problems.found) + row.problems.unlisted > before:
        return None
    turned = _BETTER[better] < 0
    return Study(name, _turned(effect) if turned else effect, source, row.line, turned, row.cells)


def _turned(effect: Effect) -> Effect:
    return replace(effect, estimate=-effect.estimate)


def _form(row: _Row) -> Callable[[_Row], Effect] | None:
    """The one form that the row fills; a row that fills none or two is refused."""
    filled: list[tuple[str, Callable[[_Row], Effect]]] = []
    if row.has("estimate", "se"):
        filled.append(("estimate and se", _with_error))
    if row.has("estimate", "ci_low", "ci_high"):
        filled.append(("estimate and interval", _with_interval))
    if row.has(*ARMS):
        filled.append(("means of two arms", _two_arms))
    if row.has(*BEFORE_AND_AFTER):
        filled.append(("two arms before and after", _before_and_after))
    if row.has("r", "n"):
        filled.append(("a correlation", _correlation))
    if len(filled) == 1:
        return filled[0][1]
    if filled:
        both = " and ".join(name for name, _ in filled)
        row.problems.add(row.line, None, f"the row gives {both}.", "Keep one and leave the other's cells empty.")
    else:
        row.problems.add(row.line, None, "the row lacks numbers that an effect needs.", f"Fill all of one: {FORMS}.")
    return None


def _with_error(row: _Row) -> Effect:
    estimate, se = row.number("estimate"), row.number("se")
    if se <= 0:
        row.wrong("se", f"a standard error of {se:g} cannot be.", "Write one above 0.")
    return Effect(estimate, se**2, AS_GIVEN)


def _with_interval(row: _Row) -> Effect:
    estimate, low, high = (row.number(name) for name in ("estimate", "ci_low", "ci_high"))
    level = row.number("ci_level", 0.95)
    if not 0 < level < 1:
        row.wrong("ci_level", f"{level:g} is not a level.", "Write a share such as 0.95.")
        level = 0.95
    found = from_interval(low, high, level)
    if abs(found.estimate - estimate) > _OFF_MIDDLE * (high - low):
        mend = "Write the logarithms of all three where it is a ratio; else more digits, or the standard error."
        row.wrong("estimate", f"{estimate:g} is not in the middle of {low:g} to {high:g}.", mend)
    return Effect(estimate, found.variance, AS_GIVEN)


def _two_arms(row: _Row) -> Effect:
    one, other = (ArmSummary(row.people(f"n{at}"), row.number(f"mean{at}"), row.number(f"sd{at}")) for at in (1, 2))
    return standardized_difference(one, other)


def _before_and_after(row: _Row) -> Effect:
    one, other = (
        PrePost(
            row.people(f"n{at}"),
            row.number(f"pre{at}"),
            row.number(f"post{at}"),
            row.number(f"sd_pre{at}"),
            row.number(f"r{at}"),
        )
        for at in (1, 2)
    )
    return pre_post_control(one, other)


def _correlation(row: _Row) -> Effect:
    reliabilities = (row.number(f"reliability_{at}", 1.0) for at in "xy")
    return fisher_z(row.number("r"), row.people("n"), *reliabilities)
