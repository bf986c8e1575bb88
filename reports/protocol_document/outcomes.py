"""What is measured, estimated and computed: outcomes in the parts of CONSORT 2025, estimands, size, plan."""

from __future__ import annotations

from collections.abc import Iterator

from reports import clinical_change, families, guesses, margins, methods
from reports import sensitivity as sensitivity_words
from reports.document import Block, Paragraph, Row, Table, Terms
from reports.methods import UNSTATED
from reports.numbers import count
from reports.proportions import rule_of
from reports.protocol_document.names import Names
from reports.sample_size import assumptions, by_formula
from reports.variables import LANGUAGE, planned
from reports.variables import score as score_of
from trial.core.protocol import Estimand, Outcome
from trial.core.texts import say

METRICS = {"value": "the score at the timepoint", "change": "the change since the baseline"}
SUMMARIES = {
    "mean_difference": "difference of means",
    "mean_change": "mean change since the baseline",
    "risk_difference": "risk difference",
    "risk_ratio": "risk ratio",
    "odds_ratio": "odds ratio",
    "common_odds_ratio": "odds ratio of lying above any cut of the levels",
}


def measured(names: Names) -> Iterator[Block]:
    """One row for each outcome: variable, metric, aggregation, times, direction, important difference."""
    heads = ("Outcome", "Variable", "Metric", "Aggregation", "Analysed at", "Better", "Important difference")
    rows = tuple(_outcome(names, one) for one in names.folder.protocol.outcomes)
    yield Table("outcomes", "Outcomes", heads, rows, alike=False, words=True)
    primary = names.folder.protocol.analysis.primary
    yield Paragraph(
        f"Primary: {names.labels.outcome(primary.outcome)}, {names.labels.timepoint(primary.timepoint)}; "
        f"{names.labels.compared(primary.model_dump())}."
    )


def _outcome(names: Names, outcome: Outcome) -> Row:
    protocol = names.folder.protocol
    found = score_of(names.folder, outcome.score)
    tool = next((tool.code for tool in names.folder.instruments.values() if found and found in tool.scores), "")
    times = dict.fromkeys(one.timepoint for one in planned(protocol) if one.outcome == outcome.id)
    first = protocol.analysis.primary
    said = [
        names.labels.timepoint(one) + (" (primary)" if (outcome.id, one) == (first.outcome, first.timepoint) else "")
        for one in times
    ]
    important = outcome.important_difference
    return Row(
        (
            say(outcome.label, LANGUAGE),
            f"Score {outcome.score}" + (f" of {names.instrument(tool)}" if tool else ""),
            rule_of(outcome) if outcome.aggregation == "proportion" else METRICS[outcome.metric],
            outcome.aggregation,
            "; ".join(said) or "described, not tested",
            outcome.better,
            f"{important.value:g} ({important.source})" if important else UNSTATED,
        )
    )


def estimands(names: Names) -> Iterator[Block]:
    """Each estimand in its five attributes; without one, the question that the plan answers."""
    protocol = names.folder.protocol
    if not protocol.estimands:
        yield Paragraph(f"{methods.question(names.labels)} The protocol names no estimand beside this.")
    for one in protocol.estimands:
        yield Terms(tuple(_estimand(names, one)))


def _estimand(names: Names, one: Estimand) -> Iterator[tuple[str, str]]:
    used = [plan for plan in planned(names.folder.protocol) if plan.estimand == one.id]
    variables = (f"{names.labels.outcome(use.outcome)}, {names.labels.timepoint(use.timepoint)}" for use in used)
    variable = "; ".join(dict.fromkeys(variables))
    yield "Estimand", one.id.replace("_", " ")
    yield "Population", say(one.population, LANGUAGE)
    yield "Treatment", say(one.treatment, LANGUAGE)
    yield "Variable", variable or "no planned analysis names this estimand"
    yield "Summary", SUMMARIES[one.summary]
    for event in one.intercurrent_events:
        strategy = event.strategy.replace("_", " ")
        yield f"If: {say(event.label, LANGUAGE)}", f"{strategy.capitalize()}. {say(event.handling, LANGUAGE)}"


def sample_size(names: Names) -> Iterator[Block]:
    """The number, its justification, and every assumption that stands in the file."""
    size = names.folder.protocol.sample_size
    yield Paragraph(f"{count(size.target)} people are sought. {say(size.justification, LANGUAGE).strip()}")
    if size.assumptions is None:
        yield Paragraph("The assumptions stand in these words only; the file does not hold them as numbers.", "note")
        return
    yield Terms(tuple(assumptions(names.folder.protocol, size.assumptions)))
    yield Paragraph(by_formula(names.folder.protocol))


def analysis(names: Names) -> Iterator[Block]:
    """The plan, in the sentences that the report of the finished trial prints."""
    protocol = names.folder.protocol
    late = {
        "keep": "Kept, at the visit that they belong to.",
        "exclude": "Left out of the analysis.",
    }[protocol.analysis.late_answers]
    baseline = [names.labels.variable(one) for one in protocol.analysis.baseline_table]
    labels, single = names.labels, names.labels.single
    items = [
        ("Plan", f"{methods.plan(protocol)}, all written in the protocol and carried out by it."),
        ("Question", methods.question(labels)),
        ("Analysis set", f"{methods.analysed(labels)}. {methods.not_filled_in(labels)}"),
        ("Model", methods.model(labels)),
        ("Error and interval", methods.error(labels)),
        *([("Margin", margin)] if (margin := margins.planned(protocol)) else []),
        *([] if single else [("Missing baseline values", f"By plan {methods.IMPUTED}.")]),
        ("Late answers", late),
        ("Several comparisons", _several(names)),
        *(
            []
            if single or not methods.has_means(protocol)
            else [("Standardised effect", methods.standardized(protocol))]
        ),
        *([("Clinically significant change", change)] if (change := clinical_change.plan_in_words(labels)) else []),
        *([("Guess of allocation", guess)] if (guess := guesses.plan_in_words(labels)) else []),
        ("Baseline table", f"{', '.join(baseline)}; no tests."),
    ]
    yield Terms(tuple(items))
    rows = tuple(
        Row(
            (
                names.labels.outcome(one.outcome),
                names.labels.timepoint(one.timepoint),
                names.labels.compared(one.model_dump()),
                kind,
            )
        )
        for one, kind in zip(planned(protocol), methods.kinds(protocol), strict=True)
    )
    heads = ("Outcome", "Timepoint", "Comparison", "Family")
    yield Table("plan", "Planned analyses", heads, rows, alike=False, words=True)


def _several(names: Names) -> str:
    family = names.folder.protocol.analysis.secondary
    spelled = families.order(family, names.labels) if family else ""
    return f"{methods.multiplicity(names.folder.protocol)} {spelled}".rstrip()


def sensitivity(names: Names) -> Iterator[Block]:
    """Which assumption each sensitivity analysis changes."""
    found = names.folder.protocol.analysis.sensitivity
    if not found:
        yield Paragraph("No sensitivity analysis is planned.")
        return
    yield Terms(tuple((sensitivity_words.NAMES[one.method], say(one.assumption, LANGUAGE)) for one in found))
