"""The clock of a timed practice: it waits to be asked, speaks twice, rings softly if wanted, and is never needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.samples import SAMPLES
from tests.pages.served import shown

pytestmark = pytest.mark.browser

# counts what would be heard, and what a screen reader would be told
LISTEN = """() => {
  window.tones = 0; window.said = [];
  const value = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
  const node = () => ({ gain: value, frequency: value, connect: (other) => other, start() { window.tones += 1; }, stop() {} });
  window.AudioContext = class { constructor() { this.currentTime = 0; } createOscillator() { return node(); } createGain() { return node(); } };
  const line = document.querySelector('[role=status]');
  new MutationObserver(() => window.said.push(line.textContent)).observe(line, { childList: true });
}"""  # noqa: E501


@pytest.fixture
def practice(browser: Browser) -> Iterator[Page]:
    """The page of a practice of one minute, under a clock that the test moves."""
    with shown(browser, SAMPLES["timed-practice"](), width=360) as page:
        page.clock.install()
        page.evaluate(LISTEN)
        yield page


def time_left(page: Page) -> str:
    return page.locator("[role=timer]").inner_text()


def press(page: Page) -> None:
    page.locator("[data-clock] button").click()


def measured(page: Page) -> str:
    return page.locator("[name=breathing_seconds]").input_value()


def test_nothing_runs_moves_or_sounds_before_the_button_is_pressed(practice: Page) -> None:
    practice.clock.run_for(120_000)
    assert (time_left(practice), measured(practice)) == ("1:00", "")
    assert practice.evaluate("[window.tones, window.said.length]") == [0, 0]


def test_the_clock_counts_down_speaks_at_start_and_end_only_and_rings_once(practice: Page) -> None:
    press(practice)
    practice.clock.run_for(30_000)
    assert (time_left(practice), measured(practice)) == ("0:30", "30")
    practice.clock.run_for(40_000)
    assert (time_left(practice), measured(practice)) == ("0:00", "60")
    assert practice.evaluate("window.said") == [
        "The clock runs. You may close your eyes.",
        "The time is over. Come back slowly.",
    ]
    assert practice.evaluate("window.tones") == 2  # one soft bell of two tones
    assert practice.locator("[role=timer]").get_attribute("aria-live") == "off"


def test_the_bell_can_be_switched_off(practice: Page) -> None:
    practice.locator("[data-clock] input").uncheck()
    press(practice)
    practice.clock.run_for(61_000)
    assert time_left(practice) == "0:00"
    assert practice.evaluate("window.tones") == 0


def test_the_clock_can_be_stopped_for_a_while_and_started_again(practice: Page) -> None:
    button = practice.locator("[data-clock] button")
    press(practice)
    practice.clock.run_for(20_000)
    assert button.inner_text() == "Pause"
    press(practice)
    practice.clock.run_for(300_000)
    assert (time_left(practice), measured(practice), button.inner_text()) == ("0:40", "20", "Go on")
    press(practice)
    practice.clock.run_for(45_000)
    assert (time_left(practice), measured(practice), button.inner_text()) == ("0:00", "60", "Start again")
    press(practice)
    practice.clock.run_for(10_000)
    assert (time_left(practice), measured(practice)) == ("0:50", "60")


def test_all_of_it_works_by_keyboard_alone(practice: Page) -> None:
    """The start, a pause, going on, the bell and what follows: Tab, space and Enter, in the order of the page."""
    practice.locator("h1").click()
    for _ in range(12):
        practice.keyboard.press("Tab")
        if practice.evaluate("document.activeElement.closest('[data-clock]') !== null"):
            break
    practice.keyboard.press("Enter")
    assert practice.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    practice.clock.run_for(20_000)
    practice.keyboard.press("Space")
    practice.clock.run_for(60_000)
    assert (time_left(practice), measured(practice)) == ("0:40", "20")
    practice.keyboard.press("Enter")
    practice.keyboard.press("Tab")
    practice.keyboard.press("Space")  # no bell
    practice.clock.run_for(45_000)
    assert (time_left(practice), practice.evaluate("window.tones")) == ("0:00", 0)
    assert practice.evaluate("window.said.at(-1)") == "The time is over. Come back slowly."
    practice.keyboard.press("Tab")
    practice.keyboard.press("Space")
    assert practice.locator("[name=breathing_done]").first.is_checked()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_on_the_page_moves_whatever_somebody_has_set(browser: Browser, motion: str) -> None:
    with shown(browser, SAMPLES["timed-practice"](), width=360, reduced_motion=motion) as page:
        page.clock.install()
        press(page)
        page.clock.run_for(5_000)
        assert time_left(page) == "0:55"
        assert page.evaluate("document.getAnimations().length") == 0


def test_without_scripts_the_steps_say_what_to_do_and_the_form_can_be_sent(browser: Browser) -> None:
    with shown(browser, SAMPLES["timed-practice"](), width=360, java_script_enabled=False) as page:
        assert page.locator("ol li").count() == 3
        assert page.get_by_text("Do this for about a minute").is_visible()
        assert not page.locator("[data-clock]").is_visible()
        assert page.locator("#sheet button").first.is_visible()


def test_the_clock_and_its_bell_break_no_rule_of_the_pages_policy(browser: Browser) -> None:
    said: list[str] = []
    with shown(browser, SAMPLES["timed-practice"](), width=360) as page:
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.clock.install()
        press(page)
        page.clock.run_for(61_000)
        assert time_left(page) == "0:00"
        page.wait_for_timeout(1)
    assert said == []


def test_what_the_clock_measured_is_still_there_when_the_page_asks_again(browser: Browser) -> None:
    with shown(browser, SAMPLES["timed-practice-not-chosen"](), width=360) as page:
        assert measured(page) == "41"
