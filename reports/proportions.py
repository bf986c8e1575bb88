"""What a report says of outcomes that are proportions: sentences, tables, and how they were analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import families, margins
from reports.document import Row, Table, grouped
from reports.labels import Labels, sentence
from reports.numbers import NONE, count, declared, interval, number, p_phrase, p_value, percent, share
from reports.plan_history import as_planned, mark
from trial.core.protocol import Outcome, PlannedAnalysis

One = Mapping[str, Any]

NAMES = {"risk_difference": "risk difference", "risk_ratio": "risk ratio", "odds_ratio": "odds ratio"}
STANDARDIZED = (
    "A logistic regression, by greatest likelihood, of who has the outcome on the same terms foretells each person's "
    "chance in either arm; the mean over everyone analysed is the adjusted proportion of an arm (g-computation), and "
    "the arms are compared as wholes. Beside it stand the proportions as they were, compared without a model: a "
    "difference with Newcombe's interval and the p of Miettinen and Nurminen's score test, a ratio with their score "
    "interval."
)
FALLBACK = (
    "Where an arm or a covariate tells without error who has the outcome, the model has no finite estimate; the "
    "comparison without a model then stands in, and the table says so. An odds ratio has none to stand in."
)
FEW_EVENTS = (
    "fewer than five people of an arm have the outcome, or fewer than five have it not; the adjusted error leans on "
    "large numbers, so read the interval without a model beside it."
)


def is_proportion(one: One) -> bool:
    """Whether an estimate compares proportions."""
    return one.get("measure") in NAMES


def measured(one: One) -> str:
    """`12.3 (1.0 to 23.6)` in percentage points, or a ratio."""
    if one["estimate"] is None:
        return NONE
    scale, decimals = _scale(one["measure"])
    ends = None if one["ci"] is None else [scale * end for end in one["ci"]]
    return f"{number(scale * one['estimate'], decimals)} ({interval(ends, decimals)})"


def plain(measure: str, value: float) -> str:
    """`12.3 percentage points`, or a ratio."""
    scale, decimals = _scale(measure)
    return number(scale * value, decimals) + (" percentage points" if scale != 1 else "")


def _scale(measure: str) -> tuple[float, int]:
    return (100.0, 1) if measure == "risk_difference" else (1.0, 2)


def result(one: One, labels: Labels) -> str:
    """How many of each arm, the comparison with its interval and p, and people treated for one more."""
    what, when = labels.outcome(one["outcome"]), labels.at(one["timepoint"])
    shares = " and ".join(f"{_share(one, arm)} with {labels.arm(arm)}" for arm in one["contrast"])
    how = "" if one["fallback"] else "adjusted "
    unit = " percentage points" if one["measure"] == "risk_difference" else ""
    scale, decimals = _scale(one["measure"])
    ends = interval([scale * end for end in one["ci"]], decimals)
    said = (
        f"{what} {when}: {shares} ({how}{NAMES[one['measure']]} {number(scale * one['estimate'], decimals)}{unit}, "
        f"{declared(100 * one['level'])}% confidence interval {ends}{p_of(one)}). {_wanted(one)}"
    )
    return said if one["margin"] else f"{said} {needed_words(one)}".strip()


def p_of(one: One) -> str:
    """`, p = 0.03`; nothing beside a margin, whose own p is said with it."""
    return "" if one["margin"] else f", {p_phrase(one['p'])}"


def _share(one: One, arm: str) -> str:
    its = one["arms"][arm]
    return f"{count(its['events'])} of {count(its['n_with_data'])} ({percent(its['events'], its['n_with_data'])})"


def _wanted(one: One) -> str:
    return "More is better." if one["better"] == "higher" else "Fewer is better."


def needed_words(one: One) -> str:
    """`Number needed to treat: 7 for one more who benefits (4 to 40).`; two ranges where the interval holds none."""
    found = one["number_needed"]
    if found is None or found["number"] is None:
        return ""
    ranges = [
        f"one more who {word} for {_range(found[side])}"
        for side, word in (("benefit", "benefits"), ("harm", "is worse off"))
        if found[side]
    ]
    who = "benefits" if found["towards"] == "benefit" else "is worse off"
    return (
        f"Number needed to treat: {number(found['number'], 1)} for one more who {who}; the data agree with "
        f"{' and with '.join(ranges)}."
    )


def _range(ends: Sequence[float | None]) -> str:
    low, high = ends
    return f"{number(low, 1)} and more" if high is None else f"{number(low, 1)} to {number(high, 1)}"


def needed_cell(one: One) -> str:
    """The same in a cell: `7.0 (benefit 4.0 to 40.0)`."""
    found = one["number_needed"]
    if found is None or found["number"] is None:
        return NONE
    ranges = [f"{side} {_range(found[side])}" for side in ("benefit", "harm") if found[side]]
    return f"{number(found['number'], 1)} ({'; '.join(ranges)})"


def meaning(one: One, labels: Labels) -> str:
    """Whom the interval favours, from how little to how much."""
    arm, reference = (labels.arm(each) for each in one["contrast"])
    none, said_none = (0.0, "A difference of zero") if one["measure"] == "risk_difference" else (1.0, "A ratio of one")
    low, high = one["ci"]
    least, most = plain(one["measure"], low), plain(one["measure"], high)
    if low <= none <= high:
        return (
            f"{said_none} lies inside the interval: the data agree with anything from {least} to {most}. "
            "That is not evidence that the two do equally well."
        )
    favoured = arm if (low > none) == (one["better"] == "higher") else reference
    return f"The whole interval favours {favoured}: the data agree with anything from {least} to {most}."


def estimates(chosen: Sequence[One], labels: Labels, kind: str) -> Table:
    """Under its contrast, each comparison: of how many in either arm, adjusted, p, without a model, number needed."""
    adjusted = any(one["p_adjusted"] is not None for one in chosen)
    rows = grouped((labels.contrast(one["contrast"]), _row(one, labels, adjusted=adjusted)) for one in chosen)
    ci = f"({declared(100 * chosen[0]['level'])}%\u00a0CI)"
    columns = (
        "",
        "With it, first arm",
        "With it, second arm",
        f"Adjusted {ci}",
        margins.head(chosen[0]) if chosen[0]["margin"] else "p",
        *([families.HEADS[chosen[0]["adjusted_by"]]] if adjusted else []),
    )
    columns += (f"Without a model {ci}", *([] if chosen[0]["margin"] else ["Number needed to treat"]))
    caption = f"{sentence(kind)} {'analysis' if len(chosen) == 1 else 'analyses'} of proportions, {as_planned(chosen)}"
    return Table(f"{kind}-proportions", caption, columns, tuple(rows), " ".join(_notes(chosen, labels)), alike=False)


def _row(one: One, labels: Labels, *, adjusted: bool) -> Row:
    what = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}{mark(one)}; {NAMES[one['measure']]}"
    counts = [_cell(one, arm) for arm in one["contrast"]]
    cells = [what, *counts, NONE if one["fallback"] else measured(one), margins.p_cell(one)]
    cells += [p_value(one["p_adjusted"])] if adjusted else []
    plainly = measured(one["unadjusted"]) if one["unadjusted"] else NONE
    # beside a margin nobody is said to benefit
    return Row((*cells, plainly, *([] if one["margin"] else [needed_cell(one)])), "under")


def _cell(one: One, arm: str) -> str:
    its = one["arms"].get(arm)
    if its is None or its["events"] is None:
        return NONE
    return f"{count(its['events'])}/{count(its['n_with_data'])} ({percent(its['events'], its['n_with_data'])})"


def _notes(chosen: Sequence[One], labels: Labels) -> list[str]:
    said = ["Risk differences are in percentage points; a ratio is the first arm over the second."]
    for one in chosen:
        where = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
        rule = rule_of(labels.folder.protocol.outcome(one["outcome"]))
        said.append(f"{where}: {rule}. {_wanted(one)}")
        if one["unadjusted"] and one["measure"] == "odds_ratio":
            said.append(f"{where}: without a model stands the risk difference.")
        if one["fallback"]:
            said.append(f"{where}: p is that without a model. {one['fallback']}")
        if one["margin"]:
            said.append(margins.note(one))
        if one["problem"]:
            said.append(f"Not estimated: {where}, {labels.contrast(one['contrast'])}. {one['problem']}")
        if any(its["kind"] == "few_events" for its in one["warnings"]):
            said.append(f"{where}: {FEW_EVENTS}")
    return list(dict.fromkeys(filter(None, said + same_for_all(chosen, labels))))


def same_for_all(chosen: Sequence[One], labels: Labels) -> list[str]:
    """Which planned variables are not in a model, because they tell nobody analysed from anybody else."""
    said = []
    for one in chosen:
        gone = [labels.variable(name.split(": ")[0].removesuffix(" at baseline")) for name in one["covariates_dropped"]]
        if gone:
            where = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
            said.append(f"{where}: not in the model, the same for everyone analysed: {', '.join(gone)}.")
    return said


def arms_of(one: One, labels: Labels) -> Table:
    """Each arm's own result: randomised, with the outcome known, in the model, who has it, adjusted proportion."""
    rows = []
    for arm in labels.arms:
        its = one["arms"].get(arm)
        if its is None:
            continue
        adjusted = NONE if its["adjusted_mean"] is None else f"{number(100 * its['adjusted_mean'], 1)}%"
        sizes = (its["n_randomised"], its["n_with_data"], one["n"].get(arm, 0))
        rows.append(Row((labels.arm(arm), *map(count, sizes), share(its["events"], its["n_with_data"]), adjusted)))
    caption = f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}, by arm"
    columns = ("", sentence(labels.joined), "Outcome known", "In the model", "With it (%)", "Adjusted %")
    note = "Adjusted: the mean chance of everyone analysed, had they been given this arm; of the two arms compared."
    return Table("primary-arms", caption, columns, tuple(rows), note, alike=False)


def rule_of(outcome: Outcome) -> str:
    """Who counts, in words."""
    rule = outcome.responder
    if rule is None:
        return "counted are those with 1"
    parts = []
    if rule.reaches is not None:
        parts.append(f"{declared(rule.reaches)} or {'lower' if outcome.better == 'lower' else 'higher'}")
    if rule.improves_by is not None:
        parts.append(f"at least {declared(rule.improves_by)} points better than at the baseline")
    if rule.reliable_change:
        parts.append("better than at the baseline by more than the reliable change of the instrument")
    source = f" ({rule.source})" if rule.source else ""
    return f"a responder is {' and '.join(parts)}{source}"


def model(labels: Labels, planned: Sequence[PlannedAnalysis]) -> str:
    """How proportions are analysed, and who counts in each; nothing where the plan has none."""
    protocol = labels.folder.protocol
    of = dict.fromkeys(plan.outcome for plan in planned)
    found = [one for one in map(protocol.outcome, of) if one.aggregation == "proportion"]
    if not found:
        return ""
    rules = "; ".join(f"{labels.outcome(one.id)}: {rule_of(one)}" for one in found)
    return f"Proportions ({rules}). {STANDARDIZED} {FALLBACK}"
