"""The comparison of designs of allocation, in words, tables and figures: made before the trial, about no people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.design_figures import both_prices, imbalance_over_time
from reports.document import Document, Figure, Paragraph, Row, Section, Table, Terms
from reports.html import render_html
from trial.stats.comparing import Compared, prices, recommended
from trial.stats.error_rates import Bias
from trial.stats.operating_characteristics import Estimated, Spread

COLUMNS = ("Design", "Imbalance, mean", "95% of trials", "Guessed by alike", "Type I, selection", "Power, trend")


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was run: the protocol's name and what its designs shared. `factors` are (id, levels).

    `combined` are the factors of a factorial design, whose combinations are the arms.
    """

    protocol: str
    n: int
    reps: int
    seed: str
    given: bool
    factors: tuple[tuple[str, tuple[str, ...]], ...]
    strata: tuple[str, ...]
    assumed: Bias
    contrast: tuple[str, str]
    command: str
    combined: tuple[tuple[str, tuple[str, ...]], ...] = ()


def summary(compared: Sequence[Compared]) -> list[tuple[str, ...]]:
    """One line for each design, under COLUMNS."""
    rows: list[tuple[str, ...]] = []
    for one in compared:
        end = one.imbalance.overall[-1]
        guessed, rates = one.predictability.alike, one.rates
        rows.append(
            (
                one.design.name,
                f"{end.mean.value:.2f}",
                f"{end.low:g} to {end.high:g}",
                _percent(guessed),
                _percent(rates.selection.type_one),
                _percent(rates.trend.power),
            )
        )
    return rows


def reasons(compared: Sequence[Compared], what: Simulated) -> list[str]:
    """The recommendation and why, a sentence each."""
    best, price = recommended(compared), prices(compared)
    mine = price[best.design.name]
    end, guessed = best.imbalance.overall[-1], best.predictability
    said = [
        f"Of these designs {best.design.name} is recommended: it pays the smallest sum of what can be guessed "
        f"({mine.guessing:.2f}) and of imbalance ({mine.imbalance:.2f}).",
        f"After {what.n} people the arms differ by {end.mean.value:.1f} on average, and in 97.5% of trials by at most "
        f"{end.high:g}; somebody who sees all earlier allocations of people alike guesses {_percent(guessed.alike)} "
        "right.",
    ]
    for one in sorted(compared, key=lambda other: price[other.design.name].sum):
        if one is not best:
            other = price[one.design.name]
            difference = _why_not(other.guessing - mine.guessing, other.imbalance - mine.imbalance)
            said.append(f"{one.design.name}: {difference}")
    said.append(
        "Guessing and imbalance are weighed alike. Where allocation is automatic and nobody who recruits sees an arm, "
        "as here, guessing weighs less, and a design with better balance may be preferred: the figure shows both."
    )
    return said


def _why_not(guessing: float, imbalance: float) -> str:
    words = []
    for difference, more, less in (
        (guessing, "easier to guess", "harder to guess"),
        (imbalance, "less balanced", "better balanced"),
    ):
        if abs(difference) >= 0.005:
            words.append(f"{more if difference > 0 else less} ({difference:+.2f})")
    return ", ".join(words) + "." if words else "no different in either."


def designs_document(compared: Sequence[Compared], what: Simulated) -> Document:
    """The whole report."""
    best, *why = reasons(compared, what)
    return Document(
        "Choosing a design",
        f"{what.protocol}: {what.reps:,} simulated trials of {what.n} people for each design",
        "Simulated: no participants, and not the trial's sequence",
        "en",
        (
            Section("summary", "Recommendation", (Paragraph(best, "key"), *(Paragraph(one) for one in why))),
            Section("figures-of-each", "The designs side by side", _side_by_side(compared, what)),
            Section("imbalance", "Imbalance over time", _courses(compared, what)),
            Section("guessing", "What can be guessed", _guessing(compared)),
            Section("test", "The planned test", _tests(compared, what)),
            Section("how", "How this was made", _how(what)),
        ),
    )


def designs_html(compared: Sequence[Compared], what: Simulated) -> str:
    """The report as one HTML file."""
    return render_html(designs_document(compared, what))


def _side_by_side(compared: Sequence[Compared], what: Simulated) -> tuple[Table | Figure, ...]:
    price = prices(compared)
    table = Table(
        "side-by-side",
        f"Each design after {what.n} people",
        COLUMNS,
        tuple(Row(cells) for cells in summary(compared)),
        "± is the Monte Carlo standard error.",
    )
    rows = tuple(
        Row((name, f"{at.guessing:.3f}", f"{at.imbalance:.3f}", f"{at.sum:.3f}")) for name, at in price.items()
    )
    numbers = Table("prices-table", "The two prices in numbers", ("Design", "Guessing", "Imbalance", "Sum"), rows)
    caption = (
        "Both prices of each design: towards the lower left is better. Guessing is the share of right guesses beyond "
        "blind ones, of all that could be won; imbalance is the mean over time over that of simple randomisation, "
        "the mean of the overall one and of the worst level of a factor."
    )
    return table, Figure("prices", caption, both_prices(compared, price), table=numbers)


