"""An answer written in the local mailbox: what it looks like, what it refuses, and that no mail ever covers another."""

from __future__ import annotations

import email
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path
from threading import Barrier

import pytest

from tests.mail.letters import written
from trial.core.errors import Refused
from trial.mail.answering import answer_to
from trial.mail.compose import compose
from trial.mail.inbound import read
from trial.mail.mailbox_files import keep_mail, mail_path, numbers, read_mail

NOW = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


def kept(place: Path, raw: bytes) -> int:
    return keep_mail(place, "study@trial.example", ["robin@mailbox.example"], raw)


def test_an_answer_is_read_as_what_the_person_wrote_and_known_by_the_mail_that_it_answers(tmp_path: Path) -> None:
    asked = read_mail(tmp_path, kept(tmp_path, compose(written(recipient="robin@mailbox.example"))))
    sender, to, raw = answer_to(asked, "Grüße.\nWhen is it?", NOW)
    found = read(raw)
    assert (sender, found.sender, to) == ("robin@mailbox.example", "robin@mailbox.example", asked.headers["reply-to"])
    assert asked.headers["message-id"] in found.answers
    assert found.text.startswith("Grüße.\nWhen is it?") and not found.automatic
    whole = email.message_from_bytes(raw, policy=default)
    assert whole["subject"] == f"Re: {asked.subject}" and whole["date"].datetime == NOW
    assert all(f"> {line}" in whole.get_content() for line in asked.text.splitlines() if line)


@pytest.mark.parametrize("words", ["", "  \n "])
def test_an_answer_without_words_is_refused(tmp_path: Path, words: str) -> None:
    asked = read_mail(tmp_path, kept(tmp_path, compose(written())))
    with pytest.raises(Refused, match="Write something"):
        answer_to(asked, words, NOW)


@pytest.mark.parametrize(
    "head",
    [
        b"From: a@b.example\r\nMessage-ID: <x@y> <z@y>\r\n",
        b"From: nobody at all\r\n",
        b"From: a@b.example\r\nReply-To: =?utf-8?q?a=0aBcc:c?= <a@b>\r\n",
    ],
)
def test_a_foreign_mail_that_could_break_a_header_is_not_answered(tmp_path: Path, head: bytes) -> None:
    asked = read_mail(tmp_path, kept(tmp_path, head + b"Subject: hello\r\n\r\nhello\r\n"))
    with pytest.raises(Refused, match="cannot be answered"):
        answer_to(asked, "Yes.", NOW)


def at_once(place: Path, keep: object, times: int = 8) -> int:
    """How many mails lie there after so many were kept at the same moment."""
    barrier = Barrier(times)

    def one(number: int) -> None:
        barrier.wait()
        for round_ in range(20):
            keep(place, f"Subject: {number} {round_}\r\n\r\nx\r\n".encode())  # type: ignore[operator]

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(one, range(times)))
    return len({mail_path(place, number).read_bytes() for number in numbers(place)})


def naive(place: Path, raw: bytes) -> None:
    """Look for a free number, then write; another one comes in between, as it may."""
    number = max(numbers(place), default=0) + 1
    time.sleep(0.001)
    mail_path(place, number).write_bytes(raw)


def test_mails_kept_at_the_same_moment_by_many_never_cover_each_other(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    assert at_once(tmp_path / "kept", kept) == 160
    assert all(path.suffix == ".eml" for path in (tmp_path / "kept").iterdir()), "nothing unfinished is left"


def test_looking_for_a_free_number_and_then_writing_loses_mails(tmp_path: Path) -> None:
    (tmp_path / "naive").mkdir()
    assert at_once(tmp_path / "naive", naive) < 160
