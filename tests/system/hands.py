"""Two ways to use a page in a real browser: with a finger, or with the keyboard alone; and how a form is filled in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_TABS = 400
# the form that the page is about: the one with the most to fill in, else the one with a button
_FORM = """() => {
  const forms = [...document.querySelectorAll('main form[method=post]')];
  const fields = (form) => [...form.elements].filter((one) => one.type !== 'hidden' && one.type !== 'submit').length;
  forms.sort((a, b) => fields(b) - fields(a));
  forms.forEach((form, place) => form.setAttribute('data-form', place));
  return forms.length;
}"""
# what a person sees in it and could fill in, one entry for each question
_ASKED = """(form) => {
  const seen = new Set();
  const found = [];
  for (const one of form.elements) {
    if (one.type === 'hidden' || one.tabIndex === -1) continue;
    if (one.closest('[aria-hidden=true], [hidden], details:not([open])')) continue;
    if (one.getClientRects().length === 0 || one.disabled) continue;
    const key = one.type === 'radio' ? 'radio ' + one.name : one.type + ' ' + one.name + ' ' + one.value;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push({type: one.tagName === 'SELECT' ? 'select' : one.tagName === 'TEXTAREA' ? 'text' : one.type,
      name: one.name, value: one.value, mode: one.inputMode, filled: one.type === 'radio'
        ? [...form.elements].some((other) => other.name === one.name && other.checked)
        : one.type === 'checkbox' ? one.checked : one.value !== ''});
  }
  return found;
}"""


# among the answers of one question Tab stops at one alone
_IS_FOCUSED = """(one) => {
  const now = document.activeElement;
  return one === now || (one.type === 'radio' && now.name === one.name && now.form === one.form);
}"""


class Hands(Protocol):
    """What a person can do with one thing on a page."""

    page: Page

    def press(self, thing: Locator) -> None: ...
    def tick(self, thing: Locator) -> None: ...
    def write(self, thing: Locator, words: str) -> None: ...


class Finger:
    """Taps."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, thing: Locator) -> None:
        thing.click()

    def tick(self, thing: Locator) -> None:
        thing.check()

    def write(self, thing: Locator, words: str) -> None:
        thing.fill(words)


class Keyboard:
    """Tab, arrows, space and return; never the mouse, never a script that puts the focus anywhere."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def _reach(self, thing: Locator) -> None:
        """Tab forward to a thing, or, among the answers of one question, to the one that Tab stops at."""
        wanted = thing.element_handle()
        for _ in range(MOST_TABS):
            if self.page.evaluate(_IS_FOCUSED, wanted):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {thing}")

    def press(self, thing: Locator) -> None:
        self._reach(thing)
        self.page.keyboard.press("Enter")

    def tick(self, thing: Locator) -> None:
        self._reach(thing)
        wanted = thing.element_handle()
        for _ in range(30):
            if self.page.evaluate("(one) => one === document.activeElement", wanted):
                break
            self.page.keyboard.press("ArrowDown")
        if not thing.is_checked():
            self.page.keyboard.press("Space")
        assert thing.is_checked()

    def write(self, thing: Locator, words: str) -> None:
        self._reach(thing)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)


def main_form(page: Page) -> Locator:
    """The form that a page is about."""
    assert page.evaluate(_FORM), f"{page.url} has no form"
    return page.locator("form[data-form='0']")


def fill(hands: Hands, known: dict[str, str] | None = None, leave: Iterable[str] = ()) -> int:
    """Fill in the form of the page: what is known by name, else something that fits. Returns how many were filled."""
    form, known, count = main_form(hands.page), known or {}, 0
    for one in form.evaluate(_ASKED):
        if one["name"] in leave or one["type"] in ("submit", "button", "fieldset", "output"):
            continue
        if one["filled"] and one["name"] not in known:
            continue
        thing = form.locator(f"[name='{one['name']}']")
        if one["type"] == "radio":
            wanted = known.get(one["name"])
            hands.tick(thing.locator(f"nth={0}") if wanted is None else form.locator(
                f"[name='{one['name']}'][value='{wanted}']"))  # fmt: skip
        elif one["type"] == "checkbox":
            hands.tick(form.locator(f"[name='{one['name']}'][value='{one['value']}']"))
        elif one["type"] == "select":
            _select(hands, thing, known.get(one["name"]))
        else:
            hands.write(
                thing,
                known.get(one["name"], "12" if "decimal" in (one["mode"], one["type"]) else "A few words of mine."),
            )
        count += 1
    return count


def _select(hands: Hands, thing: Locator, wanted: str | None) -> None:
    """A list is opened by the browser itself; a keyboard chooses in it by typing."""
    if isinstance(hands, Keyboard):
        hands._reach(thing)
        label = thing.locator(f"option[value='{wanted}']").inner_text() if wanted else ""
        hands.page.keyboard.type(label) if label else hands.page.keyboard.press("ArrowDown")
    else:
        thing.select_option(wanted) if wanted else thing.select_option(index=1)


def send(hands: Hands) -> None:
    """Press the button of the page's form, and wait for the page that follows."""
    button = main_form(hands.page).locator("button:not(.second):not([type=button])").last
    with hands.page.expect_navigation():
        hands.press(button)
