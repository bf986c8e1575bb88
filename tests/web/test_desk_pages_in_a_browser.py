"""Every page of the desk, in a real browser: at 320 pixels and at a desk, by day and by night, nobody is shut out."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.pages.served import shown
from tests.pages.test_pages_in_a_browser import sideways
from tests.servers.browser import axe_violations
from tests.web.desk_samples import HEADERS, SAMPLES, drawn

pytestmark = pytest.mark.browser

SMALL = """() => [...document.querySelectorAll(
  'button, .action, select, textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox]), summary'
)].filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML.slice(0, 120))"""

# on a phone the head of a table is gone: a figure without its name says nothing
NAMELESS = """() => [...document.querySelectorAll('table.rows tr')].flatMap(row => [...row.querySelectorAll('td')]
  .filter(one => one.textContent.trim() && !one.dataset.label)).map(one => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", SAMPLES)
def test_no_page_scrolls_sideways_or_shuts_anybody_out(browser: Browser, name: str) -> None:
    html = drawn(name)
    said: list[str] = []
    with shown(browser, html, width=320, headers=HEADERS) as opened:
        opened.on("console", lambda message: said.append(message.text))
        assert sideways(opened) == 0
        assert opened.evaluate(SMALL) == []
        assert opened.evaluate(NAMELESS) == []
        assert axe_violations(opened) == []
        opened.emulate_media(color_scheme="dark")
        assert axe_violations(opened, tags=["cat.color"]) == []
        opened.set_viewport_size({"width": 1280, "height": 900})
        assert sideways(opened) == 0
    assert said == [], "a page breaks no rule of its own policy"
    assert "<script" not in html and " style=" not in html


@pytest.mark.parametrize(
    "name",
    ["desk-sign-in-wrong", "desk-join-faults", "desk-team-faults", "desk-adverse-event-faults", "desk-roster-faults"],
)
def test_what_is_wrong_has_the_focus_and_its_links_lead_to_the_fields(browser: Browser, name: str) -> None:
    with shown(browser, drawn(name), width=360, headers=HEADERS) as page:
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        for link in page.locator("[role=alert] a").all():
            target = (link.get_attribute("href") or "").removeprefix("#")
            link.press("Enter")
            assert page.evaluate("document.activeElement.id") == target


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_can_read_the_key_from_the_picture(browser: Browser, scheme: Literal["light", "dark"]) -> None:
    with shown(browser, drawn("desk-join"), width=320, headers=HEADERS, color_scheme=scheme) as page:
        colours = page.evaluate(
            "[...document.querySelectorAll('.qr path')]"
            ".map(one => one.getAttribute('stroke') ?? one.getAttribute('fill'))"
        )
        assert colours == ["#fff", "#000"], "black on white in every scheme"
        assert page.locator(".qr svg").bounding_box()["width"] >= 200