def _courses(compared: Sequence[Compared], what: Simulated) -> tuple[Figure | Table, ...]:
    kinds = [("overall", "Over all people", [one.imbalance.overall for one in compared])]
    if len(what.strata) > 1:
        kinds += [
            ("stratum", "In the worst stratum", [one.imbalance.worst_stratum for one in compared]),
            ("level", "At the worst level of a factor", [one.imbalance.worst_level for one in compared]),
        ]
    blocks: list[Figure | Table] = []
    for key, words, courses in kinds:
        ends = tuple(Row((one.design.name, *_cells(course[-1]))) for one, course in zip(compared, courses, strict=True))
        table = Table(f"{key}-end", f"{words}, at the end", ("Design", *_HEADS), ends)
        drawing = imbalance_over_time(f"over-time-{key}", f"Imbalance: {words.lower()}", compared, courses)
        blocks.append(Figure(f"course-{key}", f"{words}: mean, and the middle 95% of trials.", drawing, table=table))
    if len(what.strata) > 1:
        levels = [f"{factor}: {level}" for factor, of in what.factors for level in of]
        blocks.append(_each("levels", "At each level, at the end", levels, compared, levels=True))
        blocks.append(_each("strata", "In each stratum, at the end", what.strata, compared, levels=False))
    if what.combined:
        blocks.append(_combined(compared, what))
    return tuple(blocks)


def _combined(compared: Sequence[Compared], what: Simulated) -> Table:
    """How far apart the levels of each factor of a factorial design are: its main effects rest on these."""
    rows: list[Row] = []
    for one in compared:
        rows.append(Row((one.design.name, *("" for _ in _HEADS)), "group"))
        names = [f"{factor}: {', '.join(levels)}" for factor, levels in what.combined]
        rows += [Row((name, *_cells(at)), "under") for name, at in zip(names, one.combined, strict=True)]
    caption = "Between the levels of each factor that the arms combine, at the end"
    return Table("each-combined", caption, ("Factor", *_HEADS), tuple(rows))


_HEADS = ("Mean", "SD", "95% of trials", "Largest")


def _cells(one: Spread) -> tuple[str, ...]:
    return (
        f"{one.mean.value:.2f} ± {one.mean.error:.2f}",
        f"{one.sd:.2f}",
        f"{one.low:g} to {one.high:g}",
        f"{one.largest:g}",
    )


def _each(key: str, caption: str, names: Sequence[str], compared: Sequence[Compared], *, levels: bool) -> Table:
    rows: list[Row] = []
    for one in compared:
        spreads = one.imbalance.levels if levels else one.imbalance.strata
        rows.append(Row((one.design.name, *("" for _ in _HEADS)), "group"))
        rows += [Row((name, *_cells(at)), "under") for name, at in zip(names, spreads, strict=True)]
    return Table(f"each-{key}", caption, ("Where", *_HEADS), tuple(rows))


def _guessing(compared: Sequence[Compared]) -> tuple[Table | Paragraph, ...]:
    rows = tuple(
        Row(
            (
                one.design.name,
                f"{100 * one.predictability.blind:.1f}%",
                *(_percent(at) for at in (one.predictability.all, one.predictability.alike, one.predictability.rule)),
            )
        )
        for one in compared
    )
    columns = ("Design", "Sees nothing", "Sees all arms", "Sees those alike", "Knows all but the dice")
    return (
        Paragraph(
            "The expected share of right guesses of the next allocation. Who recruits here sees no allocation and "
            "guesses as in the first column. The others are for trials in which allocations become known: the guesser "
            "names the arm furthest behind, over all or among people alike; the last is a bound for any guesser."
        ),
        Table("guesses", "Share of right guesses", columns, rows, "± is the Monte Carlo standard error."),
    )


def _tests(compared: Sequence[Compared], what: Simulated) -> tuple[Table | Paragraph, ...]:
    rows: list[Row] = []
    for one in compared:
        rows.append(Row((one.design.name, "", "", ""), "group"))
        rates = one.rates
        for name, at in (("as such", rates.plain), ("time trend", rates.trend), ("selection", rates.selection)):
            rows.append(Row((name, _percent(at.type_one), _percent(at.power), _number(at.bias)), "under"))
    words = (
        f"ANCOVA of {what.contrast[0]} against {what.contrast[1]} on the baseline and the factors, "
        f"{what.assumed.covariance}, two-sided at {what.assumed.alpha:g}. Type I error without a difference; power "
        f"with one of {what.assumed.effect:.3f} SD; bias is the mean estimate without a difference, in SD. Under "
        "selection the power is not a virtue: the test rejects because of who was let in."
    )
    left_out = sum(one.rates.untestable for one in compared)
    note = "± is the Monte Carlo standard error." + (
        f" {left_out} trials had fewer than two people in an arm and count as not rejected." if left_out else ""
    )
    return (
        Paragraph(words),
        Table("tests", "The planned test", ("Condition", "Type I error", "Power", "Bias"), tuple(rows), note),
    )


def _how(what: Simulated) -> tuple[Terms | Paragraph, ...]:
    people = "in the order of the file" if what.given else "levels drawn with equal chance, factors independent"
    factors = "; ".join(f"{name} ({', '.join(levels)})" for name, levels in what.factors) or "none"
    return (
        Terms(
            (
                ("Command", what.command),
                ("People", f"{what.n}, {people}"),
                ("Factors", factors),
                ("Simulated trials", f"{what.reps:,} of each design, on the same people"),
                ("Numbers of chance", f"Philox 4x64, keyed by the seed {what.seed}; not those of a real trial"),
                ("Baseline and outcome", f"correlated {what.assumed.correlation:g}"),
                ("Time trend", f"{what.assumed.trend:g} SD from the first to the last who enters"),
                ("Selection", f"{what.assumed.eta:g} SD better or worse, by the guess"),
            )
        ),
        Paragraph(
            "Imbalance is the largest less the smallest of the arms' numbers, each over its ratio: with two equal arms "
            "how many more one has. The rules are those that allocate real trials; a test holds the chances of each "
            "against theirs, state by state, and the figures against exact ones.",
            "note",
        ),
    )


def _percent(one: Estimated) -> str:
    return f"{100 * one.value:.1f}% ± {100 * one.error:.2f}"


def _number(one: Estimated) -> str:
    return f"{one.value:+.3f} ± {one.error:.3f}".replace("-", "−")
