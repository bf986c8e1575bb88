"""What a report says of exploratory analyses: in no family, deciding nothing; subgroups by their interaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import (
    cautions,
    clustered,
    compliers,
    factors,
    ordinal,
    plan_history,
    subgroup_forest,
    tables_outcomes,
)
from reports.document import Block, Paragraph, Row, Table
from reports.labels import Labels
from reports.numbers import NONE, count, number, p_phrase
from reports.sentences import decimals_by_outcome, estimate_text, level

One = Mapping[str, Any]

WHAT = (
    "These analyses are exploratory: they belong to no family and are not adjusted for their "
    "number. What they find is a question for the next trial and no finding of this one."
)
ALONE = (
    "Whether effects differ is judged by the test of interaction alone: a difference that excludes zero in one "
    "subgroup and not in another shows nothing."
)


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """The whole section; empty where nothing exploratory was planned."""
    found = results["subgroups"]
    analyses = any(one["analysis"] == "exploratory" for one in results["estimates"])
    if not found and not analyses:
        return []
    parts: list[Block] = [Paragraph(WHAT, "mark"), *plan_history.blocks(results, labels, "exploratory")]
    if analyses:
        parts += tables_outcomes.estimates(results, labels, "exploratory")
        parts += clustered.blocks(results, "exploratory", labels)
        parts += ordinal.blocks(results, "exploratory", labels)
        parts += compliers.blocks(results, "exploratory", labels)
        parts += cautions.blocks(results, "exploratory", labels)
        parts += factors.blocks(results, "exploratory", labels)
    for place, one in enumerate(found, start=1):
        whole = subgroup_forest.whole_of(results, one)
        as_whole = {**one, "g": whole and whole["g"]}  # decimals as those of the difference in everybody
        parts += [Paragraph(words(one, labels)), _table(as_whole, labels, place)] if one["effects"] else []
        parts += [Paragraph(_undone(one, labels))] if one["problem"] else []
    return [*parts, *subgroup_forest.blocks(results, labels), Paragraph(ALONE)] if found else parts


def words(one: One, labels: Labels) -> str:
    """The test of interaction, with its model, in sentences."""
    test = one["interaction"]
    said = (
        f"Exploratory: whether the difference in {_where(one, labels)} differs by {labels.variable(one['variable'])}: "
        f"test of interaction, F({count(round(test['df'][0]))}, {number(test['df'][1], 1)})\u00a0="
        f"\u00a0{number(test['f'], 2)}, {p_phrase(test['p'])} ({one['covariance']} standard errors; one model of "
        "everyone with the planned covariates, a mean for each arm at each level)."
    )
    if lost := one["without_level"]:
        who = f"{count(lost)} {'person' if lost == 1 else 'people'}"
        said += f" {who} with the outcome and without a level {'is' if lost == 1 else 'are'} left out."
    return said


def _table(one: One, labels: Labels, place: int) -> Table:
    rows, apart = [], one["difference"]
    every = [{**one, **its} for its in (*one["effects"], *([apart] if apart else []))]
    decimals = decimals_by_outcome(every).get(one["outcome"])
    for its in subgroup_forest.in_order(one, labels):
        n = " v. ".join(count(its["n"].get(arm, 0)) for arm in one["contrast"])
        text = estimate_text({**one, **its}, decimals)
        rows.append(Row((labels.level(one["variable"], its["level"]), n, text)))
    of = " minus ".join(labels.level(one["variable"], its["level"]) for its in one["effects"])
    rows.append(Row((of, "", estimate_text({**one, **apart}, decimals) if apart else NONE)))
    columns = (labels.variable(one["variable"]), "n", f"Adjusted difference ({level(one)}\u00a0CI)")
    caption = f"Exploratory: {_where(one, labels)}, by {labels.variable(one['variable'])}"
    shown = tuple(rows if apart else rows[:-1])
    note = "No p stands beside a subgroup; intervals are not adjusted for their number."
    return Table(f"subgroups-{place}", caption, columns, shown, note, alike=False)


def _undone(one: One, labels: Labels) -> str:
    where = f"{_where(one, labels)}, by {labels.variable(one['variable'])}"
    return f"Exploratory, not estimated: {where}. {one['problem']}"


def _where(one: One, labels: Labels) -> str:
    return f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])} ({labels.contrast(list(one['contrast']))})"
