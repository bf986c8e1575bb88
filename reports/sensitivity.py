"""What a report says of the sensitivity analyses: a table beside the primary, each assumption, where a finding tips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports import bounds, factors, figures, margins, ordinal, own_slopes, rerandomized
from reports.document import Block, Figure, Paragraph, Row, Table, Terms
from reports.final_look import OTHERS, counted
from reports.labels import Labels
from reports.numbers import NONE, count, decimals_for, declared, number, p_phrase, p_value, percent
from reports.proportions import NAMES as NAMES_OF_RATES
from reports.proportions import is_proportion
from reports.repeated import STRUCTURES
from reports.sentences import decimals_by_outcome, decimals_of, estimate_text, level
from reports.variables import possible_range
from trial.core.families import OF_THE_LOST

One = Mapping[str, Any]

NAMES = {
    "complete_case": "Complete cases",
    "multiple_imputation": "Multiple imputation",
    "jump_to_reference": "Jump to reference",
    "copy_reference": "Copy reference",
    "copy_increments": "Copy increments in reference",
    "lee_bounds": "Bounds for unequal loss (Lee)",
    "tipping_point": "Tipping point",
    "per_protocol": "Per protocol",
    "randomization_test": "Randomisation test",
}
WHAT = (
    "Each asks whether the primary result stands when an assumption about those who are missing, about who is counted, "
    "or about what chance does, is another one. They are no further tests and no better answers: the primary analysis "
    "is the answer that was planned. Nothing is adjusted for their number."
)
NOTE = "Filled in: people whose missing outcome was filled in, by arm."
BY_ANCOVA = (
    "The primary analysis is a model of repeated outcomes, and per protocol is that model over fewer people. The "
    "others are analyses of covariance of the outcome at its timepoint."
)
BIASED = (
    "Biased: who does enough is not left to chance, and people who do may differ between the arms in much else. It "
    "describes those people and is not the effect of the exercises."
)
JACKKNIFE = (
    "The error is the jackknife's: everything is done again without each person in turn. It says how much such an "
    "estimate varies from trial to trial."
)
PRIMARY = "Primary analysis"
RUBIN = (
    "The error is by Rubin\u2019s rules, which are conservative here: imputation and analysis assume different things, "
    "so it is larger than such estimates vary from trial to trial. It keeps the share of information that missing at "
    "random would leave. The conditional mean with a jackknife is this report\u2019s usual way."
)


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """The whole section."""
    found = results["sensitivity"]
    if not found:
        return [Paragraph("No sensitivity analyses were planned.")]
    primary = results["estimates"][0]
    counts = counted(results)
    parts: list[Block] = [Paragraph(WHAT), *margins.together(counts, found), _table(found, primary, counts)]
    parts.append(Terms(tuple(_terms(found, primary, labels))))
    for one in found:
        if one["tipping"]:
            parts += _tipping(one, primary, labels)
        if one["rerandomization"]:
            parts += rerandomized.figure(one, labels)
    return parts


def names(results: Mapping[str, Any]) -> dict[str, str]:
    """What each analysis is called, by its id."""
    found = results["sensitivity"]
    return {one["id"]: name(one, found) for one in found}


def name(one: One, found: list[dict[str, Any]]) -> str:
    """What an analysis is called; with its id where the method is planned twice."""
    twice = sum(other["method"] == one["method"] for other in found) > 1
    biased = " (biased)" if one["method"] == "per_protocol" else ""
    drawn = ", by draws" if one["method"] in OF_THE_LOST and one["error"] == "rubin" else ""
    return NAMES[one["method"]] + drawn + (f", {one['id']}" if twice else "") + biased


def _table(found: list[dict[str, Any]], primary: One, counts: One) -> Table:
    first = PRIMARY if counts is primary else f"{PRIMARY}, with the looks"
    rows = [_row(first, _sizes(primary, primary["n"]), count(0), estimate_text(counts), counts, primary)]
    for one in found:
        called = name(one, found) + (", nothing added" if one["method"] == "tipping_point" else "")
        filled = _sizes(one, one["filled"]) if any(one["filled"].values()) else count(0)
        rows.append(_row(called, _sizes(one, one["n"]), filled, _text(one, primary), one, primary))
    rate = ordinal.NAME if ordinal.is_ordinal(primary) else "difference"
    what = f"Adjusted {NAMES_OF_RATES.get(primary['measure'], rate)}"
    ci = f"{what} ({level(primary)}\u00a0CI)"
    columns: tuple[str, ...] = ("", "n", "Filled in", ci, "p")
    if primary["margin"]:
        columns = ("", "n", "Filled in", ci, margins.head(primary), margins.aim(primary).capitalize())
    other = [BY_ANCOVA] if primary["repeated"] else []
    other += [own_slopes.OTHERS_BY_ANCOVA] if primary["method"] == own_slopes.METHOD else []
    other += [margins.rests_on(primary)] if primary["margin"] else []
    other += [] if counts is primary else [OTHERS]
    said = [NOTE, *other, *(f"Not estimated: {name(one, found)}. {one['problem']}" for one in found if one["problem"])]
    caption = "The primary analysis, and sensitivity analyses of it, as planned"
    return Table("sensitivity-table", caption, columns, tuple(rows), " ".join(said), alike=False)


def _row(called: str, n: str, filled: str, text: str, one: One, primary: One) -> Row:
    if not primary["margin"]:
        return Row((called, n, filled, text, p_value(one["p"])))
    return Row((called, n, filled, text, margins.p_cell(one) if one["margin"] else NONE, margins.short(one)))


def _text(one: One, primary: One, decimals: int | None = None) -> str:
    """The difference and its interval, if it has one, with as many decimals as the primary's, or as its table's."""
    if one.get("bounds"):
        return bounds.text(one, decimals_of({**one, "g": primary["g"]}))
    if one["estimate"] is not None and one["ci"] is None:
        return number(one["estimate"], decimals_of(primary))
    return estimate_text({**one, "g": primary["g"], "measure": primary["measure"]}, decimals)


def _sizes(one: One, sizes: Mapping[str, int]) -> str:
    return factors.sizes(one, sizes)


def _terms(found: list[dict[str, Any]], primary: One, labels: Labels) -> Iterator[tuple[str, str]]:
    for one in found:
        assumption = one["assumption"].strip()
        assumption += "" if assumption.endswith((".", "!", "?")) else "."
        yield (
            name(one, found),
            f"Assumed, in the words of the protocol: {assumption} {_how(one, primary, labels)}".strip(),
        )


def _how(one: One, primary: One, labels: Labels) -> str:
    """What was done, in sentences; nothing where it could not be."""
    if one["method"] == "per_protocol":
        return f"The planned model over those who reached the minimum dose of their arm.{_fell_back(one)} {BIASED}"
    if one["method"] == "complete_case":
        over = "over those with the outcome and every covariate; no value is filled in."
        return f"{'Analysis of covariance' if primary['repeated'] else 'The planned model'} {over}"
    if one["problem"]:
        return ""
    if one["method"] == "randomization_test":
        return rerandomized.what_was_done(one, labels)
    if one["method"] == "lee_bounds":
        return bounds.what_was_done(one, labels, decimals_of({**one, "g": primary["g"]}))
    how = {"multiple_imputation": _imputed, "tipping_point": _tipped}.get(one["method"], _as_reference)
    return f"{how(one, primary, labels)}{_left_out(one)}"


def _fell_back(one: One) -> str:
    if not one["fell_back"]:
        return ""
    tried = "; ".join(f"{STRUCTURES[each['structure']]}: {each['why']}" for each in one["fell_back"])
    return f" Its covariance is {STRUCTURES[one['fell_back'][0]['used']]}. Tried before it: {tried}"


def _imputed(one: One, primary: One, labels: Labels) -> str:
    about = one["imputation"]
    if is_proportion(primary):
        return _imputed_responders(one, labels)
    decimals = decimals_of({**one, "g": primary["g"]}) + 1
    by_ancova = primary["repeated"] or primary["method"] == own_slopes.METHOD
    fitted = "an analysis of covariance" if by_ancova else "the planned model"
    return f"{_model(one, labels)} Missing outcomes were drawn {_pooled(about, decimals, fitted)}"


def _pooled(about: One, decimals: int, fitted: str = "the planned model") -> str:
    return (
        f"{count(about['imputations'])} times from it, by dice that "
        f"the protocol's name seeds; {fitted} was fitted to each, and the results joined by Rubin's rules with "
        f"Barnard and Rubin's degrees of freedom. {percent(round(about['missing_information'] * 1000), 1000)} of the "
        "information on the difference is missing. Other draws would move the estimate by about "
        f"{number(about['monte_carlo_error'], decimals)} points (one Monte Carlo standard error)."
    )


def _imputed_responders(one: One, labels: Labels) -> str:
    about = one["imputation"]
    return (
        f"{_model(one, labels)} Missing scores were drawn {count(about['imputations'])} times from it, by dice that "
        "the protocol's name seeds; in each set it was decided anew who responds and the planned model fitted, and the "
        "results joined by Rubin's rules. A missing baseline is at the mean, as in the model. "
        f"{percent(round(about['missing_information'] * 1000), 1000)} of the information on the comparison is "
        "missing. Such intervals hold the truth more often than they say."
    )


def _as_reference(one: One, primary: One, labels: Labels) -> str:
    arm, reference = (labels.arm(each) for each in one["contrast"])
    lost = one["imputation"]["lost"]
    people = f"{count(lost)} {'person' if lost == 1 else 'people'}"
    given = "given their covariates and how far their earlier answers lay from "
    given += f"{reference}'s" if one["method"] == "copy_reference" else "their own arm's"
    if one["method"] == "copy_increments":
        given += f", and keeps what {arm} had gained on {reference} at their last answer"
    said = (
        f"{_model(one, labels)} Whoever of {arm} has neither this outcome nor a later one ({people}) is filled in with "
        f"what is expected in {reference}, {given}; other gaps with what is expected in their own arm."
    )
    if one["error"] == "rubin":
        decimals = decimals_of({**one, "g": primary["g"]}) + 1
        return f"{said} Each was drawn about that {_pooled(one['imputation'], decimals)} {RUBIN}"
    if primary["margin"]:
        return f"{said} {JACKKNIFE} {margins.ALIKE}"
    return f"{said} {JACKKNIFE} It can be smaller than the primary's, because the assumption makes the arms more alike."


def _tipped(one: One, primary: One, labels: Labels) -> str:
    if one["error"] == "rubin":
        decimals = decimals_of({**one, "g": primary["g"]}) + 1
        return (
            f"{_model(one, labels)} Missing outcomes were drawn {_pooled(one['imputation'], decimals)} That is the "
            f"row of the table. Then every value drawn for {labels.arm(one['contrast'][0])} is made worse, step by "
            "step, in all sets alike."
        )
    return (
        f"{_model(one, labels)} Gaps are filled in with what is expected in their own arm: the row of the table. "
        f"Then every value filled in of {labels.arm(one['contrast'][0])} is made worse, step by step. {JACKKNIFE}"
    )


def _model(one: One, labels: Labels) -> str:
    points = [labels.at(each) for each in one["imputation"]["timepoints"]]
    where = points[0] if len(points) == 1 else f"{', '.join(points[:-1])} and {points[-1]}"
    beside = [_auxiliary(each, labels) for each in one["imputation"].get("auxiliaries", ())]
    more = f" and, as auxiliaries, {', '.join(beside)}" if beside else ""
    return f"Each arm has a normal model of its own: the outcome {where}{more}, given the planned covariates."


def _auxiliary(name: str, labels: Labels) -> str:
    """`score at timepoint` in the words of the protocol."""
    score, _, timepoint = name.rpartition(" at ")
    return f"{labels.variable(score)} {labels.at(timepoint)}"


def _left_out(one: One) -> str:
    gone = one["imputation"]["left_out"]
    return f" An arm had too few people for these in its model: {', '.join(gone)}." if gone else ""


def _tipping(one: One, primary: One, labels: Labels) -> list[Block]:
    arm, reference = (labels.arm(each) for each in one["contrast"])
    found = tipping_words(one, primary, labels)
    parts: list[Block] = [Paragraph(found, "key")]
    caption = (
        f"{arm} minus {reference}, with its {level(one)} interval, as the missing of {arm} are made worse. The broken "
        "line is no difference"
    )
    gone = figures.tips_at(one) is not None
    caption += "; right of the upright line, in the shade, the finding is gone." if gone else "."
    decimals = decimals_for(one["tipping"]["sd"])
    rows = []
    every = [{**at, "g": primary["g"], "outcome": primary["outcome"], "contrast": primary["contrast"]}
             for at in one["tipping"]["grid"]]  # fmt: skip
    alike = decimals_by_outcome(every).get(primary["outcome"])
    for at in one["tipping"]["grid"]:
        # nothing added is 0 exactly; what is added has the decimals of the outcome
        none = not at["delta"]
        steps = (number(at["delta"], 0 if none else decimals), number(at["delta_sd"], 0 if none else 2))
        rows.append(Row((*steps, _text(at, primary, alike), p_value(at["p"]))))
    columns = ("Worse by, points", "In SD", f"Adjusted difference ({level(one)}\u00a0CI)", "p")
    table = Table(
        f"tipping-table-{one['id']}",
        f"The difference as the missing of {arm} are made worse",
        columns,
        tuple(rows),
        alike=False,
    )
    return [*parts, Figure(f"tipping-figure-{one['id']}", caption, figures.tipping(dict(one), labels, found)), table]


def tipping_words(one: One, primary: One, labels: Labels) -> str:
    """Where the finding is gone, or why there is nothing to tip."""
    found, alpha = one["tipping"], declared(1 - one["level"])
    arm, reference = (labels.arm(each) for each in one["contrast"])
    if primary["p"] is not None and primary["p"] >= 1 - one["level"]:
        return (
            f"The primary analysis is not a finding to begin with ({p_phrase(primary['p'])}): there is nothing that "
            "could be gone."
        )
    if not found["finding"]:
        return (
            "With gaps filled in as those who answered, and nothing made worse, the finding is already gone "
            f"({p_phrase(one['p'])})."
        )
    if not found["favourable"]:
        return f"The finding favours {reference}: that the missing of {arm} did worse would not undo it."
    if found["delta"] is None:
        return f"However much worse the missing of {arm} are taken to have done, the finding is not gone."
    decimals = decimals_for(found["sd"])
    said = (
        f"The finding is gone (p reaches {alpha}) once the {count(one['filled'][one['contrast'][0]])} missing of {arm} "
        f"are taken to have done {number(found['delta'], decimals)} points ({number(found['delta_sd'], 2)} standard "
        "deviations) worse than people like them who answered."
    )
    low, high = possible_range(labels.folder, labels.folder.protocol.outcome(one["outcome"]).score)
    return f"{said} That is more than the scale is long." if found["delta"] > high - low else said
