"""Tables of the outcomes: each arm's result, the planned estimates, the course over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.document import Row, Table
from reports.labels import Labels, sentence
from reports.numbers import NONE, count, decimals_for, interval, mean_sd, number, p_value
from reports.sentences import estimate_text, level

Results = Mapping[str, Any]


def arms_of(one: Mapping[str, Any], labels: Labels) -> Table:
    """Each arm's own result for one estimate: randomised, with data, in the model, raw and adjusted mean."""
    decimals = decimals_for(one["g"]["standardiser_value"] if one["g"] else None)
    rows = []
    for arm in labels.arms:
        its = one["arms"][arm]
        sizes = (its["n_randomised"], its["n_with_data"], one["n"].get(arm, 0))
        adjusted = f"{number(its['adjusted_mean'], decimals)} ({interval(its['adjusted_ci'], decimals)})"
        means = (mean_sd(its["mean"], its["sd"], decimals), adjusted if its["adjusted_ci"] else NONE)
        rows.append(Row((labels.arm(arm), *map(count, sizes), *means)))
    caption = f"{labels.outcome(one['outcome'])} at {labels.timepoint(one['timepoint'])}, by arm"
    columns = ("", "Randomised", "With the outcome", "In the model", "Mean (SD)", f"Adjusted mean ({level(one)} CI)")
    note = "Adjusted means hold every baseline variable of the model at its mean among those analysed."
    return Table("primary-arms", caption, columns, tuple(rows), note)


def estimates(results: Results, labels: Labels, kind: str) -> Table:
    """The estimates of one kind: numbers analysed, difference, p, adjusted p, g."""
    chosen = [one for one in results["estimates"] if one["analysis"] == kind]
    adjusted = any(one["p_adjusted"] is not None for one in chosen)
    rows: list[Row] = []
    heading = ""
    for one in chosen:
        contrast = labels.contrast(one["contrast"])
        if contrast != heading:
            rows.append(Row((contrast,), "group"))
            heading = contrast
        rows.append(_estimate_row(one, labels, adjusted=adjusted))
    columns = ["Outcome", "n", "Adjusted difference (CI)", "p", *(["p, Holm"] if adjusted else []), "Hedges g (CI)"]
    caption = f"{sentence(kind)} {'analysis' if len(chosen) == 1 else 'analyses'}, all planned beforehand"
    note = " ".join(_notes(chosen, labels))
    return Table(f"{kind}-estimates", caption, tuple(columns), tuple(rows), note)


def _estimate_row(one: Mapping[str, Any], labels: Labels, *, adjusted: bool) -> Row:
    n = " v. ".join(count(one["n"].get(arm, 0)) for arm in one["contrast"])
    g = one["g"]
    size = f"{number(g['estimate'], 2)} ({interval(g['ci'], 2)})" if g else NONE
    what = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
    cells = [what, n, estimate_text(one), p_value(one["p"])]
    cells += [p_value(one["p_adjusted"])] if adjusted else []
    return Row((*cells, size), "under")


def _notes(chosen: Sequence[Mapping[str, Any]], labels: Labels) -> list[str]:
    better = {labels.outcome(one["outcome"]): one["better"] for one in chosen}
    said = [f"{name}: {direction} is better." for name, direction in better.items()]
    for one in chosen:
        if one["problem"]:
            where = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
            said.append(f"Not estimated: {where}, {labels.contrast(one['contrast'])}. {one['problem']}")
    return said


def over_time(results: Results, labels: Labels, outcome: str) -> Table:
    """Mean (SD), n and interval at each timepoint, by arm."""
    points = [one for one in results["outcome_over_time"] if one["outcome"] == outcome]
    decimals = decimals_for(next((one["sd"] for one in points if one["sd"]), None))
    by_place = {(one["timepoint"], one["arm"]): one for one in points}
    rows: list[Row] = []
    for timepoint in labels.in_time({one["timepoint"] for one in points}):
        its = [by_place[timepoint, arm] for arm in labels.arms]
        rows.append(Row((labels.timepoint(timepoint),), "group"))
        rows.append(Row(("n", *(count(one["n"]) for one in its)), "under"))
        means = [
            f"{number(one['mean'], decimals)} ({number(one['sd'], decimals)})" if one["n"] else NONE for one in its
        ]
        rows.append(Row(("Mean (SD)", *means), "under"))
        rows.append(Row(("CI of the mean", *(interval(one["ci"], decimals) for one in its)), "under"))
    columns = ("", *(labels.arm(arm) for arm in labels.arms))
    return Table(f"over-time-{outcome}", f"{labels.outcome(outcome)} over time, in numbers", columns, tuple(rows))
