"""`equipoise rehearse --step` as a researcher uses it: one command, a browser, and a clock that is moved by hand."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.servers.browser import axe_violations
from tests.system.commands import equipoise, running, wait_for
from tests.system.hands import Finger, fill, send
from tests.system.serving import answers
from tests.system.walker import SIDEWAYS, eligible
from trial.protocol_files import read_folder, shipped

pytestmark = pytest.mark.browser

PROTOCOL = "soothing-touch"
_TOLD = re.compile(r"^(time machine|participants|team) +(http://127\.0\.0\.1:\d+)/(\S*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Told:
    """The addresses that the command told, and its process."""

    machine: str
    key: str
    public: str
    desk: str
    process: subprocess.Popen[bytes]

    @property
    def door(self) -> str:
        return f"{self.machine}/{self.key}"


@contextmanager
def stepping(*words: str, cwd: Path) -> Iterator[Told]:
    with running("rehearse", *words, "--step", "--out", "out-step", cwd=cwd) as process:

        def told() -> dict[str, tuple[str, str]] | None:
            found = {name: (where, rest) for name, where, rest in _TOLD.findall((cwd / "out").read_text())}
            return found if len(found) == 3 else None

        found = wait_for(told, process=process)
        for where, _ in found.values():
            wait_for(lambda where=where: answers(where), process=process)  # type: ignore[misc]
        machine, key = found["time machine"]
        yield Told(machine, key, found["participants"][0], found["team"][0], process)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("step")


def looked_at(page: Page) -> Page:
    """Nobody is shut out of the page, at the width of a phone and of a desk."""
    for width in (390, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(SIDEWAYS) == 0, page.url
        assert axe_violations(page) == [], page.url
    return page


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def pressed_anew(page: Page, words: str) -> Page:
    """The page that a button opens beside this one."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name=words, exact=True).click()
    opened.value.wait_for_load_state()
    return opened.value


def newest_mail(page: Page, told: Told) -> Page:
    page.goto(told.machine + "/mailbox")
    page.locator(".mails th a").first.click()
    return page


def test_a_researcher_joins_reads_the_code_consents_jumps_and_answers_as_that_person(
    browser: Browser, place: Path
) -> None:
    folder = read_folder(shipped(PROTOCOL))
    with stepping(PROTOCOL, "--port", "0", "--seed", "3", cwd=place) as told:
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(told.door)
        assert "key=" not in page.url
        page.get_by_label("Your name for this person").fill("Robin")
        press(page, "Add")
        assert "give robin@mailbox.example" in looked_at(page).inner_text("[role=status]")

        # the way in, on the participants' own pages
        robin = pressed_anew(page, "Open as Robin")
        assert robin.url.startswith(told.public)
        hands = Finger(robin)
        with robin.expect_navigation():
            robin.locator("main a.button").first.click()
        for known in ({}, eligible(folder), {"email": "robin@mailbox.example", "zone": "Europe/Berlin"}):
            fill(hands, known)
            send(hands)
        assert robin.url.endswith("/code")
        code = wait_for(lambda: _code(newest(page, told)), process=told.process)
        fill(hands, {"code": code})
        send(hands)
        questions = {f"question_{one.id}": str(one.correct) for one in folder.protocol.consent.comprehension}
        fill(hands, questions | {"signature": "Robin Example"})
        send(hands)
        while robin.url.endswith("/now"):
            fill(hands)
            send(hands)
        page.goto(told.machine)
        assert "randomised, day 0" in page.inner_text(".rows")

        # the first mail: opened and answered as Robin
        press(page, "To the next mail for Robin")
        assert "You are here now." in looked_at(page).inner_text("[role=status]")
        newest_mail(page, told)
        assert page.frame_locator("iframe").locator("a[href*='/go/']").count() > 0
        assert page.locator("pre a[href*='/go/']").count() > 0
        looked_at(page)
        with context.expect_page() as opened:
            page.get_by_role("link", name="Answer as Robin").click()
        mail_page = opened.value
        mail_page.wait_for_load_state()
        hands = Finger(mail_page)
        send(hands)
        assert mail_page.url.endswith("/now")
        fill(hands)
        send(hands)
        assert not mail_page.url.endswith("/now")

        # day 5, 19:05; what is over is not to be had
        page.goto(told.machine)
        page.get_by_label("Jump to, as Robin counts the days").fill("day 5, 19:05")
        press(page, "Jump")
        assert "19:05, day 5" in page.inner_text("main") and "Europe/Berlin" in page.inner_text("main")
        subjects = page.locator(".mails th").all_inner_texts()
        page.get_by_label("Jump to, as Robin counts the days").fill("day 2")
        press(page, "Jump")
        assert "this clock goes forward only" in looked_at(page).inner_text("[role=alert]")
        page.get_by_label("Jump to, as Robin counts the days").fill("soon")
        press(page, "Jump")
        assert 'Write "day 5, 19:05"' in page.inner_text("[role=alert]")
        assert page.locator(".mails th").all_inner_texts() == subjects and len(subjects) > 5

        # a person of the other arm, and the engine answers for them
        press(page, "Make me a person in “Finger tapping”")
        assert "is in “Finger tapping”" in looked_at(page).inner_text("[role=status]")
        page.get_by_role("button", name=re.compile("To the next mail for Person")).click()
        newest_mail(page, told)
        press(page, "Let the engine answer this")
        assert "filled in 1 part" in page.inner_text("[role=status]")

        # back to Robin where Robin was, and the team's side of it
        page.goto(told.machine)
        assert pressed_anew(page, "Open as Robin").url.endswith("/me")
        desk = pressed_anew(page, "Open the desk as an owner")
        assert "Rehearsal with pretend people" in desk.inner_text(".mark") and "randomised" in desk.inner_text("main")
        told.process.send_signal(signal.SIGINT)
        assert told.process.wait(30) == 130
        context.close()
    assert "Traceback" not in (place / "err").read_text()


