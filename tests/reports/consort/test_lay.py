"""The page for those who took part: one page, plain, in the languages of the trial, and never markup."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from reports.consort import lay
from reports.frozen import Frozen, read_frozen
from reports.results import frozen_results
from tests.reports.builder import build_freeze
from tests.reports.test_html import HOSTILE, hostile
from trial.protocol_files import shipped


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    return read_frozen(build_freeze(tmp_path_factory.mktemp("demo"), protocol=shipped("shapira-mongrain-2010")))


@pytest.fixture(scope="module")
def results(demo: Frozen) -> dict[str, Any]:
    return frozen_results(demo)


@pytest.mark.parametrize(("language", "heading"), [("en", "What came out of the study"), ("ar", None), ("de", None)])
def test_it_is_one_page_of_paper_in_each_language(
    demo: Frozen, results: dict[str, Any], language: str, heading: str | None
) -> None:
    page = lay.summary(results, demo.folder, language)
    reader = PdfReader(io.BytesIO(lay.as_pdf(page, language)))
    assert len(reader.pages) == 1
    catalogue: Any = reader.trailer["/Root"].get_object()
    assert catalogue["/Lang"] == language and bool(catalogue["/MarkInfo"]["/Marked"])
    assert heading is None or page.heading == heading
    html = lay.as_html(page, language)
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html
    assert "<script" not in html and "http" not in html.split("</head>")[1]


def test_a_rehearsal_says_so_in_the_language_of_the_reader(demo: Frozen, results: dict[str, Any]) -> None:
    assert lay.summary(results, demo.folder, "de").mark == "Probelauf mit erfundenen Personen. Nichts hier ist echt."


def test_it_names_every_group_and_how_many_gave_the_result(demo: Frozen, results: dict[str, Any]) -> None:
    said = lay.as_html(lay.summary(results, demo.folder, "en"), "en")
    for arm in results["flow"]["arms"]:
        assert f"({arm['allocated']})" in said
    assert f"{results['estimates'][0]['n_with_data']} of 60 people gave them" in said


def test_data_from_elsewhere_do_not_say_that_nobody_was_harmed(demo: Frozen, results: dict[str, Any]) -> None:
    outside = results | {"harms": None, "trial": results["trial"] | {"kind": "outside"}}
    page = lay.summary(outside, demo.folder, "en")
    assert page.mark == "" and "We do not know" in page.parts[4].paragraphs[0]


def test_texts_of_a_protocol_are_never_markup(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    page = lay.summary(frozen_results(frozen), hostile(frozen.folder), "en")
    assert "<script>" not in lay.as_html(page, "en")
    text = " ".join(PdfReader(io.BytesIO(lay.as_pdf(page, "en"))).pages[0].extract_text().split())
    assert "#let x = 1 $y$ *bold*" in text and HOSTILE.split("&")[0].strip() in text


def test_on_a_page_from_right_to_left_the_protocols_words_stand_apart(demo: Frozen, results: dict[str, Any]) -> None:
    said = " ".join(words for part in lay.summary(results, demo.folder, "ar").parts for words in part.paragraphs)
    assert "«\u2068Early memory\u2069»" in said
    plain = " ".join(words for part in lay.summary(results, demo.folder, "en").parts for words in part.paragraphs)
    assert "\u2068" not in plain


def test_of_three_groups_it_names_the_two_that_were_compared_and_whom_to_write_to(
    demo: Frozen, results: dict[str, Any]
) -> None:
    primary = results["estimates"][0] | {"ci": [-3.0, 1.0], "estimate": -1.0}
    page = lay.summary(results | {"estimates": [primary, *results["estimates"][1:]]}, demo.folder, "en")
    verdict, contact = page.parts[2].paragraphs[0], page.parts[-1].paragraphs[-1]
    for arm in primary["contrast"]:
        assert f"“{demo.folder.protocol.arm(arm).label['en']}”" in verdict
    assert "which group" not in verdict
    assert contact == "Questions? Write to us: The study team, team@trial.example.org"
