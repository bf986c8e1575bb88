"""The local mailbox beside the desk: open on this machine alone, and a mail in it can be answered there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.mail.letters import written
from tests.web.desk_place import Team, send
from tests.web.place import Place, Reply, Visitor
from trial.mail.compose import compose
from trial.mail.mailbox_files import keep_mail, numbers, read_mail

ANSWER = "/mailbox/1/answer"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A mailbox with one mail of the trial."""
    (tmp_path / "mailbox").mkdir()
    raw = compose(written(recipient="robin@mailbox.example"))
    keep_mail(tmp_path / "mailbox", "study@trial.example", ["robin@mailbox.example"], raw)
    return tmp_path / "mailbox"


@pytest.fixture
def team(tmp_path: Path, box: Path) -> Team:
    return Team(Place(tmp_path / "home"), mailbox=box)


def answered(browser: Visitor) -> Reply:
    browser.get("/mailbox/1")
    assert ANSWER in browser.page.links
    browser.get(ANSWER)
    return send(browser, fields={"words": "When is it?"})


def test_a_mail_is_answered_as_the_person_who_got_it(team: Team, box: Path) -> None:
    page = answered(team.stranger())
    assert "/mailbox/1?" in page.path and "on its way" in page.text
    answer = read_mail(box, 2)
    asked = read_mail(box, 1)
    assert answer.envelope_to == asked.headers["reply-to"] and answer.headers["from"] == "robin@mailbox.example"
    assert answer.headers["in-reply-to"] == asked.headers["message-id"]


def test_an_answer_without_words_or_without_our_form_sends_nothing(team: Team, box: Path) -> None:
    browser = team.stranger()
    browser.get(ANSWER)
    assert "Write something to send." in send(browser, fields={"words": " "}).text
    assert browser.post(ANSWER, {"words": "Yes.", "csrf": "x"}).status == 403
    assert team.stranger().post(ANSWER, {"words": "Yes."}).status == 403
    assert numbers(box) == [1]


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via"])
def test_nobody_answers_from_elsewhere(team: Team, box: Path, header: str) -> None:
    browser = team.stranger()
    browser.get(ANSWER)
    body = urlencode(browser.page.forms[0].filled() | {"words": "Yes."}).encode()
    passed = {header: "198.51.100.7", "content-type": "application/x-www-form-urlencoded"}
    assert browser.send("GET", ANSWER, headers=passed).status == 404
    assert browser.send("POST", ANSWER, body, headers=passed).status == 404
    assert numbers(box) == [1]


def test_where_mail_goes_to_a_real_server_there_is_no_such_page(tmp_path: Path, box: Path) -> None:
    assert Team(Place(tmp_path / "home")).stranger().get(ANSWER).status == 404
