"""What a report warns of beside an estimate: where its interval may not keep what it promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.document import Block, Paragraph
from reports.labels import Labels
from reports.marks import without_keys
from reports.numbers import count, decimals_for, number, p_phrase
from reports.repeated import STRUCTURES, One
from trial.core.protocol.analysis import REPEATED
from trial.stats.plan.cautions import UNDERSTATED

OF_REPEATED = (
    "and the model takes them to be the same. The interval holds the truth less often than it says where outcomes are "
    "skewed or the arm that varies more is the smaller one, and more often where it is the larger one; so does that of "
    "Hedges g. The interval of the adjusted mean of the arm that varies more is too narrow, of the other too wide. An "
    "analysis of covariance does not take them to be the same."
)
OF_HC2 = (
    "and in small trials of such arms the interval with HC2 holds the truth a little less often than it says, and that "
    "of Hedges g less often still; HC3 errs less."
)
OF_G = (
    "and Hedges g takes them to be the same. Its interval holds the truth less often than it says where outcomes are "
    "skewed or the arm that varies more is the smaller one; read the difference itself."
)


def blocks(results: Mapping[str, Any], kind: str, labels: Labels) -> Iterator[Block]:
    """Beneath estimates of a kind: every warning, with the names of all that it holds of."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for one in results["estimates"]:
        if one["analysis"] == kind:
            for said in _warned(one, labels):
                alike.setdefault(without_keys(said), []).append((_where(one, labels), said))
    for its in alike.values():
        names = "; ".join(dict.fromkeys(where for where, _ in its))
        yield Paragraph(f"{names}: {its[0][1]}", "mark")


def warnings(one: One, labels: Labels) -> Iterator[str]:
    """In sentences. Few events stand in the note of the table of proportions, so not here."""
    return (f"{_where(one, labels)}: {said}" for said in _warned(one, labels))


def _where(one: One, labels: Labels) -> str:
    return f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}"


def _warned(one: One, labels: Labels) -> Iterator[str]:
    spreads = 0
    for its in one["warnings"]:
        if its["kind"] == "covariance_fell_back":
            yield _fell_back(one)
        if its["kind"] == "arm_of_one":
            arms = " and ".join(labels.arm(arm) for arm in its["arms"])
            yield (
                f"only one person of {arms} has the outcome. How much its people differ is taken from the "
                "other arms, and no data say whether that is so."
            )
        if its["kind"] == "few_left":
            yield _few_left(its, labels)
        if its["kind"] == "unlike_spreads":
            spreads += 1
            # what is said of the estimate holds for its g too
            yield from [_unlike(one, its, labels)] if spreads == 1 else []
        if its["kind"] == "unlike_cuts":
            yield (
                f"one odds ratio does not fit every cut of the levels (Brant's test, {p_phrase(its['p'])}). "
                "It is a mean of ratios that differ; read the ratio at each cut."
            )
        if its["kind"] == "arm_of_one_level":
            arms = " and ".join(labels.arm(arm) for arm in its["arms"])
            yield (
                f"everyone of {arms} has the same level. The odds ratio follows from how the others are spread and "
                "from the odds being proportional, which no data of that arm can tell; read the counts."
            )
        if its["kind"] == "weak_instrument":
            yield (
                "being given the arm hardly moves what is received (F of the first stage "
                f"{number(its['f'], 1)}, below 10). The usual interval cannot be trusted; read the one that holds "
                "whatever the strength."
            )
        if its["kind"] == "many_unknown":
            yield _unknown(one, its, labels)


def _fell_back(one: One) -> str:
    fitted = one["repeated"]
    tried = "; ".join(f"{STRUCTURES[each['structure']]}: {each['why']}" for each in fitted["fell_back"])
    return (
        f"the covariance used is {STRUCTURES[fitted['structure']]}, which the plan declares for when another cannot be "
        f"fitted. Tried before it: {tried} Errors are right only as far as this covariance is."
    )


def _few_left(its: Mapping[str, Any], labels: Labels) -> str:
    arms = " and ".join(f"{count(n)} of {labels.arm(arm)}" for arm, n in its["n"].items())
    return (
        f"{arms} have the outcome there. With so few the interval by Satterthwaite's degrees of freedom may hold the "
        "truth a little less often than it says; one by Kenward and Roger's does so less."
    )


def _unlike(one: One, its: Mapping[str, Any], labels: Labels) -> str:
    decimals = decimals_for(min(its["sd"]))
    *most, last = (number(each, decimals) for each in its["sd"])
    shown = f"{', '.join(most)} and {last}"
    said = f"the standard deviations of {_these(one, its, labels)} are {shown}, "
    if its["about"] == "g":
        said += OF_G
    elif one["method"] in REPEATED:
        said += OF_REPEATED
    else:
        return said + OF_HC2
    if its["error_share"] < UNDERSTATED:
        share = number(its["error_share"], 2)
        said += f" By these, an error that takes them to be the same is {share} times what it should be."
    return said


def _these(one: One, its: Mapping[str, Any], labels: Labels) -> str:
    """Whose spreads they are: by name where the trial has arms besides, in the order of the spreads."""
    if len(its["sd"]) == len(labels.arms):
        return f"the {'two' if len(its['sd']) == 2 else 'four'} arms"
    *most, last = (labels.arm(arm) for side in one["sides"] for arm in side)
    return f"{', '.join(most)} and {last}"


def _unknown(one: One, its: Mapping[str, Any], labels: Labels) -> str:
    shares = [
        f"{number(100 * share, 0)}%" + (f" with {labels.arm(arm)}" if len(its["share"]) > 1 else "")
        for arm, share in its["share"].items()
    ]
    said = f"the outcome is not known for {' and '.join(shares)}. "
    if one["method"] == "mean_change":
        return (
            f"{said}The mean change takes those it is not known of to have changed like the others, whatever they had "
            "at the baseline. Where staying depends on that, the interval holds the mean change of everyone less often "
            "than it says."
        )
    return (
        f"{said}The adjusted proportions are those of people like the ones it is known of. Where staying depends on "
        "what also foretells the outcome, the interval holds the comparison of everyone randomised less often than it "
        "says, and the interval without a model, which adjusts for nothing, less often still."
    )
