"""A report of data collected elsewhere: it claims nothing of a record that nobody kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.consort import checklist, lay, tidier
from reports.data_file import read_data
from reports.document import Paragraph, Table
from reports.html import render_html
from reports.labels import Labels
from reports.protocol_document import methods_text
from reports.protocol_document.names import Names
from reports.results import outside_results
from reports.sections import document
from tests.reports.planned import DATA, plan, results_of, with_plan
from trial.core.protocol import Intervention
from trial.protocol_files import read_folder


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
    said = " ".join(one.text for one in methods_text.text(Names(done[1].folder)) if isinstance(one, Paragraph))
    assert "1 statement to tick, and" in said.replace("\u00a0", " ")


def test_the_checklist_names_every_item_that_the_file_cannot_tell(done: tuple[dict[str, Any], Labels]) -> None:
    results, labels = done
    lines = [one for one in checklist.lines(results, labels, ()) if one.list == "CONSORT 2025"]
    unknown = [one.item for one in lines if one.state.kind == "not_recorded"]
    assert {"10", "18", "22b", "27"} <= set(unknown)
    assert f"Not in the record: {', '.join(unknown)}." in page(done)


def test_it_says_nothing_of_mails_pages_a_desk_or_a_seed(done: tuple[dict[str, Any], Labels]) -> None:
    said = page(done)
    for words in ("online", "Every mail", "by e-mail", "mails and web pages", "same subjects", "sealed", "a link in",
                  "typed signature", "The team's pages", "Nobody delivers", "report on themselves",
                  "reported by the participants", "own words stay", "may overlap"):  # fmt: skip
        if words == "online":
            assert said.lower().count(words) == 1 and "whether the trial was online is not known" in said
        else:
            assert words.lower() not in said.lower(), words


def test_the_page_for_those_who_took_part_does_not_say_who_told(done: tuple[dict[str, Any], Labels]) -> None:
    results, labels = done

    def made_of_it(kind: str) -> str:
        told = results | {"trial": results["trial"] | {"kind": kind}}
        parts = lay.summary(told, labels.folder, "en").parts
        return " ".join(next(one.paragraphs for one in parts if one.heading == "What to make of it"))

    assert "told us themselves" in made_of_it("live") and "told us themselves" not in made_of_it("outside")
    assert "These are averages." in made_of_it("outside")


def test_where_the_protocol_says_who_gave_an_arm_its_words_stand_and_ours_do_not(
    done: tuple[dict[str, Any], Labels],
) -> None:
    results, labels = done
    folder = labels.folder
    arms = [
        one.model_copy(update={"intervention": Intervention(provided_by={"en": "Nurses."})}) if at == 0 else one
        for at, one in enumerate(folder.protocol.arms)
    ]
    told = replace(folder, protocol=folder.protocol.model_copy(update={"arms": arms}))
    (_, table, *_) = tidier.blocks(results, Labels(told))
    assert isinstance(table, Table)
    provided = next(row.cells[1:] for row in table.rows if row.cells[0] == "5. Who provided")
    assert provided == ("Nurses.", *[tidier.NOT_RECORDED] * (len(arms) - 1))


def test_a_time_of_which_the_file_has_no_row_is_named_once_and_falls_to_nothing_in_no_figure(tmp_path: Path) -> None:
    folder = read_folder(with_plan(tmp_path, plan("families")))
    lines = DATA.read_text().splitlines(keepends=True)
    kept = "".join(one for one in lines if ",week_6," not in one)
    assert kept != "".join(lines)
    results = outside_results(folder, read_data(folder, kept.encode(), "data.csv"))
    for key in ("missing", "attrition", "outcome_over_time"):
        assert "week_6" not in {one["timepoint"] for one in results[key]}, key
    said = render_html(document(results, folder))
    assert "It has no row of 6 weeks, of which nothing is said here." in said
    assert "attrition-figure" not in said  # one occasion is no course


def test_a_whole_file_says_of_no_time_that_it_is_not_there(done: tuple[dict[str, Any], Labels]) -> None:
    said = page(done)
    assert "It has no row of" not in said and "attrition-figure" in said and "In the data file" in said
    assert "Questionnaires expected" not in said
