"""The mailbox that ships: what it keeps, what it refuses, and that it never outlives the one who started it."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time

from trial.mail.mailbox import MailboxServer, count, read_mailbox, refuse, started_mailbox
from trial.mail.mailbox_server import Mischief
from trial.mail.mailer import Envelope
from trial.mail.smtp import SmtpMailer


def letter(number: int, text: str = "hello") -> bytes:
    return f"Subject: mail {number}\r\nDate: Wed, 01 May 2030 19:00:00 +0200\r\n\r\n{text}\r\n".encode()


def post(mailbox: MailboxServer, *mails: bytes, to: str = "her@mailbox.example") -> list[str]:
    mailer = SmtpMailer(mailbox.url)
    kinds = [mailer.send(Envelope("study@trial.example", to), lambda mail=mail: mail).kind for mail in mails]
    mailer.close()
    return kinds


def answers(url: str) -> bool:
    try:
        SmtpMailer(url, timeout=1).check()
    except Exception:
        return False
    return True


def test_mails_are_numbered_in_the_order_they_came_across_restarts(tmp_path):
    with started_mailbox(tmp_path) as mailbox:
        assert post(mailbox, letter(1), letter(2)) == ["accepted", "accepted"]
    with started_mailbox(tmp_path) as mailbox:
        post(mailbox, letter(3))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000001.eml", "000002.eml", "000003.eml"]
    assert [(mail.number, mail.subject) for mail in read_mailbox(tmp_path)] == [
        (1, "mail 1"),
        (2, "mail 2"),
        (3, "mail 3"),
    ]
    assert [mail.number for mail in read_mailbox(tmp_path, after=2)] == [3]
    assert count(tmp_path) == 3
    assert not answers(mailbox.url)


def test_a_stored_mail_tells_who_it_was_for_and_when_it_was_written(tmp_path):
    with started_mailbox(tmp_path) as mailbox:
        post(mailbox, letter(1))
    (mail,) = read_mailbox(tmp_path)
    assert (mail.envelope_to, mail.text, mail.html) == ("her@mailbox.example", "hello\n", "")
    assert mail.date.isoformat() == "2030-05-01T19:00:00+02:00"
    assert mail.headers["x-envelope-from"] == "study@trial.example"


def test_lines_of_dots_and_a_large_mail_arrive_as_they_were_sent(tmp_path):
    text = ".\r\n..\r\n. \r\nends with a dot.\r\n" + "a line of words\r\n" * 20_000 + "."
    with started_mailbox(tmp_path) as mailbox:
        assert post(mailbox, letter(1, text), letter(2, ""), b".\r\n", b"") == ["accepted"] * 4
    mails = list(read_mailbox(tmp_path))
    assert mails[0].text == text.replace("\r\n", "\n") + "\n"
    assert (tmp_path / "000003.eml").read_bytes().endswith(b"her@mailbox.example\r\n.\r\n")


def test_the_list_of_refusals_is_read_again_when_it_changes(tmp_path):
    (tmp_path / "refused.txt").write_text("# who left the provider\n\ngone@mailbox.example\n")
    refuse(tmp_path, "slow@mailbox.example 450 4.2.1 later")
    with started_mailbox(tmp_path) as mailbox:
        assert post(mailbox, letter(1), to="GONE@mailbox.example") == ["refused"]
        assert post(mailbox, letter(1), to="slow@mailbox.example") == ["deferred"]
        (tmp_path / "refused.txt").unlink()
        assert post(mailbox, letter(1), to="gone@mailbox.example") == ["accepted"]
        refuse(tmp_path, "gone@mailbox.example")
        assert post(mailbox, letter(1), to="gone@mailbox.example") == ["refused"]
    assert [mail.envelope_to for mail in read_mailbox(tmp_path)] == ["gone@mailbox.example"]


def test_a_disk_that_takes_no_mail_puts_it_off_instead_of_losing_it(tmp_path):
    with started_mailbox(tmp_path / "box") as mailbox:
        post(mailbox, letter(1))
        (tmp_path / "box").rename(tmp_path / "away")
        assert post(mailbox, letter(2)) == ["deferred"]
        (tmp_path / "away").rename(tmp_path / "box")
        assert post(mailbox, letter(2)) == ["accepted"]
    assert [mail.subject for mail in read_mailbox(tmp_path / "box")] == ["mail 1", "mail 2"]


def test_each_mail_that_the_server_hung_up_on_by_plan_is_told_with_its_message_id(tmp_path):
    numbers = range(1, 13)
    with started_mailbox(tmp_path, mischief="1:0:40:40") as mailbox:
        mailer = SmtpMailer(mailbox.url)
        mails = {number: f"Message-ID: <{number}@trial.example>\r\n".encode() + letter(number) for number in numbers}
        for number in numbers:
            mailer.send(Envelope("study@trial.example", "her@mailbox.example"), lambda mail=mails[number]: mail)
        mailer.close()
    server = Mischief.read("1:0:40:40")
    fates = [(server.fate(number), f"<{number}@trial.example>") for number in numbers]
    told = [tuple(line.split()) for line in (tmp_path / "mischief.txt").read_text().splitlines()]
    assert told == [one for one in fates if one[0]]
    assert {fate for fate, _ in told} == {"taken_unsaid", "lost_unsaid"}
    kept = {mail.headers["message-id"] for mail in read_mailbox(tmp_path)}
    assert kept == {which for fate, which in fates if fate != "lost_unsaid"}


def test_a_mail_cut_short_by_the_client_is_not_kept(tmp_path):
    with started_mailbox(tmp_path) as mailbox:
        host, port = mailbox.url.removeprefix("smtp://").split(":")
        client = smtplib.SMTP(host, int(port))
        client.ehlo("test.example")
        client.mail("study@trial.example")
        client.rcpt("her@mailbox.example")
        client.docmd("DATA")
        client.send(b"Subject: half a mai")
        client.close()
        assert post(mailbox, letter(1)) == ["accepted"]
    assert [mail.subject for mail in read_mailbox(tmp_path)] == ["mail 1"]


def test_the_mailbox_ends_when_its_starter_is_killed(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from trial.mail.mailbox import started_mailbox\n"
        "with started_mailbox(Path(sys.argv[1])) as box: print(box.url, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    url = starter.stdout.readline().strip()
    assert answers(url)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 10
    while answers(url) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not answers(url)


def test_starting_the_mailbox_loads_no_framework():
    program = (
        "import sys, trial.mail.mailbox_server\n"
        "print([name for name in ('pydantic', 'fastapi', 'sqlalchemy', 'jinja2', 'numpy') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.strip() == "[]"
