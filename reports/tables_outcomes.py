"""Tables of the outcomes: each arm's result, the planned estimates, the course over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import clustered, compliers, factors, families, margins, ordinal, proportions
from reports.document import Row, Table, grouped
from reports.labels import Labels, sentence
from reports.numbers import NONE, count, decimals_for, interval, mean_sd, number, p_value
from reports.plan_history import as_planned, mark
from reports.sentences import decimals_by_outcome, estimate_text, level
from trial.core.compliers import METHOD

Results = Mapping[str, Any]


def arms_of(one: Mapping[str, Any], labels: Labels) -> Table:
    """Each arm's own result for one estimate: randomised, with data, in the model, raw and adjusted mean."""
    if one["aggregation"] == "proportion":
        return proportions.arms_of(one, labels)
    if one["aggregation"] == "ordinal":
        return ordinal.arms_of(one, labels)
    decimals = decimals_for(one["g"]["standardiser_value"] if one["g"] else None)
    rows = []
    for arm in labels.arms:
        its = one["arms"][arm]
        sizes = (its["n_randomised"], its["n_with_data"], one["n"].get(arm, 0))
        adjusted = f"{number(its['adjusted_mean'], decimals)} ({interval(its['adjusted_ci'], decimals)})"
        means = (mean_sd(its["mean"], its["sd"], decimals), adjusted if its["adjusted_ci"] else NONE)
        rows.append(Row((labels.arm(arm), *map(count, sizes), *means)))
    caption = f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}, by arm"
    mean = "mean change" if one["metric"] == "change" else "mean"
    columns: tuple[str, ...] = (
        "", sentence(labels.joined), "With the outcome", "In the model", f"{sentence(mean)} (SD)",
    )  # fmt: skip
    if labels.single:  # nothing is adjusted for, where nothing is compared
        rows = [Row(row.cells[:-1]) for row in rows]
        return Table("primary-arms", caption, columns, tuple(rows), alike=False)
    columns += (f"Adjusted {mean} ({level(one)}\u00a0CI)",)
    note = "Adjusted means hold every baseline variable of the model at its mean among those analysed."
    if one["metric"] == "change":
        note += " Changes are since the baseline; the raw mean is of those who have both values."
    return Table("primary-arms", caption, columns, tuple(rows), note, alike=False)


def estimates(results: Results, labels: Labels, kind: str) -> list[Table]:
    """The estimates of one kind, of means, proportions and levels in order, in tables of their own."""
    chosen = [one for one in labels.in_order(results["estimates"]) if one["analysis"] == kind]
    comply = [one for one in chosen if one["method"] == METHOD]
    means = [one for one in chosen if one["aggregation"] == "mean" and one not in comply]
    shares = [one for one in chosen if one["aggregation"] == "proportion"]
    levels = [one for one in chosen if one["aggregation"] == "ordinal"]
    tables = [_of_means(means, labels, kind)] if means else []
    tables += [proportions.estimates(shares, labels, kind)] if shares else []
    tables += [ordinal.estimates(levels, labels, kind)] if levels else []
    return tables + ([compliers.estimates(comply, labels, kind)] if comply else [])


def _of_means(chosen: Sequence[Mapping[str, Any]], labels: Labels, kind: str) -> Table:
    """Under their contrast: numbers analysed, difference, p, adjusted p, g."""
    adjusted = any(one["p_adjusted"] is not None for one in chosen)
    sized = not labels.single  # a change of one arm has no such size
    decimals = decimals_by_outcome(chosen)
    rows = grouped(
        (
            labels.compared(one),
            _estimate_row(one, labels, decimals.get(one["outcome"]), adjusted=adjusted, sized=sized),
        )
        for one in chosen
    )
    ci = f"({level(chosen[0])}\u00a0CI)"
    what = "Mean change" if labels.single else "Adjusted difference"
    columns = [
        "",
        "n",
        f"{what} {ci}",
        margins.head(chosen[0]) if chosen[0]["margin"] else "p",
        *([families.HEADS[chosen[0]["adjusted_by"]]] if adjusted else []),
        *([f"{clustered.SIZE if chosen[0]['clusters'] else 'Hedges g'} {ci}"] if sized else []),
    ]
    caption = f"{sentence(kind)} {'analysis' if len(chosen) == 1 else 'analyses'}, {as_planned(chosen)}"
    note = " ".join(_notes(chosen, labels))
    return Table(f"{kind}-estimates", caption, tuple(columns), tuple(rows), note, alike=False)


