"""Clinically significant change: what became of each person, by arm, and how many more in one arm than the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports import proportions
from reports.document import Block, Paragraph, Row, Section, Table
from reports.labels import Labels
from reports.numbers import NONE, count, declared, interval, number, share
from reports.variables import score as score_of
from trial.core.protocol import ClinicalChange
from trial.stats.clinical_significance import OUTCOMES

One = Mapping[str, Any]
WHAT = (
    "Scores are cut into kinds of change here, which loses what they tell beyond it: the comparison of the scores "
    "themselves comes first. These figures belong to no family of tests, and no p stands beside them."
)
UNVERIFIED = (
    "Nobody has read the figures of the instrument file for reliable change in a source: replace them before these "
    "numbers are used."
)
KINDS = {
    "recovered": "Recovered: reliably better, and over the cut-off",
    "reliably_better": "Reliably better, over the cut-off or not",
    "reliably_worse": "Reliably worse",
}
OF_PERSON = {
    "recovered": "Recovered",
    "improved": "Reliably better, not over the cut-off",
    "unchanged": "No reliable change",
    "deteriorated": "Reliably worse",
}
_CUTS = {
    "a": "two standard deviations beyond the mean of the clinical population",
    "b": "two standard deviations within the mean of the general population",
    "c": "between the means of the clinical and the general population, in the proportion of their standard deviations",
}
_COUNTED = "Of everybody in the arm; who lacks a score before or after is in the last line and in no other."
_COMPARED = (
    "Missing scores of both arms are drawn many times from what is likely in the same arm, then cut, and compared by "
    "g-computation on the planned covariates; results joined by Rubin's rules. Shares are the adjusted ones. "
    "Differences are in percentage points; a ratio is the first arm over the second."
)
_WITHOUT = "compared without a model over those with both scores, by Newcombe's interval and without a ratio."


def sections(results: Mapping[str, Any], labels: Labels) -> list[Section]:
    """The section, where the plan names such a change."""
    blocks: list[Block] = []
    for place, one in enumerate(results["clinical_change"]):
        blocks += _of(one, place, labels)
    return [Section("clinical-change", "Clinically significant change", (Paragraph(WHAT), *blocks))] if blocks else []


def _of(one: One, place: int, labels: Labels) -> Iterator[Block]:
    declared_ = labels.folder.protocol.analysis.clinical_change[place]
    yield Paragraph(_rule(one, declared_, labels))
    score = score_of(labels.folder, labels.folder.protocol.outcome(one["outcome"]).score)
    if score is not None and score.reliability is not None and not score.reliability.verified:
        yield Paragraph(UNVERIFIED, "mark")
    if one["arms"]:
        yield _counts(one, place, labels)
    if one["comparisons"]:
        yield Paragraph(" ".join(_in_words(one, labels)))
        yield _comparisons(one, place, labels)
    if one["problem"]:
        yield Paragraph(f"Not compared: {_where(one, labels)}. {one['problem']}")


def _where(one: One, labels: Labels) -> str:
    return f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}"


def declared_or_worked_out(one: One) -> str:
    """A cut-off that the plan states as it states it; one that was worked out with two decimals."""
    return number(one["cut_off"], 2) if one["kind"] else declared(one["cut_off"])


def _rule(one: One, planned: ClinicalChange, labels: Labels) -> str:
    said = f"{_where(one, labels)}."
    if one["threshold"] is not None:
        said += f" A change is reliable if it is of more than {number(one['threshold'], 2)} points"
        said += (
            ", which measurement error alone exceeds in one person of twenty, by the figures of the instrument file."
        )
    how = f", {_CUTS[one['kind']]}" if one["kind"] else ""
    side = "below" if one["better"] == "lower" else "above"
    return (
        f"{said} The cut-off is {declared_or_worked_out(one)}{how} ({planned.cut_off.source}); recovered is who has "
        f"come {side} it from the other side."
    )


def _counts(one: One, place: int, labels: Labels) -> Table:
    arms = [arm for arm in labels.arms if arm in one["arms"]]
    rows = [
        Row((OF_PERSON[kind], *(share(one["arms"][arm][kind], one["arms"][arm]["n_randomised"]) for arm in arms)))
        for kind in OUTCOMES
    ]
    rows.append(Row(("Not known", *(_share_unknown(one["arms"][arm]) for arm in arms))))
    heads = ("", *(f"{labels.arm(arm)} (n\u00a0=\u00a0{count(one['arms'][arm]['n_randomised'])})" for arm in arms))
    caption = f"What became of people: {_where(one, labels)}, by arm"
    return Table(f"clinical-change-{place + 1}", caption, heads, tuple(rows), _COUNTED)


def _share_unknown(arm: One) -> str:
    return share(arm["unknown"], arm["n_randomised"])


def _in_words(one: One, labels: Labels) -> Iterator[str]:
    """Of those who recovered and of those who are reliably worse, what the interval allows to say."""
    first, second = (labels.arm(arm) for arm in one["contrast"])
    for its in one["comparisons"]:
        if its["difference"] is None or its["kind"] == "reliably_better":
            continue
        low, high = its["difference"]["ci"]
        told = f"{KINDS[its['kind']].split(':')[0]}: {_difference(its)} percentage points, {first} minus {second}."
        if low <= 0 <= high:
            told += " The interval includes no difference, which is no evidence that the two do equally well."
        else:
            told += f" The whole interval says more of them in {first if low > 0 else second}."
        needed = proportions.needed_words(its)
        yield f"{told} {needed}" if needed else told


def _difference(its: One) -> str:
    scaled = [100 * end for end in its["difference"]["ci"]]
    return f"{number(100 * its['difference']['estimate'], 1)} ({interval(scaled, 1)})"


def _comparisons(one: One, place: int, labels: Labels) -> Table:
    ci = f"({declared(100 * one['level'])}%\u00a0CI)"
    heads = (
        "",
        *(labels.arm(arm) for arm in one["contrast"]),
        f"Difference {ci}",
        f"Ratio {ci}",
        "Number needed to treat",
    )
    rows = tuple(Row((KINDS[its["kind"]], *_cells(its, one["contrast"]))) for its in one["comparisons"])
    filled = one["imputation"]["filled"]
    note = f"{_COMPARED} {count(one['imputation']['imputations'])} sets; filled in: "
    note += ", ".join(f"{count(filled[arm])} of {labels.arm(arm)}" for arm in one["contrast"]) + "."
    for its in one["comparisons"]:
        if its["fallback"]:
            note += f" {KINDS[its['kind']].split(':')[0]}: {_WITHOUT} {its['fallback']}"
        if its["problem"]:
            note += f" Not compared: {KINDS[its['kind']].split(':')[0].lower()}. {its['problem']}"
    caption = f"People by kind of change, compared: {_where(one, labels)}"
    return Table(f"clinical-change-compared-{place + 1}", caption, heads, rows, note, alike=False)


def _cells(its: One, contrast: list[str]) -> tuple[str, ...]:
    if its["difference"] is None:
        return (NONE,) * (len(contrast) + 3)
    ratio = its["ratio"]
    return (
        *(f"{number(100 * its['shares'][arm], 1)}%" for arm in contrast),
        _difference(its),
        f"{number(ratio['estimate'], 2)} ({interval(ratio['ci'], 2)})" if ratio else NONE,
        proportions.needed_cell(its),
    )


def plan_in_words(labels: Labels) -> str:
    """Which changes are counted; nothing where the plan names none."""
    planned = labels.folder.protocol.analysis.clinical_change
    if not planned:
        return ""
    named = "; ".join(f"{labels.outcome(one.outcome)} {labels.at(one.timepoint)}" for one in planned)
    return (
        f"{named}: who is reliably better or worse by the figures of the instrument, and who has come over the cut-off "
        "with it (Jacobson and Truax). Missing scores are imputed and then cut. In no family of tests; no p is given."
    )
