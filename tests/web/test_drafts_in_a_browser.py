"""A form that keeps itself, in a real browser over real HTTP: typing, a lost connection, two devices, no script."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.servers.browser import axe_violations
from tests.servers.http import served
from tests.web.place import Person, Place
from trial.core.links import make_code
from trial.storage import fresh_codes

pytestmark = pytest.mark.browser

WORDS = "I slept badly, and then the phone rang."
FAILED = "Not saved yet. Keep this page open."


class Evening:
    """One person on the evening of an exercise, and the address at which the application is served."""

    def __init__(self, place: Place, address: str) -> None:
        self.place, self.address = place, address
        self.clocked: list[BrowserContext] = []
        self.person = Person(place)
        with ThreadPoolExecutor(1) as apart:  # the browser's own loop runs in this thread
            apart.submit(self.person.to_exercise).result()
        self.link = address + place.links(self.person.id, "evening")[0]

    def open(self, context: BrowserContext) -> Page:
        """Follow the link of the mail to the exercise. The page's clock can be put forward, see `wait_over`."""
        if context not in self.clocked:
            context.clock.install()
            self.clocked.append(context)
        page = context.new_page()
        page.goto(self.link)
        page.locator("main button").click()
        page.wait_for_url("**/now")
        return page

    def fresh_code(self) -> str:
        """The six digits that stand in the newest mail to this person."""
        with self.place.store.open_work(self.place.operator, write=False) as work:
            known = fresh_codes.state(work, self.person.id, "me")
        assert known is not None
        return make_code(self.place.keys.link, self.person.id, known.generation, "me")

    def count(self, table: str) -> int:
        with closing(sqlite3.connect(self.place.path)) as rows:
            return int(rows.execute(f"select count(*) from {table}").fetchone()[0])


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    place = Place(tmp_path)
    with served(place.app) as address:
        yield Evening(place, address)


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(20_000)
    yield context
    context.close()


def said(page: Page) -> str:
    return page.locator("[data-draft] [role=status]").inner_text()


def wait_over(page: Page) -> None:
    """Longer than the script waits before it saves, without anybody waiting for it."""
    page.clock.fast_forward(10_000)


def expect_saved(page: Page) -> None:
    wait_over(page)
    expect(page.locator("[data-draft] [role=status]")).to_have_text("Saved", timeout=20_000)


def type_words(page: Page, words: str = WORDS) -> None:
    page.locator("#f-writing").press_sequentially(words)


def test_what_is_typed_is_saved_and_there_again_after_the_link_is_opened_again(
    evening: Evening, phone: BrowserContext
) -> None:
    page = evening.open(phone)
    assert said(page) == ""
    type_words(page)
    expect_saved(page)
    assert evening.count("draft") == 1
    page.close()
    again = evening.open(phone)
    assert again.locator("#f-writing").input_value() == WORDS
    again.get_by_role("button", name="I am done").click()
    again.wait_for_url("**/done")
    assert (evening.count("draft"), evening.count("answer_sheet")) == (0, 2)


def test_a_page_that_is_left_saves_what_stood_in_it(evening: Evening, phone: BrowserContext) -> None:
    page = evening.open(phone)
    type_words(page)
    page.goto(evening.address + "/help")
    for _ in range(200):  # the request outlives the page that sent it, so no page can say when it arrived
        if evening.count("draft"):
            break
        page.wait_for_timeout(50)
    assert evening.open(phone).locator("#f-writing").input_value() == WORDS


def test_a_lost_connection_is_said_keeps_the_text_and_is_made_up_for(evening: Evening, phone: BrowserContext) -> None:
    page = evening.open(phone)
    phone.set_offline(True)
    type_words(page)
    status = page.locator("[data-draft] [role=status]")
    wait_over(page)
    expect(status).to_have_text(FAILED, timeout=20_000)
    page.get_by_role("button", name="I am done").click()
    expect(status).to_contain_text("There is no connection")
    assert page.locator("#f-writing").input_value() == WORDS
    assert evening.count("draft") == 0
    phone.set_offline(False)
    expect(status).to_have_text("Saved", timeout=20_000)
    assert evening.count("draft") == 1
    page.get_by_role("button", name="I am done").click()
    page.wait_for_url("**/done")
    assert evening.count("answer_sheet") == 2


def test_another_device_is_told_and_not_shown_what_was_typed(
    evening: Evening, phone: BrowserContext, browser: Browser
) -> None:
    page = evening.open(phone)
    type_words(page)
    expect_saved(page)
    laptop = browser.new_context()
    other = evening.open(laptop)
    assert "another device" in other.locator("main").inner_text()
    assert other.locator("#f-writing").input_value() == ""
    laptop.close()


