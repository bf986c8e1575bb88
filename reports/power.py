"""The power of a protocol in pretend trials, in words, a table, a figure and JSON: made before anybody was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reports.document import Document, Figure, Paragraph, Row, Section, Table, Terms
from reports.html import render_html
from reports.numbers import NONE, decimals_for, number
from reports.power_figures import power_over_size
from trial.stats.operating_characteristics import Estimated
from trial.stats.simulated_power import Characteristics

COLUMNS = ("People", "Effect, SD", "Power", "Formula", "Bias", "Coverage", "Analysed")
PRIMARY = "primary analysis"
# from so many Monte Carlo errors on a departure is called one
_FAR = 3.0
# below this part of a standard deviation no bias matters
_NEAR = 0.01


@dataclass(frozen=True, slots=True)
class Case:
    """What came of so many `trials` of one size and one true effect (in SD); `closed` is the formula's power."""

    n: int
    effect: float
    trials: int
    refused: int
    found: Characteristics
    closed: float | None


@dataclass(frozen=True, slots=True)
class Assumed:
    """A number of the profile: where in its file, its value, whether it was read, computed or assumed, and whence."""

    where: str
    value: float
    tag: str
    source: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What all cases share, in words. `nothing` is the true effect at which to find something is an error.

    `lost` is the share lost by the primary timepoint of each arm compared, `r` the correlation of baseline and outcome
    (None without a baseline), `decimals` those of the estimate.
    """

    protocol: str
    outcome: str
    timepoint: str
    compared: str
    analysis: str
    method: str
    question: str
    allocation: str
    level: float
    nothing: float
    lost: tuple[tuple[str, float], ...]
    r: float | None
    sd: float
    profile: str
    about: str
    figures: tuple[Assumed, ...]
    seed: int
    replicates: int
    command: str
    formula: str | None
    no_formula: str | None
    notes: tuple[str, ...] = ()
    looks: str = ""


def summary(cases: Sequence[Case], what: Rehearsed) -> list[tuple[str, ...]]:
    """One line for each case, under COLUMNS."""
    digits = decimals_for(what.sd) + 1
    return [
        (
            f"{one.n:,}",
            _effect(one.effect, what),
            percent(one.found.power),
            NONE if one.closed is None else f"{100 * one.closed:.1f}%",
            _bias(one.found.bias, digits),
            NONE if one.found.coverage is None else percent(one.found.coverage),
            _analysed(one.found.analysed),
        )
        for one in cases
    ]


def sentences(cases: Sequence[Case], what: Rehearsed) -> list[str]:
    """For an application: of the largest number of people, one sentence for each true effect."""
    most = max(one.n for one in cases)
    return [_sentence(one, _null(cases, what, most), what) for one in cases if one.n == most and _is_effect(one, what)]


def _sentence(one: Case, null: Case | None, what: Rehearsed) -> str:
    lost = sum(share for _, share in what.lost) / max(len(what.lost), 1)
    error = (
        f"; with no such difference it does so in {percent(null.found.power)} (the type I error)" if null else ""
    )  # fmt: skip
    people = f"{'at most ' if what.looks else ''}{one.n:,}"
    beside = f" The closed formula says {100 * one.closed:.1f}%." if one.closed is not None else ""
    analysed = f", on average {one.found.analysed.value:,.0f} of them in the analysis" if one.found.analysed else ""
    return (
        f"With {people} people randomised{analysed} and {100 * lost:.0f}% lost by {what.timepoint}, the planned "
        f"{what.analysis} ({what.method} of {what.outcome} at {what.timepoint}, {what.compared}, "
        f"{what.question}) has a power of {percent(one.found.power)} to show a true difference of {one.effect:g} "
        f"standard deviations{error}. These are shares of {one.trials:,} simulated trials, each allocated and analysed "
        f"as the protocol says, with the assumptions of the profile {what.profile}; ± is the Monte Carlo standard "
        f"error.{f' {what.looks}' if what.looks else ''}{beside}"
    )


def warnings(cases: Sequence[Case], what: Rehearsed) -> list[str]:
    """What a reader has to know before believing the power, each at its worst: errors too many, estimates off."""
    found = []
    off = [one for one in cases if _is_off(one, what)]
    if off:
        worst = max(off, key=lambda one: abs(one.found.bias.value) if one.found.bias else 0.0)
        bias = _bias(worst.found.bias, decimals_for(what.sd) + 1)
        found.append(f"The estimate is off, by {bias} points on average {_where(worst, what)}, {_why(what)}")
    nulls = [one for one in cases if not _is_effect(one, what) and _above(one.found.power, what.level)]
    if nulls:
        worst = max(nulls, key=lambda one: one.found.power.value)
        found.append(f"It finds what is not there in {percent(worst.found.power)} {_where(worst, what)}.")
    short = [one for one in cases if one.found.coverage and _above(_missed(one.found.coverage), what.level)]
    if short:
        worst = min(short, key=lambda one: one.found.coverage.value if one.found.coverage else 1.0)
        assert worst.found.coverage is not None
        found.append(f"The interval holds the truth in only {percent(worst.found.coverage)} {_where(worst, what)}.")
    if refused := sum(one.refused for one in cases):
        trials = sum(one.trials for one in cases)
        found.append(f"{refused:,} of {trials:,} trials could not be analysed; they count as finding nothing.")
    return found


def _why(what: Rehearsed) -> str:
    if what.looks:
        return (
            "because a trial that a look ends has seen more than there is; so is its interval. The report's own "
            "estimate and interval take the looks into account. What whoever is lost adds to it, a run without "
            "`bounds` shows."
        )
    if what.analysis != PRIMARY:
        return (
            "because of what this analysis assumes of the lost, or because whoever is lost differs from who stays: it "
            "is there to ask whether the finding stands, and not how large the effect is."
        )
    return (
        "because whoever is lost differs from who stays. An estimate that is off towards the effect finds it more "
        "often, and finds it too where there is none: do not take such a power for one."
    )


def _is_off(one: Case, what: Rehearsed) -> bool:
    bias = one.found.bias
    return bias is not None and abs(bias.value) > max(_FAR * bias.error, _NEAR * what.sd)


def _above(share: Estimated, level: float) -> bool:
    return share.value - _FAR * share.error > level


def _missed(coverage: Estimated) -> Estimated:
    return Estimated(1 - coverage.value, coverage.error)


def _where(one: Case, what: Rehearsed) -> str:
    return f"with {one.n:,} people and a true effect of {_effect(one.effect, what)} SD"


def power_document(cases: Sequence[Case], what: Rehearsed) -> Document:
    """The whole page."""
    said = sentences(cases, what) or ["No effect was asked for: only how often the analysis finds what is not there."]
    return Document(
        "Power of the planned analysis",
        f"{what.protocol}: {what.replicates:,} simulated trials of each size and effect",
        "Simulated: no participants, and not the trial's sequence",
        "en",
        (
            Section(
                "sentence", "For an application",
                (
                    *(Paragraph(one, "key" if at == 0 else "plain") for at, one in enumerate(said)),
                    *(Paragraph(one, "mark") for one in warnings(cases, what)),
                ),
            ),
            Section("power", "Power by number of people", _power(cases, what)),
            Section("estimate", "How right the estimate is", _right(cases, what)),
            Section("assumed", "What was assumed about people", _assumed(what)),
            Section("how", "How this was made", _how(what)),
        ),
    )  # fmt: skip


def power_html(cases: Sequence[Case], what: Rehearsed) -> str:
    """The page as one HTML file."""
    return render_html(power_document(cases, what))


def power_json(cases: Sequence[Case], what: Rehearsed) -> dict[str, Any]:
    """All numbers, for a machine to read."""
    return {
        "schema": 1,
        **_rounded(asdict(what) | {"lost": dict(what.lost)}),
        "cases": [_rounded(asdict(one)) for one in cases],
        "sentences": sentences(cases, what),
        "warnings": warnings(cases, what),
    }


def _rounded(value: Any) -> Any:
    """Numbers to ten digits: beyond that they are those of a processor, and not of the seed."""
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value


def _power(cases: Sequence[Case], what: Rehearsed) -> tuple[Table | Figure | Paragraph, ...]:
    rows = tuple(Row(cells) for cells in summary(cases, what))
    note = (
        "± is the Monte Carlo standard error. Without a true effect the power is the type I error. Bias is in points "
        "of the estimate. Analysed are those in the planned analysis, all arms together, on average."
    )
    table = Table("by-size", "Each number of people and true effect", COLUMNS, rows, note)
    beside = f"The closed formula is the {what.formula}." if what.formula else f"No closed formula: {what.no_formula}"
    caption = "Power by people randomised: simulated, with 95% of the Monte Carlo error; broken the closed formula."
    figure = Figure("power-by-size", caption, power_over_size(cases, what.nothing), table=table)
    return (Paragraph(" ".join([beside, *what.notes])), figure)


def _right(cases: Sequence[Case], what: Rehearsed) -> tuple[Table | Paragraph, ...]:
    digits = decimals_for(what.sd) + 1
    rows = tuple(
        Row(
            (
                f"{one.n:,}",
                _effect(one.effect, what),
                _bias(one.found.bias, digits),
                number(one.found.empirical_se, digits),
                number(one.found.model_se, digits),
                NONE if one.found.with_outcome is None else f"{one.found.with_outcome:,.0f}",
                f"{one.refused:,}",
            )
        )
        for one in cases
    )
    columns = ("People", "Effect, SD", "Bias", "SD of estimates", "Mean error", "With outcome", "Not analysed")
    words = (
        "The spread of the estimates over the simulated trials is their real error; the mean of the errors that the "
        "analysis states should come near it. With outcome are people who have it at the primary timepoint; not "
        "analysed are trials whose data could not carry the analysis."
    )
    return Paragraph(words), Table("right", "Bias and error of the estimate", columns, rows)


def _assumed(what: Rehearsed) -> tuple[Table | Paragraph, ...]:
    rows = tuple(Row((one.where, f"{one.value:g}", one.tag, one.source)) for one in what.figures)
    words = f"The profile {what.profile}. {what.about} Each number says whether it was read, computed or assumed."
    return Paragraph(words), Table(
        "assumptions",
        "Every number of the profile",
        ("Where", "Number", "Tag", "Whence"),
        rows,
        alike=False,
        words=True,
    )


def _how(what: Rehearsed) -> tuple[Terms | Paragraph, ...]:
    lost = ", ".join(f"{arm} {100 * share:.1f}%" for arm, share in what.lost)
    alike = NONE if what.r is None else f"{what.r:.3f}"
    return (
        Terms(
            (
                ("Command", what.command),
                ("Allocation", what.allocation),
                ("Analysis", f"{what.analysis}: {what.method}, {what.question}"),
                ("Lost by the primary timepoint", lost),
                ("Correlation of baseline and outcome", alike),
                ("Standard deviation of the score", f"{what.sd:g}"),
                ("Simulated trials", f"{what.replicates:,} of each size and effect, seed {what.seed}"),
            )
        ),
        Paragraph(
            "Scores are jointly normal and not held within the range of their scale. Every simulated trial is "
            "allocated by the rule that allocates the real one, from a seed of its own, and analysed by the code that "
            "analyses the real one. The same seed gives the same numbers, over however many processes they are spread.",
            "note",
        ),
    )


def _null(cases: Sequence[Case], what: Rehearsed, n: int) -> Case | None:
    return next((one for one in cases if one.n == n and not _is_effect(one, what)), None)


def _is_effect(one: Case, what: Rehearsed) -> bool:
    return one.effect != what.nothing


def _effect(effect: float, what: Rehearsed) -> str:
    text = f"{effect:g}".replace("-", "−")
    return f"{text} (margin)" if effect == what.nothing and effect != 0 else text


def percent(one: Estimated) -> str:
    """`81.2% ± 1.24`."""
    return f"{100 * one.value:.1f}% ± {100 * one.error:.2f}"


def _bias(one: Estimated | None, digits: int) -> str:
    return NONE if one is None else f"{number(one.value, digits)} ± {number(one.error, digits)}"


def _analysed(one: Estimated | None) -> str:
    return NONE if one is None else f"{one.value:,.0f} ± {number(one.error, 1)}"
