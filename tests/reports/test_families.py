"""A family of secondary analyses from the protocol to the report: each rule, the gate, where a sequence stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports import families
from reports.protocol_document.outcomes import analysis
from reports.sections import document
from tests.reports.planned import plan, results_of
from trial.core import families as checks
from trial.protocol_files import read_folder

GRAPH = plan("families")
UNNAMED = GRAPH[: GRAPH.index("    graph:")] + GRAPH[GRAPH.index("  exploratory") :]


def under(rule: str, *, gate: bool = False) -> str:
    text = UNNAMED.replace("multiplicity: graph", f"multiplicity: {rule}")
    return text if gate else text.replace("    gate: primary\n", "")


def of(results: dict[str, Any]) -> tuple[float, list[float], list[float]]:
    """The primary's p, the family's, and the family's as adjusted."""
    primary, *family = [one for one in results["estimates"] if one["analysis"] != "exploratory"]
    return primary["p"], [one["p"] for one in family], [one["p_adjusted"] for one in family]


def test_a_graph_behind_the_primary_gives_the_p_values_of_the_closed_test(tmp_path: Path) -> None:
    results, labels = results_of(tmp_path, GRAPH)
    gate, (later, calm), adjusted = of(results)
    both = min(later / 0.75, calm / 0.25)
    assert adjusted == pytest.approx([max(gate, both, later), max(gate, both, calm)], rel=1e-9)
    assert gate < 0.05 and both < gate < calm
    assert {one["adjusted_by"] for one in results["estimates"][1:3]} == {"graph"}
    rule, held = families.outcome(results["estimates"], labels)
    assert "The primary analysis is the gate" in rule and "held against 0.05" in rule
    assert held.startswith("After the adjustment 1 of 2 counts as shown: Low mood at 6 weeks")
    assert ", in favour of " in held, "a difference that is shown has a direction"
    unknown = [results["estimates"][0], *({**one, "p": None, "p_adjusted": None} for one in results["estimates"][1:3])]
    assert families.outcome(unknown, labels)[-1] == "None of the secondary analyses could be estimated."
    assert "p, by the graph" in str(document(results, read_folder(tmp_path / "planned")))


def test_a_gate_that_stays_shut_lets_nothing_count_however_small_its_p(tmp_path: Path) -> None:
    swapped = under("holm", gate=True).replace(
        "  primary: {outcome: low_mood, timepoint: week_2", "  primary: {outcome: calmness, timepoint: week_2"
    )
    results, labels = results_of(tmp_path, swapped)
    gate, family, adjusted = of(results)
    assert gate > 0.05 and min(family) < 0.01 and min(adjusted) == pytest.approx(gate)
    assert (
        "so the gate stayed shut: no secondary difference counts as shown"
        in families.outcome(results["estimates"], labels)[-1]
    )


def test_a_sequence_says_where_it_stopped_and_what_came_after_it(tmp_path: Path) -> None:
    results, labels = results_of(tmp_path, under("fixed_sequence"))
    _, (later, calm), adjusted = of(results)
    assert adjusted == pytest.approx([later, max(later, calm)])
    assert "stopped at analysis 2 of 2, Calm at 2 weeks" in families.outcome(results["estimates"], labels)[-1]
    lines = under("fixed_sequence").splitlines(keepends=True)
    first, second = (at for at, line in enumerate(lines) if "- {id" in line)
    lines[first], lines[second] = lines[second], lines[first]
    results, labels = results_of(tmp_path, "".join(lines))
    assert of(results)[2] == pytest.approx([calm, calm])
    said = families.outcome(results["estimates"], labels)[-1]
    assert "stopped at analysis 1 of 2" in said and said.endswith("Nothing of the family is shown.")
    assert "so does what came after it: Low mood at 6 weeks" in said


def test_hochberg_starts_from_the_largest_p_and_the_report_says_when_it_holds(tmp_path: Path) -> None:
    results, labels = results_of(tmp_path, under("hochberg"))
    _, (later, calm), adjusted = of(results)
    assert adjusted == pytest.approx([min(2 * later, calm), calm])
    assert "hang together positively" in families.outcome(results["estimates"], labels)[0]


def test_the_protocol_document_spells_out_the_order_and_the_shares(tmp_path: Path) -> None:
    from reports.protocol_document.names import Names

    _, labels = results_of(tmp_path, GRAPH)
    said = str(next(iter(analysis(Names(labels.folder)))))
    assert "has 75% of alpha at first and hands 100% of it to Calm at 2 weeks" in said
    _, labels = results_of(tmp_path, under("fixed_sequence"))
    assert "The order: 1. Low mood at 6 weeks; 2. Calm at 2 weeks." in families.order(
        labels.folder.protocol.analysis.secondary, labels
    )


@pytest.mark.parametrize(
    ("family", "what"),
    [
        ({"multiplicity": "none", "gate": "primary"}, "a gate guards a family that shares a rule"),
        ({"multiplicity": "holm", "graph": [{"analysis": "a"}]}, "`graph` belongs to `multiplicity: graph`"),
        ({"multiplicity": "graph", "analyses": [{}], "graph": []}, "this one has none"),
        ({"multiplicity": "graph", "analyses": [{"id": "a"}]}, "says nothing of 'a'"),
        (
            {"multiplicity": "graph", "analyses": [{"id": "a"}], "graph": [{"analysis": "a", "weight": 1.5}]},
            "add up to 1.5",
        ),
        (
            {"multiplicity": "graph", "analyses": [{"id": "a"}], "graph": [{"analysis": "a", "passes": {"a": 1}}]},
            "passes alpha to itself",
        ),
        (
            {"multiplicity": "graph", "analyses": [{"id": "a"}], "graph": [{"analysis": "a", "passes": {"b": 1}}]},
            "no secondary analysis with an `id` 'b'",
        ),
    ],
)
def test_a_family_that_cannot_be_carried_out_is_refused_with_a_mend(family: dict[str, Any], what: str) -> None:
    found = [one for one in checks.find({"analysis": {"secondary": family}}) if what in one.what]
    assert len(found) == 1 and found[0].mend and found[0].path[:2] == ("analysis", "secondary")