def newest(page: Page, told: Told) -> str:
    page.goto(told.machine + "/mailbox")
    links = page.locator(".mails th a")
    if links.count() == 0:
        return ""
    links.first.click()
    return page.inner_text("pre")


def _code(text: str) -> str | None:
    found = re.search(r"\b\d{6}\b", text)
    return found[0] if found else None


def test_the_same_command_goes_on_where_it_stopped_and_starts_again_when_that_is_confirmed(
    browser: Browser, place: Path
) -> None:
    """After the walk above: Robin is still there."""
    kept = json.loads((place / "out-step" / "people.json").read_text())["people"]
    with stepping(cwd=place) as told:
        assert f"{len(kept)} on the list of people" in (place / "out").read_text()
        context = browser.new_context()
        page = context.new_page()
        page.goto(told.door)
        assert "Robin" in page.inner_text(".rows")
        arms = arms_of(page)
        page.get_by_role("link", name="Start again").click()
        assert "Going back by a day or an answer is not possible" in looked_at(page).inner_text("main")
        press(page, "Delete all of it and start again")
        wait_for(lambda: _is_new(told, context.cookies()), process=told.process)
        page.goto(told.machine)
        assert "Monday 05 January 2026, 08:00 UTC" in page.inner_text("main")
        assert page.locator(".rows").count() == 0
        # the same seed: whoever comes first, second, … comes into the same arm
        press(page, "Make me a person in “Finger tapping”")
        assert arms_of(page)[0] == arms[0]
        context.close()


def arms_of(page: Page) -> list[str]:
    return page.locator(".rows td[data-label='Arm']").all_inner_texts()


def _is_new(told: Told, cookies: object) -> bool | None:
    held = {one["name"]: one["value"] for one in cookies}  # type: ignore[attr-defined]
    try:
        text = httpx.get(told.machine, cookies=held, timeout=5).text
    except httpx.TransportError:
        return None
    return True if "Nobody is here yet" in text else None


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    done = equipoise("rehearse", PROTOCOL, "--step", "--out", "mine", cwd=tmp_path)
    assert done.code != 0 and "Name another folder with --out" in done.err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "mine"
    nothing = equipoise("rehearse", "--step", "--out", "none", cwd=tmp_path)
    assert nothing.code != 0 and "no protocol is named" in nothing.err and not (tmp_path / "none").exists()


def test_a_rehearsal_in_steps_is_no_home_to_serve_and_no_folder_to_rehearse_over(place: Path) -> None:
    served = equipoise("serve", "--home", "out-step", cwd=place)
    assert served.code != 0 and "equipoise rehearse --step --out out-step" in served.err
    over = equipoise("rehearse", PROTOCOL, "--participants", "5", "--out", "out-step", cwd=place)
    assert over.code != 0 and (place / "out-step" / "people.json").is_file()
    other = equipoise("rehearse", "larger-trial", "--step", "--out", "out-step", cwd=place)
    assert other.code != 0 and "another protocol or version (soothing-touch)" in other.err