def test_after_a_fresh_code_the_other_device_goes_on_where_the_first_one_stopped(
    evening: Evening, phone: BrowserContext, browser: Browser
) -> None:
    page = evening.open(phone)
    type_words(page)
    expect_saved(page)
    laptop = browser.new_context()
    other = evening.open(laptop)
    other.get_by_role("link", name="Show what I typed").click()
    other.get_by_label("Send a code").check()
    other.get_by_role("button", name="Send me a code").click()
    other.wait_for_url("**/me/code?sent")
    other.locator("#f-code").fill(evening.fresh_code())
    other.get_by_role("button", name="Continue").click()
    other.wait_for_url("**/now")
    assert other.locator("#f-writing").input_value() == WORDS
    other.locator("#f-writing").press_sequentially(" Then I slept.")
    expect_saved(other)
    type_words(page, " And more.")  # the first device may not undo what came after it
    wait_over(page)
    expect(page.locator("[data-draft] [role=status]")).to_contain_text("cannot save any more", timeout=20_000)
    other.get_by_role("button", name="I am done").click()
    other.wait_for_url("**/done")
    assert (evening.count("draft"), evening.count("answer_sheet")) == (0, 2)
    laptop.close()


def test_back_and_twice_is_once(evening: Evening, phone: BrowserContext) -> None:
    page = evening.open(phone)
    type_words(page)
    page.get_by_role("button", name="I am done").dblclick()
    page.wait_for_url("**/done")
    page.go_back()
    page.wait_for_load_state()
    assert evening.count("answer_sheet") == 2
    page.goto(evening.address + "/now")
    assert "This is done" in page.locator("h1").inner_text()


def test_without_scripts_a_button_keeps_it(evening: Evening, browser: Browser) -> None:
    plain = browser.new_context(java_script_enabled=False)
    page = evening.open(plain)
    page.locator("#f-writing").fill(WORDS)
    page.get_by_role("button", name="Save and go on later").click()
    assert "Kept for later" in page.locator("h1").inner_text()
    page.get_by_role("link", name="Go on now").click()
    assert page.locator("#f-writing").input_value() == WORDS
    plain.close()


def test_a_program_that_presses_every_button_and_types_nothing_changes_nothing(
    evening: Evening, phone: BrowserContext
) -> None:
    before = evening.place.dump()
    page = evening.open(phone)
    for path in ("/now", "/not-today", "/upset"):
        page.goto(evening.address + path)
        for number in range(page.locator("main button").count()):
            page.goto(evening.address + path)
            page.locator("main button").nth(number).click()
            page.wait_for_load_state()
    page.goto(evening.address + "/now")
    wait_over(page)
    page.wait_for_load_state("networkidle")
    assert evening.place.dump() == before


def test_all_of_it_by_keyboard_alone(evening: Evening, phone: BrowserContext) -> None:
    page = evening.open(phone)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "f-writing":
            break
    page.keyboard.type(WORDS)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "I am done"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    assert "Kept for later" in page.locator("h1").inner_text()


@pytest.mark.parametrize(
    "taste",
    [{"color_scheme": "dark"}, {"forced_colors": "active"}, {"reduced_motion": "reduce"}, {"color_scheme": "light"}],
    ids=str,
)
def test_however_the_page_is_set_axe_finds_nothing_and_at_200_percent_nothing_scrolls_sideways(
    evening: Evening, browser: Browser, taste: dict[str, str]
) -> None:
    # a window of 640 pixels at 200 % is laid out in 320
    context = browser.new_context(viewport={"width": 320, "height": 400}, device_scale_factor=2, **taste)  # type: ignore[arg-type]
    page = evening.open(context)
    type_words(page, "Dear Robin")
    expect_saved(page)
    for path in ("/now", "/upset", "/not-today"):
        if path != "/now":
            page.goto(evening.address + path)
        assert axe_violations(page) == []
        assert page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth") == 0
    context.close()


def test_the_first_page_and_all_that_it_asks_for_is_light(evening: Evening, phone: BrowserContext) -> None:
    page = phone.new_page()
    came: list[Response] = []
    page.on("response", lambda response: came.append(response))
    page.goto(evening.link)
    page.wait_for_load_state("networkidle")
    loaded = {one.url: len(one.body()) for one in came if one.url != evening.link}
    came.clear()  # once another page is there, these cannot be read any more
    page.locator("main button").click()
    page.wait_for_url("**/now")
    page.wait_for_load_state("networkidle")
    loaded |= {one.url: len(one.body()) for one in came if one.ok}
    assert {one.rpartition("/")[2].partition("?")[0] for one in loaded} >= {"now", "style.css", "sheet.js"}
    assert sum(loaded.values()) < 60_000
