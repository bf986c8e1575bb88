"""The screening page's script does the sum that the site checks, and the form goes without it too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.pages.samples import SEVEN, screening
from tests.pages.served import ORIGIN, shown
from trial.core import proof

pytestmark = pytest.mark.browser
ASKED = proof.challenge(b"site", "mine", SEVEN)
FIELD = "[name=the-proof]"


def test_a_slow_browser_finds_what_the_site_checks(browser: Browser) -> None:
    with shown(browser, screening(challenge=str(ASKED)), width=360) as page:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(f"{ORIGIN}/page")
        page.wait_for_selector(f"{FIELD}:not([value=''])", state="attached", timeout=60_000)
        answer = page.locator(FIELD).input_value()
    assert proof.judge(ASKED, answer, SEVEN) == "proved"


def test_who_is_faster_than_the_sum_is_told_kindly_and_then_goes_on(browser: Browser) -> None:
    hard = proof.challenge(b"site", "mine", SEVEN, 14)
    with shown(browser, screening(challenge=str(hard)), width=360) as page:
        page.get_by_role("button", name="Continue").click()
        page.get_by_text("Your device does a short sum").wait_for()
        with page.expect_request(lambda one: one.method == "POST", timeout=60_000) as sent:
            pass
        assert "the-proof=" in (sent.value.post_data or "")


def test_without_javascript_the_form_goes_as_it_is(browser: Browser) -> None:
    with shown(browser, screening(challenge=str(ASKED)), width=360, java_script_enabled=False) as page:
        with page.expect_request(lambda one: one.method == "POST") as sent:
            page.get_by_role("button", name="Continue").click()
        assert "the-proof=&" in (sent.value.post_data or "")
