"""What the arms were like: the baseline table, and each outcome over time. No tests, no p-values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from reports.data_file import TrialData
from reports.variables import Variable, timepoints_of, variables
from trial.core.protocol import Outcome, Timepoint
from trial.protocol_files import ProtocolFolder
from trial.stats.arrays import FloatArray
from trial.stats.descriptives import count_levels, describe
from trial.stats.intervals import mean_interval
from trial.stats.plan.outcome import responses
from trial.stats.two_proportions import wilson


def baseline(folder: ProtocolFolder, data: TrialData) -> list[dict[str, Any]]:
    """Each variable of the protocol's baseline table that the data hold: by arm, and overall."""
    named = variables(folder, folder.protocol.analysis.baseline_table)
    return [
        {
            "variable": name,
            "kind": meaning.kind,
            "arms": {arm.id: _describe(folder, data, meaning, arm.id) for arm in folder.protocol.arms},
            "overall": _describe(folder, data, meaning, None),
        }
        for name, meaning in named.items()
        if name in data.columns
    ]


def _describe(folder: ProtocolFolder, data: TrialData, meaning: Variable, arm: str | None) -> dict[str, Any]:
    chosen = [arm is None or its == arm for its in data.table.arms]
    if meaning.kind == "factor":
        levels = data.table.factors[meaning.id]
        seen = [level for level, keep in zip(levels, chosen, strict=True) if keep]
        return asdict(count_levels(seen, [code for code, _ in meaning.levels]))
    values = data.table.numbers.get(meaning.id)
    if values is None:
        values = data.table.outcome(meaning.id, folder.protocol.baseline.id)
    return asdict(describe(values[np.array(chosen, dtype=bool)]))


def over_time(folder: ProtocolFolder, data: TrialData) -> list[dict[str, Any]]:
    """Every outcome in every arm at every timepoint that asks it: n, mean, standard deviation, interval.

    Of a proportion the mean is the share of those who have it, with Wilson's interval; where it counts from the
    baseline, the baseline itself has none.
    """
    return [
        _point(folder, data, outcome, point, arm.id)
        for outcome in folder.protocol.outcomes
        if outcome.score in data.columns
        for point in timepoints_of(folder, outcome.score)
        if not (outcome.responder and outcome.responder.since_baseline and point.anchor == "consent")
        for arm in folder.protocol.arms
    ]


def _point(folder: ProtocolFolder, data: TrialData, outcome: Outcome, point: Timepoint, arm: str) -> dict[str, Any]:
    its = np.array(data.table.arms, dtype=object) == arm
    values: FloatArray = data.table.outcome(outcome.score, point.id)[its]
    place = {"outcome": outcome.id, "timepoint": point.id, "arm": arm, "aggregation": outcome.aggregation}
    if outcome.aggregation == "proportion":
        before = data.table.outcome(outcome.score, folder.protocol.baseline.id)[its]
        known = responses(outcome, before, values, data.table.reliable_change)
        return place | _share(known[np.isfinite(known)], folder.protocol.analysis.level)
    found = mean_interval(values, folder.protocol.analysis.level)
    return place | {
        "n": found.n,
        "mean": found.mean,
        "sd": found.sd,
        "ci": None if found.ci is None else list(found.ci),
    }


def _share(known: FloatArray, level: float) -> dict[str, Any]:
    n, events = len(known), float(known.sum())
    shared = {"n": n, "mean": events / n if n else None, "sd": None}
    whole = n > 0 and bool(np.all((known == 0) | (known == 1)))
    return shared | {"ci": list(wilson(int(events), n, level)) if whole else None}
