"""The words so far on a writing page: shown while somebody types, never in the way, silent unless asked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.pages.samples import SAMPLES
from tests.pages.served import shown

pytestmark = pytest.mark.browser


def test_the_words_of_all_fields_are_counted_and_nothing_is_read_aloud(browser: Browser) -> None:
    with shown(browser, SAMPLES["writing-prompts"](), width=360) as page:
        line, fields = page.locator("[data-words]"), page.locator("textarea")
        assert line.inner_text() == "Words so far: 0"
        page.clock.install()
        fields.nth(0).press_sequentially("I slept badly, and ")
        fields.nth(1).press_sequentially("didn't sleep.")
        page.clock.run_for(1_000)
        assert line.inner_text() == "Words so far: 6"
        assert line.evaluate("one => one.closest('[aria-live], [role=status], [role=alert]') === null")
        # who enters a field hears how far they are
        assert all("f-words" in (fields.nth(n).get_attribute("aria-describedby") or "") for n in range(2))


def test_however_few_or_many_words_there_are_the_form_can_be_sent(browser: Browser) -> None:
    with shown(browser, SAMPLES["writing-prompts"](), width=360) as page:
        for words in ("one", "word " * 6000):
            page.locator("textarea").first.fill(words)
            assert page.locator("#sheet button").first.is_enabled()
            assert page.evaluate("document.getElementById('sheet').checkValidity()")


def test_without_scripts_there_is_no_empty_line(browser: Browser) -> None:
    with shown(browser, SAMPLES["writing-prompts"](), width=360, java_script_enabled=False) as page:
        assert not page.locator("[data-words]").is_visible()
