"""A meta-analysis from files: which studies, put together how, and every figure of it as plain values."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from reports.csv_text import Problems
from reports.meta_frozen import MARKER, read_trial
from reports.meta_table import AS_GIVEN, Study, read_studies
from trial.core.errors import AnalysisImpossible, DataInvalid, Problem
from trial.stats.arrays import FloatArray
from trial.stats.intervals import quantile
from trial.stats.meta_analysis import Pooled, pool_studies
from trial.stats.meta_funnel import Egger, egger
from trial.stats.meta_heterogeneity import Method
from trial.stats.meta_influence import Subgroups, by_group, leave_one_out

FORMAT = 1
FROZEN_GROUP = "frozen trials"


@dataclass(frozen=True, slots=True)
class Wish:
    """How the studies are put together; `by` is the column of the groups."""

    method: Method = "reml"
    knapp_hartung: bool = True
    level: float = 0.95
    by: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Meta:
    """A finished meta-analysis. `without` is empty for two studies; `line` is None where `no_line` says why."""

    studies: tuple[Study, ...]
    wish: Wish
    measure: str
    pooled: Pooled
    without: tuple[Pooled, ...]
    line: Egger | None
    no_line: str
    subgroups: Subgroups | None
    notes: tuple[str, ...]

    @property
    def back(self) -> Callable[[float], float]:
        """From the scale of the analysis to the one that is read: r from Fisher's z, all else as it is."""
        return math.tanh if self.studies[0].correlation else float

    @property
    def shown_measure(self) -> str:
        """The measure on the scale that is read."""
        return self.measure.replace(", Fisher z", "")

    @property
    def pretend(self) -> bool:
        """Whether a rehearsal or a test is among the studies."""
        return any(one.pretend for one in self.studies)

    def ci(self, study: Study) -> tuple[float, float]:
        """The interval of one study by itself, by normal quantiles, on the scale of the analysis."""
        half = quantile(math.inf, (1 + self.wish.level) / 2) * math.sqrt(study.effect.variance)
        return study.effect.estimate - half, study.effect.estimate + half

    def ends(self, ends: tuple[float, float]) -> tuple[float, float]:
        """An interval on the scale that is read."""
        return self.back(ends[0]), self.back(ends[1])


def read_all(paths: Sequence[Path]) -> tuple[Study, ...]:
    """The studies of tables and frozen folders, in the order given; raises DataInvalid for what cannot be used."""
    found: list[Study] = []
    for path in paths:
        found += [read_trial(path)] if (path / MARKER).is_file() or path.is_dir() else read_studies(path)
    twice = Counter(one.columns["digest"] for one in found if one.line is None)
    names = Counter(one.name for one in found)
    studies: list[Study] = []
    problems: dict[str, Problems] = {}
    for one in found:
        mistakes = problems.setdefault(one.source, Problems(one.source))
        if one.line is None and twice[one.columns["digest"]] > 1:
            mistakes.add(None, None, "the same frozen trial is named more than once.", "Name it once.")
        elif one.line is not None and names[one.name] > 1:
            what = f"the study {one.name!r} is there more than once."
            mend = "Effects of the same people are not independent: keep one, or say in the name what tells them apart."
            mistakes.add(one.line, None, what, mend)
        studies.append(_told_apart(one) if one.line is None and names[one.name] > 1 else one)
    wrong = [problem for each in problems.values() for problem in each.listed()]
    if wrong:
        raise DataInvalid(wrong)
    return tuple(studies)


def _told_apart(study: Study) -> Study:
    return replace(study, name=f"{study.name} ({Path(study.source).name})")


def analyse_studies(studies: tuple[Study, ...], wish: Wish) -> Meta:
    """Pool the studies. Raises DataInvalid where they are of different kinds, AnalysisImpossible where too few."""
    measure, said = _measure(studies)
    groups = _groups(studies, wish.by) if wish.by else None
    estimates = np.array([one.effect.estimate for one in studies], dtype=np.float64)
    variances = np.array([one.effect.variance for one in studies], dtype=np.float64)
    how: dict[str, Any] = {"method": wish.method, "knapp_hartung": wish.knapp_hartung, "level": wish.level}
    pooled = pool_studies(estimates, variances, **how)
    line, no_line = _line(estimates, variances, wish.level)
    return Meta(
        studies=studies,
        wish=wish,
        measure=measure,
        pooled=pooled,
        without=leave_one_out(estimates, variances, **how) if len(studies) > 2 else (),
        line=line,
        no_line=no_line,
        subgroups=by_group(estimates, variances, groups, **how) if groups else None,
        notes=(*pooled.notes, *said),
    )


def _line(estimates: FloatArray, variances: FloatArray, level: float) -> tuple[Egger | None, str]:
    try:
        return egger(estimates, variances, level), ""
    except AnalysisImpossible as error:
        return None, str(error)


def _measure(studies: Sequence[Study]) -> tuple[str, list[str]]:
    """What is pooled, and what a reader has to know of a mixture; correlations go with correlations only."""
    kinds = list(dict.fromkeys(one.effect.measure.removesuffix(", adjusted") for one in studies))
    if len({one.correlation for one in studies}) > 1:
        odd = next(one for one in studies if one.correlation != studies[0].correlation)
        what = f"{odd.name!r} is a {odd.effect.measure}, the studies before are not."
        raise DataInvalid([Problem(odd.source, odd.line, None, what, "Pool correlations by themselves.")])
    if len(kinds) == 1:
        return kinds[0], []
    mixed = f"The estimates are of more than one kind ({'; '.join(kinds)})."
    if studies[0].correlation:
        return "correlation, Fisher z", [f"{mixed} Those not corrected for attenuation are smaller for that alone."]
    measure = "standardised mean difference"
    said = [f"{mixed} They are pooled as if measured by the same standard deviation."]
    if AS_GIVEN in kinds:
        said.append("Those as published are taken to be standardised mean differences, of the same sign.")
    return measure, said


