"""What document and report say of the size: each assumption, the power by formula, or why there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from reports import methods
from reports.html import render_html
from reports.labels import Labels
from reports.protocol_document.sections import document
from reports.sample_size import assumptions, by_formula
from tests.core.clustered import clustered
from tests.core.protocols import PROTOCOL
from tests.reports.planned import plan, results_of
from trial.core.protocol import AssumedClusters, Assumptions, TrialProtocol
from trial.protocol_files import read_folder, shipped
from trial.stats.power_of_plan import closed_power, people_needed

ASSUMED = Assumptions(difference=0.3, correlation_with_baseline=0.6, power=0.8, alpha=0.05, attrition=0.4, source="S.")


def sized(base: TrialProtocol, target: int, **parts: Any) -> TrialProtocol:
    size = {"target": target, "assumptions": ASSUMED.model_copy(update=parts)}
    return base.model_copy(update={"sample_size": base.sample_size.model_copy(update=size)})


def test_the_power_of_the_number_sought_and_the_number_for_the_power_are_told() -> None:
    protocol = sized(PROTOCOL, 300)
    power, needed = closed_power(protocol, 300).power, people_needed(protocol)
    assert power is not None
    assert f"300 people have a power of {100 * power:.1f}%; 80% takes {needed}." in by_formula(protocol)


def test_clusters_are_counted_and_say_how_alike_their_people_are() -> None:
    its = AssumedClusters(size=20, size_cv=0.5, icc=0.05)
    protocol = sized(clustered(), 800, clusters=its)
    assert "800 people in 40 clusters have a power of" in by_formula(protocol)
    told = dict(assumptions(protocol, protocol.sample_size.assumptions or ASSUMED))
    assert told["Clusters"] == "of 20 people on average, coefficient of variation of the sizes 0.5"
    # 12 of 20 are analysed: 1 + ((0.25 + 1) 12 - 1) 0.05
    assert told["Intracluster correlation"] == "0.05: a design effect of 1.7 among those analysed"
    assert told["Two-sided alpha"] == "0.05"
    unsaid = by_formula(sized(clustered(), 800))
    assert unsaid.startswith("No formula gives the power of this number.") and "how large and how alike" in unsaid


def test_a_margin_has_a_true_difference_and_one_side() -> None:
    design = PROTOCOL.design.model_copy(update={"framework": "equivalence", "margin": 0.4})
    protocol = sized(PROTOCOL.model_copy(update={"design": design}), 300, difference=0, standard_deviation=1)
    told = dict(assumptions(protocol, protocol.sample_size.assumptions or ASSUMED))
    assert told["True difference, in favour of the first arm"] == "0 standard deviations"
    assert told["One-sided alpha"] == "0.05"
    assert "two one-sided tests" in by_formula(protocol)


def test_document_and_report_both_hold_the_sentence(tmp_path: Path) -> None:
    folder = read_folder(shipped("examples/dismantling"))
    said = by_formula(folder.protocol)
    assert "one-sided test of the margin" in said
    page = render_html(document(folder))
    assert said in page and "True difference, in favour of the first arm" in page
    results, labels = results_of(tmp_path, plan("missing"))
    bare = dict(methods.analysis(results, labels).items)["Sample size"]
    assert bare == "Enough for a test."
    protocol = sized(labels.folder.protocol, 60)
    with_numbers = Labels(replace(labels.folder, protocol=protocol))
    assert dict(methods.analysis(results, with_numbers).items)["Sample size"] == f"{bare} {by_formula(protocol)}"
