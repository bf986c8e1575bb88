"""A person's whole way through two shipped trials in a real browser, from the public page to the debrief.

At phone width, from mail to mail, once by finger in German and once by keyboard alone in English; every page on the way
is looked at with axe, and for what it loads from elsewhere.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.system.hands import Finger, Keyboard
from tests.system.living import OPERATOR, Living, living
from tests.system.walker import Walker
from trial.core.participant import Occasion, Participant, ParticipantState, StopLevel
from trial.storage import answer_sheets, occasions, participants
from trial.storage.engine import sqlite_url

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def touch(tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path, sqlite_url(tmp_path / "trial.sqlite"), "soothing-touch") as found:
        yield found


@pytest.fixture
def larger(tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path, sqlite_url(tmp_path / "trial.sqlite"), "larger-trial") as found:
        yield found


def on_a_phone(browser: Browser, locale: str) -> BrowserContext:
    return browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, locale=locale)  # type: ignore[arg-type]


def test_from_the_first_click_to_the_debrief_in_german_by_finger(
    browser: Browser, touch: Living, tmp_path: Path
) -> None:
    context = on_a_phone(browser, "de-DE")
    robin = Walker(Finger(context.new_page()), touch, "de")
    robin.to_consent()
    robin.submit(robin.answers_at_consent())
    assert robin.do_all() >= 3  # the questions at the start, the first practice, what they think of it
    assert robin.new_mails() == []

    # the next day: a practice; the day after: not today; then: this upset me
    touch.later(days=1, hours=12)
    (invitation,) = robin.new_mails()
    robin.open(invitation)
    assert robin.do_all() == 1
    touch.later(days=1)
    robin.open(robin.new_mails()[-1])
    robin.press("a[href='/not-today']")
    robin.choose("when", "not_today")
    touch.later(days=1)
    robin.open(robin.new_mails()[-1])
    robin.press("a[href='/upset']")
    robin.choose("wish", "skip")
    robin.press("a[href='/help']")
    assert person(touch).stopped is None

    # a pause of a week: nothing comes; then it goes on
    robin.goto("/me")
    robin.press("a[href='/me/pause']")
    robin.choose("long", "7")
    touch.later(days=5, hours=20)
    assert robin.new_mails() == []
    touch.later(days=1)
    assert robin.new_mails()

    # the questions at the end, and the debrief
    touch.later(days=22)
    measures = [one for one in robin.new_mails() if "Fragen" in one.subject]
    robin.open(measures[0])
    assert robin.do_all() >= 1
    touch.later(days=60)
    last = robin.new_mails()[-1]
    robin.open(last)
    assert robin.seen[-1][0] == "/end"

    # everything that the trial holds about the person, on their own device
    robin.goto("/me/data")
    robin.prove()
    robin.hands.tick(robin.page.locator("[name='download']"))
    with robin.page.expect_download() as saved:
        robin.hands.press(robin.page.locator("form[action='/me/data/download'] button"))
    saved.value.save_as(tmp_path / "mine.zip")
    assert {name.rpartition(".")[2] for name in zipfile.ZipFile(tmp_path / "mine.zip").namelist()} >= {"json", "csv"}
    assert robin.elsewhere == []
    context.close()


def test_from_the_first_click_to_the_primary_outcome_by_keyboard_alone(browser: Browser, larger: Living) -> None:
    context = on_a_phone(browser, "en-GB")
    robin = Walker(Keyboard(context.new_page()), larger, "en")
    robin.to_consent()
    known = robin.answers_at_consent()
    question = larger.folder.protocol.consent.comprehension[0]
    wrong = next(str(one.value) for one in question.choices if one.value != question.correct)
    robin.submit(known | {f"question_{question.id}": wrong})
    assert robin.seen[-1][0].endswith("/consent")  # explained, and asked again
    robin.submit(known)
    assert robin.do_all() >= 1
    assert person(larger).state is ParticipantState.RANDOMIZED

    done = 0
    for _ in range(6):
        larger.later(days=1)
        for mail in robin.new_mails()[-1:]:
            robin.open(mail)
            done += robin.do_all()
    assert done >= 3

    # only the questionnaires from here on: one step, and nothing else is asked
    robin.goto("/stop")
    robin.choose("level", "exercises")
    assert person(larger).stopped is StopLevel.EXERCISES
    primary = larger.folder.protocol.analysis.primary.timepoint
    while not any(one.timepoint == primary and one.opens_at <= larger.now for one in windows(larger)):
        larger.later(days=1)
    mail = robin.new_mails()[-1]
    robin.open(mail)
    assert robin.do_all() >= 1
    with larger.store.open_work(OPERATOR, write=False) as work:
        answered = {one.occasion_id for one in answer_sheets.of_participant(work, person(larger).id)}
    assert {one.id for one in windows(larger) if one.timepoint == primary and one.done_at} <= answered
    assert any(one.timepoint == primary and one.done_at for one in windows(larger))
    assert robin.elsewhere == []
    context.close()


def person(trial: Living) -> Participant:
    with trial.store.open_work(OPERATOR, write=False) as work:
        return participants.by_id(work, 1)


def windows(trial: Living) -> list[Occasion]:
    with trial.store.open_work(OPERATOR, write=False) as work:
        return occasions.of_participant(work, 1)
