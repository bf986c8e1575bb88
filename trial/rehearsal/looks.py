"""A pretend trial with the interim looks that its protocol registers: analysed as far as people have joined by then.

A look comes when its share of the people has joined, so that shares of people stand for shares of the information.
"""

from __future__ import annotations

import math
from dataclasses import replace

from trial.core.planned_size import tested_alpha
from trial.core.protocol import TrialProtocol
from trial.stats.plan.margin import tested_p
from trial.stats.plan.run import run_primary
from trial.stats.plan.table import AnalysisTable, Estimate
from trial.stats.sequential.design import Sides
from trial.stats.sequential.planned import planned_design


def looked_at(protocol: TrialProtocol, table: AnalysisTable) -> tuple[Estimate, AnalysisTable, bool | None]:
    """(The primary estimate at the look that ended the trial, as it comes; the people in it; whether a boundary was
    crossed). None in place of the last where no look can end the trial.

    The p-value of each look is held against the boundary as a nominal level, as the report does: of a margin the
    one-sided p, against bounds of one side.
    """
    sides: Sides = 2 if protocol.design.margin is None else 1
    design = planned_design(protocol.monitoring, tested_alpha(protocol), sides)
    if design is None:
        return run_primary(protocol, table), table, None
    people = len(table.participants)
    for share, nominal in zip(design.information, design.nominal_p, strict=True):
        seen = first(table, math.ceil(share * people))
        one = run_primary(protocol, seen)
        p = tested_p(one)
        if p is not None and p <= nominal:
            return one, seen, True
    return one, seen, False


def first(table: AnalysisTable, people: int) -> AnalysisTable:
    """The same of those who joined first."""
    return replace(
        table,
        participants=table.participants[:people],
        arms=table.arms[:people],
        scores={key: values[:people] for key, values in table.scores.items()},
        numbers={key: values[:people] for key, values in table.numbers.items()},
        factors={key: values[:people] for key, values in table.factors.items()},
    )
