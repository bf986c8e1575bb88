"""A report of data collected elsewhere: it claims nothing of a record that nobody kept."""

from __future__ import annotations

from typing import Any

import pytest

from reports.consort import checklist
from reports.html import render_html
from reports.labels import Labels
from reports.sections import document
from tests.reports.planned import plan, results_of


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Labels]:
    return results_of(tmp_path_factory.mktemp("outside"), plan("families"))


def page(done: tuple[dict[str, Any], Labels]) -> str:
    results, labels = done
    return render_html(document(results, labels.folder))


def test_it_speaks_of_the_data_file_and_of_no_frozen_files(done: tuple[dict[str, Any], Labels]) -> None:
    said = page(done)
    for words in ("the data file and the protocol give again", "One file holds the plan", "protocol file that holds"):
        assert words in said, words
    for words in ("the frozen files", "beside the frozen data", "One file runs the trial", "that ran the trial"):
        assert words not in said, words


def test_why_an_outcome_is_missing_is_what_the_file_shows_and_no_reason(done: tuple[dict[str, Any], Labels]) -> None:
    results, _ = done
    reasons = {one["reason"] for arm in results["flow"]["arms"] for one in arm["lost_reasons"]}
    reasons |= {reason for one in results["missing"] for reason in one["reasons"]}
    assert reasons and reasons <= {"no_row", "no_value"}
    said = page(done).lower()
    assert "no row in the data file" in said and "did not answer" not in said


def test_a_single_statement_of_consent_is_one_statement(done: tuple[dict[str, Any], Labels]) -> None:
    assert len(done[1].folder.protocol.consent.statements) == 1
    assert "1 statement to tick, and" in page(done).replace("\u00a0", " ")


def test_the_checklist_names_every_item_that_the_file_cannot_tell(done: tuple[dict[str, Any], Labels]) -> None:
    results, labels = done
    lines = [one for one in checklist.lines(results, labels, ()) if one.list == "CONSORT 2025"]
    unknown = [one.item for one in lines if one.state.kind == "not_recorded"]
    assert {"10", "18", "22b", "27"} <= set(unknown)
    assert f"Not in the record: {', '.join(unknown)}." in page(done)
