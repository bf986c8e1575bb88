"""Clinically significant change: counted here from the data file a second way, compared, and said with its interval."""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports.clinical_change import sections
from reports.data_file import read_data
from reports.document import Document, Paragraph, Table
from reports.html import render_html
from reports.keys import keyed
from reports.labels import Labels
from reports.methods import analysis as methods
from reports.protocol_document.names import Names
from reports.protocol_document.outcomes import analysis as planned_analysis
from reports.results import outside_results, write_results
from reports.sections import document
from tests.reports.bare_numbers import bare_on_page, own_texts
from tests.reports.planned import DATA, plan, with_plan
from trial.core.errors import ProtocolInvalid
from trial.core.protocol import PlannedAnalysis
from trial.protocol_files import ProtocolFolder, read_folder
from trial.stats.plan.clinical_change import run_clinical_change
from trial.stats.plan.covariates import model_of
from trial.stats.standardization import standardize
from trial.stats.two_proportions import newcombe

FIGURES = "reliability: {alpha: 0.8, sd: 1.2, verified: false, source: Made up.}"
THRESHOLD = 1.96 * 1.2 * math.sqrt(2 * 0.2)
CUT = (2 * 9 + 3 * 4) / 5  # kind c: in the proportion of the standard deviations
ARMS = ("gratitude", "chores")


