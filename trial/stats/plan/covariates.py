"""The covariates of a planned model as columns: the score at baseline, the stratification factors, the further ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.arrays import FloatArray
from trial.stats.imputation import impute_means
from trial.stats.plan.table import AnalysisTable, Seen


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What goes into the model: columns without gaps for those analysed, and how many values were filled in.

    `alike` are factors that have no column, because everyone analysed is at one level.
    """

    columns: FloatArray
    names: tuple[str, ...]
    filled: dict[str, int]
    alike: tuple[str, ...] = ()

    @property
    def baseline(self) -> FloatArray:
        """The outcome's own score at the baseline, gaps filled: `covariates_of` names it first."""
        return self.columns[:, 0]


def covariates_of(protocol: TrialProtocol, planned: PlannedAnalysis, *, with_baseline: bool = True) -> list[str]:
    """The baseline variables of a planned model, each once: the score itself, the factors, then the further ones.

    Not the score itself where the model has it among the outcomes.
    """
    score = protocol.outcome(planned.outcome).score
    names = [score]
    names += [factor.id for factor in protocol.allocation.strata]
    found = dict.fromkeys([*names, *protocol.analysis.covariates])
    return [name for name in found if with_baseline or name != score]


def has_covariates(protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis) -> Seen:
    """Who has every covariate of a planned model, (n,)."""
    has = np.ones(len(table.participants), dtype=np.bool_)
    for covariate in covariates_of(protocol, planned):
        block, _ = _columns(protocol, table, covariate, has)
        has &= np.isfinite(block).all(axis=1)
    return has


def model_of(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen, *, with_baseline: bool = True
) -> Model:
    """The covariates of a planned model for those `seen`, gaps at the mean of everyone randomised."""
    columns: list[FloatArray] = [np.empty((int(np.sum(seen)), 0))]
    names: list[str] = []
    filled: dict[str, int] = {}
    alike: list[str] = []
    for covariate in covariates_of(protocol, planned, with_baseline=with_baseline):
        block, its_names = _columns(protocol, table, covariate, seen)
        filled[covariate] = int(np.isnan(block[seen]).any(axis=1).sum())
        complete = impute_means(block, its_names).values[seen] if block.shape[1] else block[seen]
        columns.append(complete)
        names += its_names
        alike += [] if its_names else [covariate]
    return Model(np.hstack(columns), tuple(names), filled, tuple(alike))


def _columns(protocol: TrialProtocol, table: AnalysisTable, covariate: str, seen: Seen) -> tuple[FloatArray, list[str]]:
    """One covariate of everyone randomised as columns, NaN where missing: a number, or a factor's levels as 0/1."""
    if covariate in table.factors:
        return _factor(table.factors[covariate], covariate, seen)
    values = table.numbers.get(covariate)
    if values is None:
        values = table.outcome(covariate, protocol.baseline.id)
    return values.reshape(-1, 1), [f"{covariate} at baseline"]


def _factor(levels: tuple[str | None, ...], name: str, seen: Seen) -> tuple[FloatArray, list[str]]:
    """Columns for each level that someone analysed has, but the first: it is what the others are compared with."""
    present = sorted({level for level, has in zip(levels, seen, strict=True) if has and level is not None})
    if not present and any(seen):
        raise AnalysisImpossible(f"Covariate {name!r} is missing for everyone.")
    rows = [[np.nan if level is None else float(level == kept) for kept in present[1:]] for level in levels]
    return np.array(rows, dtype=np.float64).reshape(len(levels), -1 + max(len(present), 1)), [
        f"{name}: {level}" for level in present[1:]
    ]
