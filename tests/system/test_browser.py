"""The browser is real, and axe-core finds what it should."""

import pytest
from playwright.sync_api import Browser

from tests.servers.browser import axe_violations

pytestmark = pytest.mark.browser

GOOD = (
    "<!doctype html><html lang='en'><title>Consent</title><main><h1>Consent</h1>"
    "<label>Code <input></label></main></html>"
)


def test_axe_names_an_input_without_a_label_and_the_element(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(GOOD.replace("<label>", "").replace("</label>", ""))
    (finding,) = [violation for violation in axe_violations(page) if violation.rule == "label"]
    assert finding.impact == "critical"
    assert finding.targets == ("input",)


def test_axe_finds_nothing_in_a_page_that_is_well_made(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(GOOD)
    assert axe_violations(page) == []


def test_axe_runs_in_a_page_that_allows_no_foreign_script(browser: Browser) -> None:
    page = browser.new_page()
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
    page.set_content(GOOD.replace("<title>", policy + "<title>"))
    assert axe_violations(page, tags=["wcag2a", "wcag2aa"]) == []
