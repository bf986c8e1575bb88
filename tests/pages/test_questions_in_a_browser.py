"""Items by keyboard alone: rows of a table of scale items, a slider that holds nothing until it is touched."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.samples import SAMPLES
from tests.pages.served import shown
from tests.servers.browser import axe_violations

pytestmark = pytest.mark.browser
TYPES, MATRIX = "questionnaire-types", "questionnaire-topics"


def typed(page: Page) -> str:
    return page.locator("[name=types_energy]").input_value()


def test_rows_of_a_table_are_answered_with_tab_and_arrow_keys(browser: Browser) -> None:
    with shown(browser, SAMPLES[MATRIX](), width=1280) as page:
        page.locator("#f-cesd_1").focus()
        for _ in range(3):
            page.keyboard.press("Space")
            page.keyboard.press("ArrowRight")
            page.keyboard.press("Tab")
        chosen = [page.locator(f"[name=cesd_{n}]:checked").get_attribute("value") for n in (1, 2, 3)]
        assert chosen == ["1", "1", "1"]
        assert page.evaluate("document.activeElement.name") == "cesd_4"


def test_on_a_wide_screen_the_rows_stand_under_the_answers_and_on_a_phone_each_answer_says_its_words(
    browser: Browser,
) -> None:
    with shown(browser, SAMPLES[MATRIX](), width=1280) as page:
        head = page.locator(".matrix .heads span").nth(1).bounding_box()
        cell = page.locator(".matrix fieldset").first.locator(".option").nth(1).bounding_box()
        assert head is not None and cell is not None
        assert abs(head["x"] + head["width"] / 2 - cell["x"] - cell["width"] / 2) < 4
        assert axe_violations(page) == []
    with shown(browser, SAMPLES[MATRIX](), width=360) as page:
        assert not page.locator(".matrix .heads").first.is_visible()
        words = page.locator(".matrix .option span").first.bounding_box()
        assert words is not None and words["width"] > 40


def test_a_row_is_a_group_named_by_its_question_at_every_width(browser: Browser) -> None:
    with shown(browser, SAMPLES[MATRIX](), width=1280) as page:
        legend = page.locator(".matrix legend").first.inner_text()
        group = page.get_by_role("group").first
        assert legend.split(". ", 1)[-1] in (group.inner_text() or "")
        assert group.get_by_role("radio").count() == 4


def test_a_slider_holds_nothing_until_it_is_touched(browser: Browser) -> None:
    with shown(browser, SAMPLES[TYPES](), width=360) as page:
        track = page.locator("[type=range]")
        assert track.is_visible() and typed(page) == "" and track.get_attribute("aria-valuetext") == "No answer yet"
        track.focus()
        assert typed(page) == ""
        page.keyboard.press("ArrowRight")
        assert typed(page) == "51" and track.get_attribute("aria-valuetext") is None


def test_the_middle_of_a_slider_is_taken_by_space_and_an_answer_is_taken_back_by_emptying_its_field(
    browser: Browser,
) -> None:
    with shown(browser, SAMPLES[TYPES](), width=360) as page:
        page.locator("[type=range]").press("Space")
        assert typed(page) == "50"
        page.locator("[name=types_energy]").fill("")
        assert page.locator("[type=range]").get_attribute("aria-valuetext") == "No answer yet"


def test_without_scripts_a_slider_is_a_field_for_a_number(browser: Browser) -> None:
    with shown(browser, SAMPLES[TYPES](), width=360, java_script_enabled=False) as page:
        assert not page.locator("[type=range]").is_visible()
        page.locator("[name=types_energy]").fill("70")
        assert typed(page) == "70"
