"""The protocol's document in a real browser: nothing runs off a phone, and nobody is shut out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.protocol_document import build_protocol_document
from tests.reports.protocol_document import variants

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
VARIANTS = ("shapira", "everything", "twelve arms", "two languages")


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = {}
    for variant in VARIANTS:
        out = tmp_path_factory.mktemp(variant.replace(" ", "-"))
        (path,) = build_protocol_document(variants.ALL[variant](), out, ["html"])
        found[variant] = Path(path).as_uri()
    return found


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_page_never_scrolls_sideways(browser: Browser, addresses: dict[str, str], variant: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(addresses[variant])
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    beyond = "[...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll, caption, thead')"
    assert page.evaluate(f"{beyond} && one.getBoundingClientRect().right > innerWidth + 1).length") == 0
    page.close()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_axe_finds_nothing(browser: Browser, addresses: dict[str, str], variant: str, width: int, scheme: str) -> None:
    from tests.servers.browser import axe_violations

    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(addresses[variant])
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert axe_violations(page) == []
    page.close()


def test_the_page_asks_the_network_for_nothing(browser: Browser, addresses: dict[str, str]) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(addresses["everything"])
    assert asked == [addresses["everything"]]
    page.close()


def test_a_phone_shows_the_schedule_as_boxes_and_tables_as_lists(browser: Browser, addresses: dict[str, str]) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(addresses["shapira"])
    assert page.locator("#schedule .narrow svg").is_visible() and not page.locator("#schedule .wide svg").is_visible()
    cell = page.locator("#arms td").first
    assert cell.evaluate("one => getComputedStyle(one).display") == "block"
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.locator("#schedule .wide svg").is_visible() and not page.locator("#schedule .narrow svg").is_visible()
    assert cell.evaluate("one => getComputedStyle(one).display") == "table-cell"
    page.close()


def test_a_page_of_the_trial_looks_as_it_does_when_it_is_served(browser: Browser, addresses: dict[str, str]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(addresses["shapira"])
    button = page.locator("#page-trial-en .s-button").first
    style = "one => { const s = getComputedStyle(one); return [s.backgroundColor, s.borderRadius, s.fontWeight] }"
    assert button.evaluate(style) == ["rgb(11, 85, 99)", "10px", "600"]  # as the pages' style sheet has it
    heading = page.locator("#page-trial-en [aria-level='4']")
    assert heading.evaluate("one => getComputedStyle(one).fontSize") == "34px"
    page.close()


def test_nothing_in_a_page_can_be_filled_in_or_pressed(browser: Browser, addresses: dict[str, str]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(addresses["everything"])
    fields = page.locator(".glass input, .glass textarea, .glass select")
    assert fields.count() > 20
    assert page.locator(".glass :is(input, textarea, select):enabled, .glass :is(a, button, form)").count() == 0
    page.close()