def folder_of(parent: Path, text: str, figures: str = FIGURES) -> Path:
    """The small trial under a plan, with figures for reliable change of its score of mood."""
    folder = with_plan(parent, text)
    file = folder / "instruments" / "feeling.yaml"
    old = "method: sum, better: lower, source: Made up."
    words = file.read_text(encoding="utf-8")
    assert words.count(old) == 1
    file.write_text(words.replace(old, f"{old.rstrip('.')}., {figures}" if figures else old), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ProtocolFolder:
    return read_folder(folder_of(tmp_path_factory.mktemp("change"), plan("change")))


@pytest.fixture(scope="module")
def results(folder: ProtocolFolder) -> Any:
    return outside_results(folder, read_data(folder, DATA.read_bytes(), DATA.name))


def by_hand() -> dict[str, Counter[str]]:
    """What became of the people of each arm, one comparison after the other, from the file alone."""
    arms: dict[str, str] = {}
    mood: dict[str, dict[str, float]] = defaultdict(dict)
    with DATA.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            arms[row["participant"]] = row["arm"]
            if row["mood"]:
                mood[row["participant"]][row["timepoint"]] = float(row["mood"])
    found: dict[str, Counter[str]] = {arm: Counter() for arm in ARMS}
    for code, arm in arms.items():
        before, after = mood[code].get("baseline"), mood[code].get("week_2")
        if before is None or after is None:
            kind = "unknown"
        elif after - before > THRESHOLD:
            kind = "deteriorated"
        elif before - after > THRESHOLD:
            kind = "recovered" if before >= CUT > after else "improved"
        else:
            kind = "unchanged"
        found[arm][kind] += 1
    return found


def test_what_became_of_people_is_counted_in_each_arm_and_who_is_not_known_stands_apart(results: Any) -> None:
    (one,) = results["clinical_change"]
    assert (one["threshold"], one["cut_off"]) == (pytest.approx(THRESHOLD), pytest.approx(CUT))
    counted = by_hand()
    assert counted["gratitude"]["recovered"] > 0 and counted["chores"]["unknown"] > 0
    for arm, its in one["arms"].items():
        kinds = ("recovered", "improved", "unchanged", "deteriorated", "unknown")
        assert {kind: its[kind] for kind in kinds} == {kind: counted[arm][kind] for kind in kinds}
        assert its["n_randomised"] == counted[arm].total() == its["n_known"] + its["unknown"]


def test_everyone_randomised_is_compared_with_missing_scores_imputed(results: Any) -> None:
    (one,) = results["clinical_change"]
    assert one["imputation"]["imputations"] == 200
    assert one["imputation"]["filled"] == {arm: by_hand()[arm]["unknown"] for arm in ARMS}
    compared = {its["kind"]: its for its in one["comparisons"]}
    assert list(compared) == ["recovered", "reliably_better", "reliably_worse"]
    better = compared["reliably_better"]
    assert better["n"] == {arm: one["arms"][arm]["n_randomised"] for arm in ARMS}
    low, high = better["difference"]["ci"]
    assert low < better["difference"]["estimate"] < high
    needed = better["number_needed"]
    assert needed["number"] == pytest.approx(1 / abs(better["difference"]["estimate"]))
    assert needed["towards"] == ("benefit" if better["difference"]["estimate"] > 0 else "harm")


def test_without_a_gap_the_comparison_is_that_of_the_people_seen(folder: ProtocolFolder) -> None:
    """With nobody to fill in, each set is the same, and Rubin's rules add nothing: g-computation, held against R."""
    table = read_data(folder, DATA.read_bytes(), DATA.name).table
    before, after = table.outcome("mood", "baseline"), table.outcome("mood", "week_2")
    whole = np.isfinite(before) & np.isfinite(after)
    kept = replace(
        table,
        participants=tuple(np.array(table.participants, dtype=object)[whole]),
        arms=tuple(np.array(table.arms, dtype=object)[whole]),
        scores={key: values[whole] for key, values in table.scores.items()},
        numbers={key: values[whole] for key, values in table.numbers.items()},
        factors={key: tuple(np.array(its, dtype=object)[whole]) for key, its in table.factors.items()},
    )
    (one,) = run_clinical_change(folder.protocol, kept)
    planned = PlannedAnalysis(outcome="low_mood", timepoint="week_2", contrast=ARMS)
    model = model_of(folder.protocol, kept, planned, np.ones(len(kept.arms), dtype=np.bool_))
    gained = (before - after)[whole] > THRESHOLD
    seen = standardize(gained.astype(float), list(kept.arms), model.columns, ARMS, names=model.names)
    better = next(its for its in one["comparisons"] if its["kind"] == "reliably_better")
    assert better["difference"]["estimate"] == pytest.approx(seen.difference.estimate, rel=1e-12)
    assert better["difference"]["se"] == pytest.approx(seen.difference.se, rel=1e-12)
    assert better["ratio"]["estimate"] == pytest.approx(seen.ratio.estimate, rel=1e-12)
    assert one["imputation"]["filled"] == dict.fromkeys(ARMS, 0)


def test_the_same_data_give_the_same_numbers(folder: ProtocolFolder, results: Any) -> None:
    again = outside_results(folder, read_data(folder, DATA.read_bytes(), DATA.name))
    assert write_results(again) == write_results(results)


def blocks(results: Any, folder: ProtocolFolder) -> tuple[list[Table], str]:
    (section,) = sections(results, Labels(folder))
    tables = [one for one in section.blocks if isinstance(one, Table)]
    return tables, " ".join(one.text for one in section.blocks if isinstance(one, Paragraph))


def planned_and_done(results: Any, folder: ProtocolFolder) -> dict[str, tuple[str, ...]]:
    """The lines of what was planned beside what was done, by their names."""
    section = next(one for one in document(results, folder).sections if one.id == "planned")
    (table,) = [one for one in section.blocks if isinstance(one, Table) and one.id == "planned-analyses"]
    return {row.cells[0]: row.cells for row in table.rows}


def test_what_was_planned_stands_beside_what_was_done(results: Any, folder: ProtocolFolder) -> None:
    row = planned_and_done(results, folder)["Low mood, 2 weeks; clinically significant change"]
    assert row[1:] == ("in no family", "Carried out.", "Same")


def test_the_report_says_the_rule_the_counts_and_what_the_interval_allows(results: Any, folder: ProtocolFolder) -> None:
    (counts, compared), said = blocks(results, folder)
    assert f"of more than {THRESHOLD:.2f} points" in said and f"The cut-off is {CUT:.2f}, between the means" in said
    assert "Nobody has read the figures of the instrument file" in said
    hand = by_hand()
    (row,) = [one.cells for one in counts.rows if one.cells[0] == "Recovered"]
    n = hand["gratitude"].total()
    assert row[1] == f"{hand['gratitude']['recovered']} ({100 * hand['gratitude']['recovered'] / n:.0f}%)"
    (one,) = results["clinical_change"]
    better = next(its for its in one["comparisons"] if its["kind"] == "reliably_better")
    (cells,) = [each.cells for each in compared.rows if each.cells[0].startswith("Reliably better")]
    low, high = (f"{100 * end:.1f}".replace("-", "−") for end in better["difference"]["ci"])
    assert cells[3].endswith(f"({low} to {high})")


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-0.1, 0.3, "The interval includes no difference, which is no evidence that the two do equally well."),
        (0.1, 0.3, "The whole interval says more of them in Gratitude list."),
        (-0.3, -0.1, "The whole interval says more of them in Chores list."),
    ],
)
def test_a_sentence_follows_from_the_interval(
    results: Any, folder: ProtocolFolder, low: float, high: float, says: str
) -> None:
    (one,) = results["clinical_change"]
    its = one["comparisons"][1] | {"kind": "recovered", "number_needed": None}
    its |= {"difference": {"estimate": (low + high) / 2, "ci": [low, high]}}
    _, said = blocks(results | {"clinical_change": [one | {"comparisons": [its]}]}, folder)
    assert says in said
    assert not any(word in said for word in ("significantly more", "proves", "works"))


def test_every_number_has_its_key_and_the_plan_is_told_before_and_after(results: Any, folder: ProtocolFolder) -> None:
    made: Document = document(keyed(results), folder)
    assert bare_on_page(render_html(made), own_texts(Labels(folder))) == []
    said = "who is reliably better or worse by the figures of the instrument"
    assert said in repr(list(planned_analysis(Names(folder)))) and said in repr(made)


