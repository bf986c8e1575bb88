"""What a report says of analyses of a trial that allocated clusters: how they allow for them, how alike people are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports import factors
from reports.document import Block, Paragraph, Row, Table
from reports.labels import Labels
from reports.numbers import NONE, declared, interval, number
from reports.sentences import level
from reports.variables import LANGUAGE
from trial.core.protocol import TrialProtocol
from trial.core.texts import say

One = Mapping[str, Any]

STANDARDIZED = (
    "The adjusted difference and the ends of its interval over the raw pooled standard deviation of the outcome in the "
    "two arms at that timepoint, which is taken as known: an interval of Hedges g takes people for independent, and "
    "would be too narrow."
)
ICC = (
    "ICC: the intraclass correlation, the share of the variance that lies between clusters, given arm and covariates, "
    "by restricted maximum likelihood with Wald's interval, exact for normal outcomes. Design effect: how many "
    "times the variance is that of as many independent people."
)
BANDS = "Its bands take people for independent; such that allow for clusters would be wider."
SIZE = "In SD"
_ERRORS = {
    "robust": (
        "CR2 standard errors, which allow people of a cluster to be alike in whatever way, and Satterthwaite's degrees "
        "of freedom for them"
    ),
    "random_intercept": "Kenward and Roger's standard errors and degrees of freedom",
}


def used(protocol: TrialProtocol) -> bool:
    """Whether the plan has to allow for clusters."""
    return protocol.allocation.cluster is not None


def model(labels: Labels, terms: str) -> str:
    """The model with each of its terms."""
    protocol = labels.folder.protocol
    unit = protocol.allocation.cluster
    assert unit is not None
    name = say(unit.label, LANGUAGE)
    if protocol.analysis.clusters_by == "random_intercept":
        return (
            f"Linear model by restricted maximum likelihood: the outcome on {terms}, and a random intercept of each "
            f"cluster ({name})."
        )
    return f"Analysis of covariance by least squares: the outcome on {terms}. Its error allows for clusters ({name})."


def error(protocol: TrialProtocol) -> str:
    """Standard errors, intervals and p."""
    plan = protocol.analysis
    return f"{_ERRORS[plan.clusters_by]}, t distribution, {declared(100 * plan.level)}% intervals, two-sided p."


def blocks(results: Mapping[str, Any], kind: str, labels: Labels) -> Iterator[Block]:
    """Beneath estimates of a kind: a table of the clusters in each, and what has to be known of them."""
    found = [one for one in results["estimates"] if one["analysis"] == kind and one["clusters"]]
    if not found:
        return
    yield _table(found, kind, labels)
    for one in found:
        yield from (Paragraph(words, "mark") for words in _warnings(one, labels))


def _table(found: list[dict[str, Any]], kind: str, labels: Labels) -> Table:
    rows = []
    for one in found:
        its = one["clusters"]
        icc, effect = its["icc"], its["design_effect"]
        alike = f"{number(icc['estimate'], 3)} ({interval(icc['ci'], 3)})" if icc else NONE
        sizes = (factors.sizes(one, its["n"]), factors.sizes(one, one["n"]))
        cells = (_where(one, labels), *sizes, number(one["df"], 1), alike)
        rows.append(Row((*cells, number(effect, 2))))
    columns = ("", "Clusters", "People", "Degrees of freedom", f"ICC ({level(found[0])}\u00a0CI)", "Design effect")
    untold = [
        f"{_where(one, labels)}: no ICC. {one['clusters']['icc_problem']}"
        for one in found
        if not one["clusters"]["icc"]
    ]
    caption = "Clusters and people in the model, and how alike people of a cluster are"
    return Table(f"{kind}-clusters", caption, columns, tuple(rows), " ".join([ICC, *untold]), alike=False)


def _where(one: One, labels: Labels) -> str:
    return f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"


def _warnings(one: One, labels: Labels) -> Iterator[str]:
    """Each warning of the model, with the arms by their names."""
    for words in one["clusters"]["warnings"]:
        said = words
        for arm in labels.arms:
            said = said.replace(repr(arm), labels.arm(arm))
        yield f"{_where(one, labels)}: {said}"
