"""What a report says of an ordinal outcome: one odds ratio for every cut of its levels, and whether one is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports import families, margins
from reports.document import Block, Paragraph, Row, Table, grouped
from reports.labels import Labels, sentence
from reports.numbers import NONE, count, declared, interval, number, p_phrase, p_value, share
from reports.plan_history import as_planned, mark
from reports.proportions import measured, p_of, same_for_all

One = Mapping[str, Any]

METHOD, NAME = "proportional_odds", "common odds ratio"
ERROR = (
    "Robust standard errors (Huber and White's, with n / (n - p)), which do not take one odds ratio to fit every cut; "
    "normal distribution on the scale of the logarithm, {level}% intervals, two-sided p."
)
TESTED = (
    "Whether one ratio fits every cut is tested by Brant's method, and the ratio at each cut stands beside it: with "
    "few people that test finds little, so a large p does not prove that one ratio is enough."
)


def is_ordinal(one: One) -> bool:
    """Whether an estimate compares levels by their order."""
    return one.get("measure") == "common_odds_ratio" or one.get("aggregation") == "ordinal"


def model(terms: str) -> str:
    """The model with each of its terms."""
    return (
        f"Proportional odds model by greatest likelihood: the level of the outcome on {terms}. Its odds ratio is that "
        "of lying above a cut of the levels, whichever the cut, arm over reference, of people alike in these terms. "
        f"{TESTED}"
    )


def result(one: One, labels: Labels) -> str:
    """The odds ratio in one sentence, with its direction, interval and p."""
    arm, reference = (labels.arm(each) for each in one["contrast"])
    towards = "higher" if one["estimate"] > 1 else "lower"
    where = f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}"
    return (
        f"{where}: {towards} estimated odds of a higher level with {arm} than with {reference} (adjusted {NAME} "
        f"{number(one['estimate'], 2)}, {declared(100 * one['level'])}% confidence interval "
        f"{interval(one['ci'], 2)}{p_of(one)}). {_better(one)}"
    )


def _better(one: One) -> str:
    return f"{one['better'].capitalize()} levels are better."


def estimates(chosen: Sequence[One], labels: Labels, kind: str) -> Table:
    """Under its contrast, each comparison: people in the model, odds ratio, p, adjusted p, Brant's p."""
    adjusted = any(one["p_adjusted"] is not None for one in chosen)
    rows = []
    for one in chosen:
        n = " v. ".join(count(one["n"].get(arm, 0)) for arm in one["contrast"])
        tested = one["ordinal"] and one["ordinal"]["proportionality"]
        what = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}{mark(one)}"
        cells = [what, n, measured(one), margins.p_cell(one)]
        cells += [p_value(one["p_adjusted"])] if adjusted else []
        row = Row((*cells, p_value(tested["p"]) if tested else NONE), "under")
        rows.append((labels.contrast(one["contrast"]), row))
    columns = (
        "",
        "n",
        f"Adjusted {NAME} ({declared(100 * chosen[0]['level'])}%\u00a0CI)",
        "p",
        *([families.HEADS[chosen[0]["adjusted_by"]]] if adjusted else []),
        "p that one ratio fits every cut",
    )
    caption = (
        f"{sentence(kind)} {'analysis' if len(chosen) == 1 else 'analyses'} of levels in order, {as_planned(chosen)}"
    )
    return Table(
        f"{kind}-levels", caption, columns, tuple(grouped(rows)), " ".join(_notes(chosen, labels)), alike=False
    )


def _notes(chosen: Sequence[One], labels: Labels) -> list[str]:
    said = ["The odds of a higher level, first arm over the second."]
    for one in chosen:
        where = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
        said.append(f"{where}: {one['better']} levels are better.")
        if one["problem"]:
            said.append(f"Not estimated: {where}, {labels.contrast(one['contrast'])}. {one['problem']}")
    return list(dict.fromkeys(said + same_for_all(chosen, labels)))


def arms_of(one: One, labels: Labels) -> Table:
    """How many of each arm lie at each level, of those in the model."""
    found, arms = one["ordinal"], [arm for arm in labels.arms if arm in one["arms"]]
    rows = [
        Row((sentence(labels.joined), *(count(one["arms"][arm]["n_randomised"]) for arm in arms))),
        Row(("With the outcome", *(count(one["arms"][arm]["n_with_data"]) for arm in arms))),
    ]
    for at, level in enumerate(found["levels"] if found else ()):
        cells = (share(found["counts"][arm][at], sum(found["counts"][arm])) if arm in found["counts"] else NONE
                 for arm in arms)  # fmt: skip
        rows.append(Row((f"Level {declared(level)}", *cells)))
    caption = f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}, by arm"
    return Table("primary-arms", caption, ("", *map(labels.arm, arms)), tuple(rows), alike=False)


def blocks(results: Mapping[str, Any], kind: str, labels: Labels) -> Iterator[Block]:
    """Beneath estimates of a kind: of each whether one ratio fits every cut, and the ratio at each."""
    for one in results["estimates"]:
        if one["analysis"] == kind and one["ordinal"]:
            yield Paragraph(_cuts(one, labels))


def _cuts(one: One, labels: Labels) -> str:
    found = one["ordinal"]
    where = f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}"
    test = found["proportionality"]
    if test is None:
        return f"{where}: whether one odds ratio fits every cut could not be tested: {found['untested']}."
    at_cuts = zip(found["levels"], test["odds_ratios"], strict=False)
    ratios = "; ".join(f"above {declared(level)}: {number(ratio, 2)}" for level, ratio in at_cuts)
    return (
        f"{where}, odds ratio at each cut: {ratios}. Brant's test that they are one: chi-square "
        f"{number(test['chi_square'], 2)} on {count(test['df'])}, {p_phrase(test['p'])}. With few people it finds "
        "little."
    )