def test_a_kind_that_nobody_of_an_arm_has_is_compared_without_a_model_and_the_table_says_so(tmp_path: Path) -> None:
    folder = read_folder(folder_of(tmp_path, plan("change"), FIGURES.replace("1.2", "3")))
    told = outside_results(folder, read_data(folder, DATA.read_bytes(), DATA.name))
    (one,) = told["clinical_change"]
    assert one["arms"]["chores"]["recovered"] == 0 < one["arms"]["gratitude"]["recovered"]
    its = one["comparisons"][0]
    counts = [(one["arms"][arm]["recovered"], one["arms"][arm]["n_known"]) for arm in ARMS]
    expected = newcombe((counts[0][0], counts[1][0]), (counts[0][1], counts[1][1]))
    assert its["fallback"] and its["problem"] is None and its["ratio"] is None
    assert its["difference"]["ci"] == pytest.approx(list(expected.ci))
    (_, compared), _ = blocks(told, folder)
    assert compared.rows[0].cells[4] == "–" and "compared without a model over those with both scores" in compared.note
    assert its["fallback"] in compared.note
    assert planned_and_done(told, folder)["Low mood, 2 weeks; clinically significant change"][3] == "Differs"


def test_an_arm_without_anybody_who_has_the_score_is_named_and_not_compared(folder: ProtocolFolder) -> None:
    data = read_data(folder, DATA.read_bytes(), DATA.name)
    its = np.array(data.table.arms, dtype=object) == "chores"
    gone = {key: np.where(its & (key[1] != "baseline"), np.nan, values) for key, values in data.table.scores.items()}
    (one,) = run_clinical_change(folder.protocol, replace(data.table, scores=gone))
    assert one["comparisons"] == [] and "Too few of arm 'chores'" in one["problem"]
    assert one["arms"]["chores"]["unknown"] == one["arms"]["chores"]["n_randomised"]
    told = outside_results(folder, replace(data, table=replace(data.table, scores=gone)))
    row = planned_and_done(told, folder)["Low mood, 2 weeks; clinically significant change"]
    assert row[2].startswith("Not carried out. Too few of arm “Chores list”") and row[3] == "Differs"
    undone = dict(methods(told, Labels(folder)).items)["Not done as planned"]
    assert "clinically significant change of Low mood" in undone


def test_one_arm_is_counted_and_not_compared(folder: ProtocolFolder) -> None:
    (declared,) = folder.protocol.analysis.clinical_change
    plan = {"clinical_change": [declared.model_copy(update={"contrast": ("gratitude",)})]}
    alone = folder.protocol.model_copy(update={"analysis": folder.protocol.analysis.model_copy(update=plan)})
    (one,) = run_clinical_change(alone, read_data(folder, DATA.read_bytes(), DATA.name).table)
    assert one["comparisons"] == [] and one["problem"] is None and one["arms"]["gratitude"]["recovered"] > 0


MISTAKES = {
    "no figures": ({}, "does not say what reliable change of it is"),
    "the wrong way round": ({"mean: 9": "mean: 3"}, "does not score better than the clinical one"),
    "neither a value nor a kind": ({"        kind: c\n": ""}, "a cut-off is `at` a value, or of a `kind`"),
    "a population too few": ({"        general: {mean: 4, sd: 2}\n": ""}, "needs the `general` population"),
    "one arm of two": ({"      contrast: [gratitude, chores]\n": "      contrast: [gratitude]\n"}, "names 1 of 2 arms"),
    "never asked then": ({"      timepoint: week_2": "      timepoint: evening"}, "which is never asked"),
    "no such outcome": ({"    - outcome: low_mood": "    - outcome: joy"}, "there is no outcome 'joy'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_change_that_cannot_be_told_is_refused_where_it_stands(tmp_path: Path, mistake: str) -> None:
    changes, says = MISTAKES[mistake]
    text = plan("change")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    with pytest.raises(ProtocolInvalid) as refused:
        read_folder(folder_of(tmp_path, text, "" if mistake == "no figures" else FIGURES))
    assert says in str(refused.value) + repr(refused.value.problems)


def test_a_cut_off_may_be_a_value_and_verified_figures_are_not_marked(tmp_path: Path) -> None:
    text = plan("change")
    start, end = text.index("        kind: c"), text.index("        source: Made up")
    folder = read_folder(
        folder_of(tmp_path, f"{text[:start]}        at: 6\n{text[end:]}", FIGURES.replace("false", "true"))
    )
    told = outside_results(folder, read_data(folder, DATA.read_bytes(), DATA.name))
    (one,) = told["clinical_change"]
    assert (one["cut_off"], one["kind"]) == (6, None)
    assert one["arms"]["gratitude"]["recovered"] == by_hand()["gratitude"]["recovered"], "kind c gives 6 as well"
    assert "Nobody has read the figures" not in blocks(told, folder)[1]


def test_a_plan_without_one_has_no_such_section(tmp_path: Path) -> None:
    folder = read_folder(with_plan(tmp_path, plan("families")))
    told = outside_results(folder, read_data(folder, DATA.read_bytes(), DATA.name))
    assert told["clinical_change"] == [] and sections(told, Labels(folder)) == []