def _estimate_row(one: Mapping[str, Any], labels: Labels, decimals: int | None, *, adjusted: bool, sized: bool) -> Row:
    n = factors.sizes(one, one["n"])
    g = one["g"]
    size = f"{number(g['estimate'], 2)} ({interval(g['ci'], 2)})" if g else NONE
    what = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}{mark(one)}"
    cells = [what, n, estimate_text(one, decimals), margins.p_cell(one)]
    cells += [p_value(one["p_adjusted"])] if adjusted else []
    return Row((*cells, size) if sized else tuple(cells), "under")


def _notes(chosen: Sequence[Mapping[str, Any]], labels: Labels) -> list[str]:
    better = {labels.outcome(one["outcome"]): one["better"] for one in chosen}
    said = [f"{name}: {direction} is better." for name, direction in better.items()]
    if any(one["repeated"] for one in chosen):
        said.append("n counts everyone whose values enter the model of repeated outcomes.")
    if any(one["g"] and one["ci"] and _holds_zero(one["ci"]) != _holds_zero(one["g"]["ci"]) for one in chosen):
        said.append(
            "The interval of the effect size leaves out what the adjustment gained; read that of the difference."
        )
    said += [margins.note(one) for one in chosen if one["margin"]]
    return list(filter(None, said + _not_estimated(chosen, labels) + proportions.same_for_all(chosen, labels)))


def _not_estimated(chosen: Sequence[Mapping[str, Any]], labels: Labels) -> list[str]:
    """What could not be, each reason once."""
    whose: dict[str, list[str]] = {}
    for one in chosen:
        if one["problem"]:
            where = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
            whose.setdefault(one["problem"], []).append(f"{where}, {labels.compared(one)}")
    return [f"Not estimated: {'; '.join(its)}. {why}" for why, its in whose.items()]


def _holds_zero(ends: Sequence[float]) -> bool:
    return ends[0] <= 0 <= ends[1]


def over_time(results: Results, labels: Labels) -> Table:
    """Mean, SD and number of every outcome at each timepoint, by arm; of a proportion the share and number."""
    by_outcome: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = {}
    for one in results["outcome_over_time"]:
        by_outcome.setdefault(one["outcome"], {})[one["timepoint"], one["arm"]] = one
    rows: list[Row] = []
    for outcome, its in by_outcome.items():
        decimals = decimals_for(next((one["sd"] for one in its.values() if one["sd"]), None))
        rows.append(Row((labels.outcome(outcome),), "group"))
        for timepoint in labels.in_time({point for point, _ in its}):
            cells = (_point(its[timepoint, arm], decimals) for arm in labels.arms)
            rows.append(Row((labels.timepoint(timepoint), *cells), "under"))
    columns = ("", *(labels.arm(arm) for arm in labels.arms))
    note = "Mean (SD), number with the outcome. Raw values of those with one, not adjusted."
    if any(one["aggregation"] == "proportion" for one in results["outcome_over_time"]):
        note += " Of a proportion: the share of those of whom it is known, and their number."
    return Table("over-time-table", "Outcomes over time, by arm", columns, tuple(rows), note)


def _point(one: Mapping[str, Any], decimals: int) -> str:
    if not one["n"]:
        return NONE
    if one["aggregation"] == "proportion":
        return f"{number(100 * one['mean'], 1)}%, {count(one['n'])}"
    return f"{mean_sd(one['mean'], one['sd'], decimals)}, {count(one['n'])}"
