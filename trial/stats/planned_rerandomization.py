"""The randomisation test of what a protocol plans, over the people of a trial: whom it takes in, what is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.core.protocol.analysis import RUN_AGAIN
from trial.core.published_list import AllocatedPeople
from trial.stats.ancova import AncovaResult
from trial.stats.intervals import quantile
from trial.stats.plan.covariates import model_of
from trial.stats.plan.limits import refuse_unusable
from trial.stats.plan.linear import fit_among
from trial.stats.plan.outcome import modelled, scores_of
from trial.stats.plan.table import AnalysisTable
from trial.stats.randomization_test import REPS, Judged, Over, RandomizationTest, randomization_test
from trial.stats.rerandomize import Mechanism, mechanism
from trial.stats.rerandomized_statistics import Comparison, comparison

Tested = dict[str, Any]


def rerandomized_plan(
    protocol: TrialProtocol,
    table: AnalysisTable,
    people: AllocatedPeople | None,
    planned: Sequence[PlannedAnalysis],
    seed: str,
    reps: int = REPS,
    over: Over = map,
) -> list[Tested]:
    """Each planned comparison with its randomisation test, over the same new lists.

    One that the data cannot carry has its reason in `problem`. AnalysisImpossible where there is no test at all.
    """
    how = _how(protocol, table, people)
    entries: list[Tested] = []
    ready: list[tuple[Tested, AncovaResult, Comparison]] = []
    for each in planned:
        entry: Tested = {
            "outcome": each.outcome,
            "timepoint": each.timepoint,
            "contrast": list(each.contrast),
            **dict.fromkeys(("estimate", "p", "rerandomization", "problem")),
            "n": {},
        }
        entries.append(entry)
        try:
            ready.append((entry, *_compared(protocol, table, how, each)))
        except AnalysisImpossible as error:
            entry["problem"] = str(error)
    found = randomization_test(how, [one for _, _, one in ready], seed, reps, protocol.analysis.level, over)
    for (entry, result, _), test in zip(ready, found, strict=True):
        entry |= {"estimate": result.estimate, "n": result.n, "p": test.studentised.p}
        entry["rerandomization"] = _said(test, result, len(how.arms))
    return entries


def _how(protocol: TrialProtocol, table: AnalysisTable, people: AllocatedPeople | None) -> Mechanism:
    """How those in the table were allocated, in the order of the list; the two must name the same people and arms."""
    refuse_unusable(table)
    if len(protocol.arms) == 1:
        raise AnalysisImpossible("In a single arm chance decided nothing.")
    if people is None:
        raise AnalysisImpossible("The data do not tell in which order people were allocated, and by which rule.")
    how = mechanism(people, [arm.id for arm in protocol.arms])
    of_list = {code: how.arms[arm] for code, arm in zip(how.participants, how.allocated, strict=True)}
    if of_list != dict(zip(table.participants, table.arms, strict=True)):
        raise AnalysisImpossible("The list of allocations and the data differ on who was allocated to what.")
    return how


def _compared(
    protocol: TrialProtocol, table: AnalysisTable, how: Mechanism, planned: PlannedAnalysis
) -> tuple[AncovaResult, Comparison]:
    """The planned estimate, and the same model ready for any list."""
    method = protocol.analysis.method_of(planned)
    if method != RUN_AGAIN:
        raise AnalysisImpossible(f"The plan is by {method}; the test runs an analysis of covariance again and again.")
    if planned.factors:
        raise AnalysisImpossible("An effect of factors was planned; the test compares two arms.")
    values = scores_of(protocol, table, planned)
    seen = np.isfinite(values)
    result = fit_among(protocol, table, planned, seen)[0]
    model = model_of(protocol, table, planned, seen)
    place = {code: at for at, code in enumerate(how.participants)}
    rows = np.array([place[code] for code, has in zip(table.participants, seen, strict=True) if has], np.int64)
    arms = tuple(how.arms.index(arm) for arm in planned.contrast)
    contrast, covariance = (arms[0], arms[1]), protocol.analysis.covariance
    outcome = modelled(protocol, planned, values[seen], model.baseline)
    return result, comparison(rows, outcome, model.columns, len(how.arms), contrast, covariance)


def _said(test: RandomizationTest, result: AncovaResult, arms: int) -> dict[str, Any]:
    """As plain values."""
    return {
        "reps": test.reps,
        "seed": test.seed,
        "arms": arms,
        "studentised": _judgement(test.studentised),
        "difference": _judgement(test.difference),
        "edge": test.reference.edge,
        "counts": list(test.reference.counts),
        # a list without a statistic lies beyond every number
        "critical": test.reference.critical if np.isfinite(test.reference.critical) else None,
        "critical_t": quantile(result.df, (1 + result.level) / 2),
        "distinct": test.distinct,
        "effective": test.effective,
        "same": test.same,
        "undefined": test.undefined,
    }


def _judgement(one: Judged) -> dict[str, Any]:
    return asdict(one) | {"interval": list(one.interval)}
