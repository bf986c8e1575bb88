"""The report in a real browser: nothing runs off a phone, and nobody is shut out."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from reports import build_report
from tests.reports.builder import build_freeze
from trial.protocol_files import shipped

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    directory = build_freeze(tmp_path_factory.mktemp("page"))
    path, *_ = build_report(directory, ["html"])
    return Path(path).as_uri()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_page_never_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(address)
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    page.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, address: str, width: int, scheme: str) -> None:
    from tests.servers.browser import axe_violations

    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert axe_violations(page) == []
    page.close()


def test_a_wide_table_can_be_reached_and_scrolled_by_keyboard(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(address)
    region = page.locator("#baseline .scroll").first
    region.focus()
    before = region.evaluate("one => one.scrollLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)  # the page's policy lets no script poll
    assert before == 0 < region.evaluate("one => one.scrollLeft")
    page.close()


def test_on_a_desk_harms_of_three_arms_show_every_column_and_their_main_lines_bold(
    browser: Browser, tmp_path: Path
) -> None:
    path, *_ = build_report(build_freeze(tmp_path, protocol=shipped("shapira-mongrain-2010"), randomized=90), ["html"])
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(Path(path).as_uri())
    for region in page.locator("#harms .scroll").all():
        assert region.evaluate("one => one.scrollWidth <= one.clientWidth")
    main = page.locator("#harms .strong td").first
    assert main.evaluate("one => getComputedStyle(one).fontWeight") == "600"
    page.close()


def test_a_phone_shows_the_diagram_with_one_arm_below_the_other(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(address)
    assert page.locator("#flow .narrow svg").is_visible() and not page.locator("#flow .wide svg").is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.locator("#flow .wide svg").is_visible() and not page.locator("#flow .narrow svg").is_visible()
    page.close()


def test_a_wide_table_takes_of_the_empty_margin_before_it_scrolls(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    region = page.locator("#baseline .scroll").first
    usual = region.bounding_box()
    region.evaluate("one => { one.querySelector('tbody td').textContent = '1'.repeat(110) }")
    wide = region.bounding_box()
    assert usual is not None and wide is not None and wide["width"] > usual["width"] + 50
    assert wide["x"] == usual["x"] and wide["x"] + wide["width"] <= 1280
    page.set_viewport_size({"width": 390, "height": 800})
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    page.close()


def test_printed_no_heading_of_a_section_stands_alone_and_no_page_is_half_empty(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, format="A4")))
    headings = page.locator("h2").all_inner_texts()
    page.close()
    for number, sheet in enumerate(printed.pages, start=1):
        lines = [one.strip() for one in sheet.extract_text().splitlines() if one.strip()]
        assert not [one for one in lines[-2:] if one in headings], f"page {number}"
    for number, sheet in enumerate(printed.pages[:-1], start=1):
        at = {0.0, float(sheet.mediabox.height)}

        def keep(text: str, cm: Any, tm: Any, _font: Any, _size: Any, at: set[float] = at) -> None:
            if text.strip():
                at.add(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

        sheet.extract_text(visitor_text=keep)
        assert max(above - below for below, above in pairwise(sorted(at))) < 0.55 * max(at), f"page {number}"
