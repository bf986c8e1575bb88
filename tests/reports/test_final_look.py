"""A whole report of a trial that was looked at: every sentence goes by the estimate that counts the looks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy import special

from reports.consort import lay, paragraphs
from reports.document import Document, Figure, Paragraph, Table
from reports.final_look import OTHERS, counted
from reports.frozen import Frozen, read_frozen
from reports.html import render_html
from reports.keys import keyed
from reports.labels import Labels
from reports.marks import without_keys
from reports.results import frozen_results, write_results
from reports.sections import document
from tests.reports.bare_numbers import bare_on_page, own_texts
from tests.reports.builder import build_freeze
from tests.reports.elsewhere import folder_with
from trial.stats.sequential.design import spending_design
from trial.stats.sequential.equivalence import likeness
from trial.stats.sequential.final import final_estimate
from trial.stats.sequential.monitoring import monitored
from trial.stats.sequential.spending import Spending

PEOPLE, LOOK = 90, 0.5
WATCHED = {"interim_analyses": 1, "bounds": "pocock", "stopping": {"en": "By its bounds."}}


def trial(folder: Path, framework: str, margin: float | None) -> Path:
    primary = {"outcome": "low_mood", "timepoint": "week_2", "contrast": ["gratitude", "chores"]}
    later = {"outcome": "low_mood", "timepoint": "week_2", "contrast": ["gratitude", "chores"], "method": "anhecova"}
    tried = [{"id": "cc", "method": "complete_case", "assumption": {"en": "As said."}}]
    design: dict[str, Any] = {"framework": framework}
    if margin is not None:
        design |= {"margin": margin, "margin_source": "Made up for tests"}
    secondary = {"multiplicity": "holm", "gate": "primary", "analyses": [later]}
    return folder_with(
        folder, design=design, monitoring=WATCHED,
        outcomes=[{"id": "low_mood", "label": {"en": "Low mood"}, "score": "mood", "better": "lower"}],
        analysis={"primary": primary, "secondary": secondary, "baseline_table": ["mood"], "sensitivity": tried},
    )  # fmt: skip


def looked_at(place: Path, framework: str, margin: float | None) -> Frozen:
    """The small trial, after one look at half of the information."""
    protocol = trial(place / "protocol", framework, margin)
    frozen = read_frozen(build_freeze(place / "frozen", protocol=protocol, randomized=PEOPLE))
    size = frozen.folder.protocol.sample_size.model_copy(update={"target": PEOPLE})
    folder = replace(frozen.folder, protocol=frozen.folder.protocol.model_copy(update={"sample_size": size}))
    return replace(frozen, folder=folder, record=frozen.record.model_copy(update={"looks": [LOOK]}))


def read(frozen: Frozen) -> tuple[dict[str, Any], Document]:
    results = json.loads(write_results(frozen_results(frozen)))
    return results, document(results, frozen.folder)


def texts(written: Document, section: str) -> str:
    (one,) = (each for each in written.sections if each.id == section)
    return " ".join(without_keys(block.text) for block in one.blocks if isinstance(block, Paragraph))


def unled(results: dict[str, Any], frozen: Frozen) -> list[str]:
    """Numbers of the page that lead nowhere."""
    page = render_html(document(keyed(results), frozen.folder))
    return bare_on_page(page, own_texts(Labels(frozen.folder)))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The primary estimate of that trial, whatever is asked of it."""
    results, _ = read(looked_at(tmp_path_factory.mktemp("plain"), "superiority", None))
    return dict(results["estimates"][0])


def close_margin(plain: dict[str, Any], p: float) -> float:
    """The margin of which the estimate has this one-sided p by itself."""
    return float(plain["estimate"] + plain["se"] * -special.stdtrit(plain["df"], p))


