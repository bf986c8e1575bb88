"""Every page in every state, in a real browser: nobody is shut out, nothing scrolls sideways, targets can be hit."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.samples import SAMPLES
from tests.pages.served import shown
from tests.servers.browser import axe_violations

pytestmark = pytest.mark.browser

# links inside a sentence may be as high as their line (WCAG 2.5.8, exception "inline")
SMALL = """() => [...document.querySelectorAll(
  'button, .button, select, textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox]), .option, .help a'
)].filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML.slice(0, 120))"""

# between them these pages hold every colour of the style sheet
COLOURFUL = ("trial", "screening-once-more", "screening-faults", "consent-missing", "questionnaire-gaps", "stop",
             "researchers", "questionnaire-read-only", "report-too-long", "timed-practice", "recall-too-long",
             "writing-goes-on", "recall-went-on")  # fmt: skip


def sideways(page: Page) -> int:
    return int(page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("name", SAMPLES)
def test_at_320_pixels_nothing_scrolls_sideways_and_axe_finds_nothing(browser: Browser, name: str) -> None:
    with shown(browser, SAMPLES[name](), width=320) as page:
        assert sideways(page) == 0
        assert page.evaluate(SMALL) == []
        assert axe_violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", COLOURFUL)
def test_every_colour_keeps_the_enhanced_contrast_by_day_and_by_night(
    browser: Browser, name: str, scheme: Literal["light", "dark"]
) -> None:
    with shown(browser, SAMPLES[name](), width=360, color_scheme=scheme) as page:
        assert axe_violations(page, tags=["cat.color"]) == []


def test_axe_and_the_ruler_find_what_is_wrong(browser: Browser) -> None:
    broken = SAMPLES["code"]().replace('for="f-code"', "").replace("<main", '<main style=""', 1)
    wide = broken.replace("</form>", f"</form><pre>{'x' * 10}</pre><button>{'x' * 200}</button>".replace("<pre", "<p"))
    with shown(browser, wide, width=320) as page:
        assert "label" in {one.rule for one in axe_violations(page)}
    with shown(
        browser, SAMPLES["code"]().replace("</form>", f"</form><table><td>{'x' * 4}</table>"), width=320
    ) as page:
        page.evaluate("document.querySelector('table').style.width = '900px'")
        assert sideways(page) > 0


@pytest.mark.parametrize(
    "name",
    [
        "questionnaire-gaps",
        "screening-faults",
        "consent-missing",
        "code-wrong",
        "writing-prompts-empty",
        "reading-not-confirmed",
        "recall-too-long",
        "timed-practice-not-chosen",
        "dialogue-too-long",
        "checklist-fault",
    ],
)
def test_what_is_wrong_has_the_focus_and_its_links_lead_to_the_fields(browser: Browser, name: str) -> None:
    with shown(browser, SAMPLES[name](), width=360) as page:
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        link = page.locator("[role=alert] a").first
        target = (link.get_attribute("href") or "").removeprefix("#")
        link.press("Enter")
        assert page.evaluate("document.activeElement.id") == target


def test_the_first_stop_of_the_keyboard_skips_to_the_content(browser: Browser) -> None:
    with shown(browser, SAMPLES["questionnaire"](), width=1280) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_a_scale_is_answered_with_the_arrow_keys(browser: Browser) -> None:
    with shown(browser, SAMPLES["questionnaire-topics"](), width=360) as page:
        page.locator("#f-cesd_1").press("Space")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.querySelector('[name=cesd_1]:checked').value") == "1"


def test_the_time_zone_of_the_device_is_offered_and_without_scripts_none_is(browser: Browser) -> None:
    html = SAMPLES["address"]()
    with shown(browser, html, width=360, timezone_id="Europe/Oslo") as page:
        assert page.locator("#f-zone").input_value() == "Europe/Oslo"
    with shown(browser, html, width=360, timezone_id="Asia/Calcutta") as page:
        assert page.locator("#f-zone").input_value() in ("Asia/Calcutta", "Asia/Kolkata")
    with shown(browser, html, width=360, java_script_enabled=False) as page:
        assert page.locator("#f-zone").input_value() == ""


def test_a_page_breaks_no_rule_of_its_own_policy(browser: Browser) -> None:
    said: list[str] = []
    with shown(browser, SAMPLES["address"](), width=360) as page:
        page.on("console", lambda message: said.append(message.text))
        page.reload()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("getComputedStyle(document.querySelector('button')).minHeight") == "48px"
    assert said == []


def test_minutes_are_counted_quietly_on_a_writing_page(browser: Browser) -> None:
    with shown(browser, SAMPLES["writing"](), width=360) as page:
        line = page.locator("[data-elapsed]")
        assert not line.is_visible()
        assert line.get_attribute("aria-live") is None


def test_a_printed_page_holds_the_text_and_no_buttons(browser: Browser) -> None:
    with shown(browser, SAMPLES["consent"](), width=800) as page:
        page.emulate_media(media="print")
        assert not page.locator("button").first.is_visible()
        assert page.locator("h1").is_visible()