def _groups(studies: Sequence[Study], by: str) -> list[str]:
    """The group of each study; a frozen trial, which has no such column, is in a group of its own kind."""
    problems: dict[str, Problems] = {}
    groups = []
    for one in studies:
        group = one.columns.get(by, "") if one.line is not None else one.columns.get(by, FROZEN_GROUP)
        if not group:
            where = problems.setdefault(one.source, Problems(one.source))
            what = f"there is no column {by!r}." if by not in one.columns else f"{one.name!r} has nothing in {by!r}."
            if by in one.columns or not where.found:
                line = one.line if by in one.columns else 1
                where.add(line, None, what, "Say the group of each study, or leave out --by.")
        groups.append(group)
    wrong = [problem for each in problems.values() for problem in each.listed()]
    if wrong:
        raise DataInvalid(wrong)
    return groups


def meta_values(meta: Meta) -> dict[str, Any]:
    """Everything as plain values, on the scale of the analysis; `shown` holds the result on the one that is read."""
    line, groups = meta.line, meta.subgroups
    return {
        "format": FORMAT,
        "made_with": {"name": "equipoise", "version": version("equipoise")},
        "measure": meta.measure,
        "pretend": meta.pretend,
        "pooled": _pooled(meta.pooled),
        "shown": {
            "measure": meta.shown_measure,
            "estimate": meta.back(meta.pooled.estimate),
            "ci": meta.ends(meta.pooled.ci),
            "prediction": meta.ends(meta.pooled.prediction) if meta.pooled.prediction else None,
        },
        "studies": [_study(meta, at) for at in range(len(meta.studies))],
        "leave_one_out": [
            {"without": one.name, **_pooled(pooled)} for one, pooled in zip(meta.studies, meta.without, strict=False)
        ],
        "egger": None
        if line is None
        else {
            "bias": line.bias,
            "se": line.se,
            "df": line.df,
            "t": line.t,
            "p": line.p,
            "limit": line.limit,
            "limit_ci": line.limit_ci,
            "notes": list(line.notes),
        },
        "egger_problem": meta.no_line or None,
        "subgroups": None
        if groups is None
        else {
            "by": meta.wish.by,
            "groups": {name: _pooled(one) if one else None for name, one in groups.groups.items()},
            "q": groups.q,
            "df": groups.df,
            "p": groups.p,
        },
        "notes": list(meta.notes),
    }


def _pooled(one: Pooled) -> dict[str, Any]:
    spread = one.heterogeneity
    return {
        "method": one.method,
        "interval": one.interval,
        "level": one.level,
        "k": one.k,
        "estimate": one.estimate,
        "se": one.se,
        "df": None if math.isinf(one.df) else one.df,
        "statistic": one.statistic,
        "p": one.p,
        "ci": one.ci,
        "knapp_hartung_factor": one.factor,
        "safeguard_used": one.guarded,
        "prediction": one.prediction,
        "heterogeneity": {
            "q": spread.q,
            "df": spread.df,
            "p": spread.p,
            "tau2": spread.tau2,
            "tau2_ci": spread.tau2_ci,
            "tau2_ci_empty": spread.empty,
            "i2": spread.i2,
            "i2_ci": spread.i2_ci,
            "h2": spread.h2,
        },
    }


def _study(meta: Meta, at: int) -> dict[str, Any]:
    one = meta.studies[at]
    return {
        "study": one.name,
        "estimate": one.effect.estimate,
        "variance": one.effect.variance,
        "ci": meta.ci(one),
        "weight": meta.pooled.weights[at],
        "measure": one.effect.measure,
        "sign_turned": one.turned,
        "pretend": one.pretend,
        "source": Path(one.source).name,
        "line": one.line,
        "frozen_digest": one.columns.get("digest") if one.line is None else None,
    }


def studies_csv(meta: Meta) -> bytes:
    """The studies as they went in, on the scale of the analysis, and the result without each."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    head = ("study", "estimate", "variance", "ci_low", "ci_high", "weight", "measure", "sign_turned", "source", "line")
    writer.writerow([*head, "without_estimate", "without_ci_low", "without_ci_high", "without_tau2"])
    for at, one in enumerate(meta.studies):
        row = _study(meta, at)
        low, high = row["ci"]
        numbers = [_exact(each) for each in (row["estimate"], row["variance"], low, high, row["weight"])]
        left = meta.without[at] if meta.without else None
        after = [_exact(each) for each in (left.estimate, *left.ci, left.heterogeneity.tau2)] if left else [""] * 4
        turned = "yes" if one.turned else "no"
        writer.writerow([_text(one.name), *numbers, one.effect.measure, turned, _text(row["source"]), one.line, *after])
    return out.getvalue().encode()


def _exact(value: float) -> str:
    return f"{value:.12g}"


def _text(value: str) -> str:
    """A name that a spreadsheet would take for a formula is kept from being one."""
    return f"'{value}" if value[:1] in "=+-@" else value