@pytest.mark.parametrize(("p", "shown"), [(0.02, False), (0.005, True)])
def test_non_inferiority_that_the_looks_took_away_is_claimed_nowhere(
    tmp_path: Path, plain: dict[str, Any], p: float, shown: bool
) -> None:
    """A p of 0.02 alone would show it; by Pocock with a look at a half it takes about 0.0148."""
    margin = close_margin(plain, p)
    frozen = looked_at(tmp_path, "non_inferiority", margin)
    results, written = read(frozen)
    primary, found = results["estimates"][0], results["interim"]
    assert primary["margin"]["shown"] is True and primary["margin"]["p"] == pytest.approx(p, rel=1e-9)
    assert found["rejected"] is shown and counted(results)["margin"]["shown"] is shown

    share = primary["n_with_data"] / PEOPLE
    plan = spending_design([0.5, 1], Spending("pocock"), alpha=0.025, sides=1)
    made = monitored(plan, [LOOK, share], final=True)
    gain = margin - primary["estimate"]
    direct = final_estimate(made, 2, gain, gain / -special.ndtri(p), 0.95)
    assert (found["critical"], found["p"]) == pytest.approx((made.critical[1], direct.p), rel=1e-8)
    assert found["estimate"] == pytest.approx(margin - direct.estimate, rel=1e-8)
    assert found["ci"] == pytest.approx([margin - direct.ci[1], margin - direct.ci[0]], rel=1e-8)

    claim = f"Non-inferiority is {'' if shown else 'not '}shown"
    wrong = f"on-inferiority is {'not ' if shown else ''}shown"
    for section in ("summary", "primary"):
        said = texts(written, section)
        assert claim in said and wrong not in said, section
    abstract = paragraphs.what(results, Labels(frozen.folder))
    assert ("was not worse than Chores list by the margin" in abstract) is shown
    assert ("by the margin is not ruled out" in abstract) is not shown
    plainly = lay.outcome(results, frozen.folder, "en").finding.verdict
    assert (plainly == "no_worse_open") is not shown and plainly.startswith("no_worse")
    assert OTHERS in texts(written, "primary")
    (table,) = (
        block
        for one in written.sections
        for block in one.blocks
        if isinstance(block, Table) and block.id == "sensitivity-table"
    )
    assert table.rows[0].cells[0] == "Primary analysis, with the looks" and OTHERS in table.note
    assert table.rows[0].cells[-1] == ("shown" if shown else "not shown") and table.rows[1].cells[-1] == "shown"
    (figure,) = (
        block
        for one in written.sections
        for block in one.blocks
        if isinstance(block, Figure) and block.id == "margin-figure"
    )
    assert "Primary analysis, with the looks" in str(figure.drawing)
    gate = results["estimates"][1]["p_adjusted"]
    assert gate >= 2 * found["p"] * (1 - 1e-9), "the gate opens by the p that counts, brought from 0.025 to 0.05"
    assert ("the gate stayed shut" in texts(written, "secondary")) is not shown
    assert unled(results, frozen) == []


@pytest.mark.parametrize(("p", "shown"), [(0.02, False), (0.005, True)])
def test_equivalence_that_the_looks_took_away_is_claimed_nowhere(
    tmp_path: Path, plain: dict[str, Any], p: float, shown: bool
) -> None:
    margin = abs(plain["estimate"]) + float(plain["se"] * -special.stdtrit(plain["df"], p))
    frozen = looked_at(tmp_path, "equivalence", margin)
    results, written = read(frozen)
    primary, found = results["estimates"][0], results["interim"]
    assert primary["margin"]["shown"] is True and primary["margin"]["p"] == pytest.approx(p, rel=1e-9)
    made = monitored(
        spending_design([0.5, 1], Spending("pocock"), alpha=0.025, sides=1),
        [LOOK, primary["n_with_data"] / PEOPLE],
        final=True,
    )
    direct = likeness(made, 2, primary["estimate"], primary["se"], primary["df"], margin)
    assert (found["p"], *found["ci"]) == pytest.approx((direct.p, *direct.ci), rel=1e-8)
    assert found["rejected"] is shown is direct.shown
    for section in ("summary", "primary"):
        said = texts(written, section)
        assert f"Equivalence is {'' if shown else 'not '}shown" in said, section
        assert f"quivalence is {'not ' if shown else ''}shown" not in said, section
    abstract = paragraphs.what(results, Labels(frozen.folder))
    assert ("differed by less than the margin in either direction" in abstract) is shown
    assert unled(results, frozen) == []


def test_a_trial_that_nobody_looked_at_is_told_as_ever(tmp_path: Path, plain: dict[str, Any]) -> None:
    frozen = looked_at(tmp_path, "non_inferiority", close_margin(plain, 0.02))
    results, written = read(replace(frozen, record=frozen.record.model_copy(update={"looks": []})))
    assert results["interim"] is None and counted(results) is results["estimates"][0]
    assert "Non-inferiority is shown" in texts(written, "summary") and OTHERS not in texts(written, "primary")
