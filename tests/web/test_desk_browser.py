"""The desk in a real browser: narrow, dark, by keyboard, and with a mail's link that leads out of its frame."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.mail.letters import LINK, written
from tests.servers.browser import axe_violations
from tests.servers.http import served
from trial.mail.compose import compose
from trial.mail.mailbox_files import mail_path
from trial.services.reviews import Held, Sign
from trial.web.desk.viewer import create_viewer

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/mailbox",
    "/mailbox?search=exercise",
    "/mailbox?search=nobody",
    "/mailbox/60",
    "/report",
    "/enrolments",
    "/nowhere",
)
SCRIPT = "<script>document.title = 'ran'; parent.document.title = 'ran'</script>"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A served desk whose mails' links lead to the desk's own address, so that the test needs no second server."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "report").mkdir()
    (folder / "report" / "report.html").write_text(
        "<!doctype html><html lang='en'><title>Report</title><h1>Report</h1>"
    )
    sign = Sign("fast", "screening took 2 s; reading it takes at least 8 s", holds=True)
    waiting = [Held(code, datetime(2041, 3, 4, tzinfo=UTC), (sign,), None, None) for code in ("EQ-7K3M", "EQ-8L4N")]
    app = create_viewer(
        mailbox=folder,
        report=folder / "report",
        title="Letters to myself",
        status=lambda: {"randomised": 96},
        waiting=lambda: {"a-trial-with-a-long-name": waiting, "another": []},
    )
    with served(app) as found:
        for number in range(1, 61):
            address = f"p{number:05d}.with.quite.a.long.name@mailbox.example"
            mail = compose(written(recipient=address, link=LINK.replace("https://trial.example", found)))
            mail_path(folder, number).write_bytes(f"X-Envelope-To: {address}\r\n".encode() + mail)
        body = f"<html><head></head><body>{SCRIPT}<p>hello</p></body></html>"
        hostile = f"Subject: x\r\nContent-Type: text/html\r\n\r\n{body}\r\n"
        mail_path(folder, 61).write_bytes(hostile.encode())
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_no_page_scrolls_sideways_at_320_pixels_or_shuts_anybody_out(browser, address, path, scheme):
    page = browser.new_page(viewport={"width": 320, "height": 800}, color_scheme=scheme)
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert axe_violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert axe_violations(page) == []
    page.close()


def test_the_keyboard_reaches_the_content_first_and_then_every_mail(browser, address):
    page = browser.new_page()
    page.goto(address + "/mailbox")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert reached == ["search", "Search", "x", "Your exercise for today"]
    page.close()


def test_a_link_in_a_mail_opens_a_page_of_its_own(browser, address):
    page = browser.new_page()
    page.goto(address + "/mailbox/60")
    with page.expect_popup() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Open today’s exercise").click()
    assert opened.value.url == LINK.replace("https://trial.example", address)
    assert opened.value.evaluate("document.referrer + String(window.opener)") == "null"
    assert page.url == address + "/mailbox/60"
    opened.value.close()
    page.close()


def test_a_script_in_a_mail_does_not_run(browser, address):
    page = browser.new_page()
    page.goto(address + "/mailbox/61")
    assert page.frame_locator("iframe").get_by_text("hello").is_visible()
    assert page.title() == "x · Letters to myself"
    page.close()
