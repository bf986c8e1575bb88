"""A mail's page in a real browser: narrow, dark, without its styles."""

from __future__ import annotations

import email

import pytest

from tests.mail.letters import LINK, TEMPLATE, written
from tests.servers.browser import axe_violations
from trial.mail.compose import compose

pytestmark = pytest.mark.browser

MORE = (
    TEMPLATE
    + "\n## What else\n\n1. one\n2. two\n\n> a thought\n\n---\n\nYour code: `482 913`\n\n**{{ name_of_trial }}**\n"
)


def page_of(**changed: object) -> str:
    (html,) = [
        part for part in email.message_from_bytes(compose(written(MORE, **changed))).walk()
        if part.get_content_type() == "text/html"
    ]  # fmt: skip
    return html.get_payload(decode=True).decode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_mail_fits_its_screen_and_shuts_nobody_out(browser, scheme, width):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.set_content(page_of(name_of_trial="Donaudampfschifffahrtsgesellschaftskapitänsmützenstudie" * 2))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe_violations(page) == []
    page.close()


def test_what_is_asked_for_is_a_target_of_44_pixels(browser):
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.set_content(page_of())
    for name in ("Open today’s exercise", "Pause or stop"):
        assert page.get_by_role("link", name=name).bounding_box()["height"] >= 44
    assert page.get_by_text(LINK).is_visible()
    page.close()


def test_the_dark_mail_is_dark(browser):
    page = browser.new_page(color_scheme="dark")
    page.set_content(page_of())
    assert page.evaluate("getComputedStyle(document.querySelector('.paper')).backgroundColor") == "rgb(30, 35, 39)"
    page.close()


def test_without_styles_the_mail_reads_from_top_to_bottom(browser):
    page = browser.new_page()
    page.set_content(page_of())
    page.evaluate("document.querySelectorAll('style').forEach(one => one.remove())")
    page.evaluate("document.querySelectorAll('[style]').forEach(one => one.removeAttribute('style'))")
    lines = [line for line in page.inner_text("body").split("\n") if line.strip()]
    assert lines[:3] == ["Test trial", "Your exercise for today", "Hello,"]
    assert lines[4] == "Open today’s exercise"
    assert lines[5] == LINK
    assert lines[-1] == "Pause or stop"
    page.close()
