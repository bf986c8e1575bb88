"""What a mail server may do to us, and what the ledger is told about it."""

from __future__ import annotations

import smtplib

import pytest

from tests.mail.hostile import HANG_UP, SILENCE, hostile_server
from trial.core.errors import Unavailable
from trial.mail import smtp
from trial.mail.bounces import classify
from trial.mail.mailbox import MailboxServer, read_mailbox, refuse, started_mailbox
from trial.mail.mailer import Envelope, Mailer, Reply
from trial.mail.smtp import SmtpMailer, server_of

BODY = b"Subject: hello\r\n\r\nfirst\r\n.a line that starts with a dot\r\n..two\r\n"
TO_HER = Envelope("study@trial.example", "her@mailbox.example")


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory):
    with started_mailbox(tmp_path_factory.mktemp("mailbox")) as server:
        yield server


@pytest.fixture
def mailer(mailbox):
    mailer = SmtpMailer(mailbox.url)
    yield mailer
    mailer.close()


class Content:
    """Composes `body` and counts how often it was asked to: once per mail that reached DATA."""

    def __init__(self, body: bytes | None = BODY) -> None:
        self.body, self.asked = body, 0

    def __call__(self) -> bytes | None:
        self.asked += 1
        return self.body


def kept(mailbox: MailboxServer, after: int) -> list[bytes]:
    return [
        (mailbox.directory / f"{mail.number:06d}.eml").read_bytes() for mail in read_mailbox(mailbox.directory, after)
    ]


def last(mailbox: MailboxServer) -> int:
    return max((mail.number for mail in read_mailbox(mailbox.directory)), default=0)


def sent_to(answers, content=None, *, mailer_timeout: float = 30):
    """The reply, the server and the content of one mail offered to a server that answers so."""
    content = content or Content()
    with hostile_server(answers) as server:
        mailer = SmtpMailer(server.url, timeout=mailer_timeout)
        reply = mailer.send(TO_HER, content)
        mailer.close()
    return reply, server, content


def test_an_accepted_mail_lies_in_the_mailbox_byte_for_byte(mailbox, mailer):
    before = last(mailbox)
    reply = mailer.send(TO_HER, Content())
    assert (reply.kind, reply.code) == ("accepted", 250)
    head = b"X-Envelope-From: study@trial.example\r\nX-Envelope-To: her@mailbox.example\r\n"
    assert kept(mailbox, before) == [head + BODY]


def test_a_refused_recipient_is_known_before_anything_is_composed(mailbox, mailer):
    refuse(mailbox.directory, "gone@mailbox.example", "full@mailbox.example 452 4.2.2 over quota")
    before, content = last(mailbox), Content()
    gone = mailer.send(Envelope("study@trial.example", "Gone@mailbox.example"), content)
    full = mailer.send(Envelope("study@trial.example", "full@mailbox.example"), content)
    (mailbox.directory / "refused.txt").unlink()
    assert (gone.kind, gone.code, gone.stage, classify(gone)) == ("refused", 550, "rcpt", "bounced")
    assert (full.kind, full.code, full.text, classify(full)) == ("deferred", 452, "4.2.2 over quota", "retry")
    assert content.asked == 0
    assert mailer.send(Envelope("study@trial.example", "gone@mailbox.example"), content).kind == "accepted"
    assert len(kept(mailbox, before)) == 1


def test_a_mail_withdrawn_just_before_data_leaves_no_trace_and_the_next_one_is_sent(mailbox, mailer):
    before = last(mailbox)
    assert mailer.send(TO_HER, Content(None)).kind == "withdrawn"
    assert kept(mailbox, before) == []
    assert mailer.send(TO_HER, Content()).kind == "accepted"
    assert len(kept(mailbox, before)) == 1


def test_an_error_while_composing_reaches_the_caller_and_nothing_is_sent(mailbox, mailer):
    def broken() -> bytes:
        raise LookupError("no such template")

    before = last(mailbox)
    with pytest.raises(LookupError, match="no such template"):
        mailer.send(TO_HER, broken)
    assert mailer.send(TO_HER, Content()).kind == "accepted"
    assert len(kept(mailbox, before)) == 1


@pytest.mark.parametrize(
    "end",
    [HANG_UP, "250-half an answer, whose second line never comes", "what is this"],
    ids=["hung up", "half an answer", "nonsense"],
)
def test_a_connection_lost_after_the_content_leaves_the_mail_unknown(end):
    reply, server, content = sent_to({"content": end}, mailer_timeout=0.3)
    assert reply.kind == "unknown"
    assert len(server.mails) == 1
    assert content.asked == 1


def test_silence_after_the_content_leaves_the_mail_unknown():
    reply, server, _ = sent_to({"content": SILENCE}, mailer_timeout=0.3)
    assert reply.kind == "unknown"
    assert "timed out" in reply.text
    assert len(server.mails) == 1


def test_a_connection_lost_before_the_first_byte_of_content_is_no_unknown_mail():
    reply, server, content = sent_to({"DATA": HANG_UP})
    assert (reply.kind, reply.stage, server.mails, content.asked) == ("deferred", "data", [], 1)


@pytest.mark.parametrize(
    ("step", "answer", "kind", "verdict"),
    [
        ("MAIL", "451 4.3.0 later", "deferred", "retry"),
        ("MAIL", "550 5.7.1 not you", "refused", "policy"),
        ("MAIL", "550 no", "refused", "policy"),
        ("RCPT", "450 4.2.1 greylisted", "deferred", "retry"),
        ("RCPT", "550 no such person", "refused", "bounced"),
        ("RCPT", "554 5.7.1 policy", "refused", "policy"),
        ("DATA", "451 4.3.0 later", "deferred", "retry"),
        ("DATA", "554 5.5.1 no", "refused", "failed"),
        ("content", "451 4.7.1 later", "deferred", "retry"),
        ("content", "550 5.1.1 now we know", "refused", "bounced"),
        ("content", "554 5.6.0 no", "refused", "failed"),
        ("greeting", "554 5.7.1 not from there", "deferred", "account"),
        ("greeting", "421 4.3.2 too busy", "deferred", "retry"),
    ],
)
def test_each_answer_at_each_step_has_one_meaning(step, answer, kind, verdict):
    reply, _, content = sent_to({step: answer})
    assert (reply.kind, reply.code, classify(reply)) == (kind, int(answer[:3]), verdict)
    assert content.asked == (1 if step in ("DATA", "content") else 0)


@pytest.mark.parametrize("given", ["nothing", "an error"])
def test_a_mail_taken_back_frees_the_server_at_once(given):
    with hostile_server() as server:
        mailer = SmtpMailer(server.url)
        if given == "nothing":
            mailer.send(TO_HER, Content(None))
        else:
            with pytest.raises(ZeroDivisionError):
                mailer.send(TO_HER, lambda: bytes(1 // 0))
        assert server.seen == ["EHLO", "MAIL", "RCPT", "RSET"]
        mailer.send(TO_HER, Content())
        mailer.close()
    assert server.seen[4:] == ["MAIL", "RCPT", "DATA", "content", "QUIT"]


def test_after_a_refusal_the_next_mail_starts_from_a_clean_transaction():
    with hostile_server({"RCPT": ["550 5.1.1 gone", "250 OK"]}) as server:
        mailer = SmtpMailer(server.url)
        kinds = [mailer.send(TO_HER, Content()).kind for _ in range(2)]
        mailer.close()
    assert kinds == ["refused", "accepted"]
    assert server.seen == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", "content", "QUIT"]
    assert server.connections == 1


READS_AHEAD = {"EHLO": "250-hostile.example\r\n250 PIPELINING"}


def test_a_server_that_reads_ahead_is_told_from_whom_and_to_whom_at_once(monkeypatch):
    lines: list[str] = []
    send = smtplib.SMTP.send

    def sent(self, text):
        lines.append(text if isinstance(text, str) else text.decode())
        send(self, text)

    monkeypatch.setattr(smtplib.SMTP, "send", sent)
    for answers, expected in ((READS_AHEAD, 1), ({}, 2)):
        lines.clear()
        reply, server, _ = sent_to(answers)
        assert reply.kind == "accepted"
        assert server.seen == ["EHLO", "MAIL", "RCPT", "DATA", "content", "QUIT"]
        assert len([one for one in lines if one.startswith(("MAIL", "RCPT"))]) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"MAIL": "550 5.7.1 not from you", "RCPT": "503 no sender"}, ("refused", 550, "mail")),
        ({"MAIL": "451 later", "RCPT": "250 OK"}, ("deferred", 451, "mail")),
        ({"RCPT": "550 5.1.1 nobody"}, ("refused", 550, "rcpt")),
        ({"RCPT": "452 4.2.2 full"}, ("deferred", 452, "rcpt")),
        ({"MAIL": "421 go away"}, ("deferred", 421, "mail")),
        ({"RCPT": "421 go away"}, ("deferred", 421, "rcpt")),
        ({"MAIL": HANG_UP}, ("deferred", None, "mail")),
    ],
)
def test_of_two_answers_that_come_at_once_each_counts(answers, expected):
    """And the next mail goes its way: no answer is taken for another one's."""
    usual = dict.fromkeys(("MAIL", "RCPT"), "250 OK")
    with hostile_server(READS_AHEAD | {step: [told, usual[step]] for step, told in answers.items()}) as server:
        mailer = SmtpMailer(server.url, timeout=5)
        content = Content()
        reply = mailer.send(TO_HER, content)
        assert (reply.kind, reply.code, reply.stage) == expected
        assert content.asked == 0
        assert mailer.send(TO_HER, content).kind == "accepted"
        mailer.close()
    assert len(server.mails) == 1


def test_a_421_in_the_middle_ends_the_connection_and_the_mail_goes_over_a_new_one():
    with hostile_server({"MAIL": ["250 OK", "421 4.3.2 closing", "250 OK"]}) as server:
        mailer, content = SmtpMailer(server.url), Content()
        kinds = [mailer.send(TO_HER, content).kind for _ in range(3)]
        mailer.close()
    assert kinds == ["accepted"] * 3
    assert (server.connections, content.asked, len(server.mails)) == (2, 3, 3)


def test_a_421_on_a_fresh_connection_defers_the_mail_instead_of_trying_for_ever():
    reply, server, _ = sent_to({"RCPT": "421 4.7.0 slow down"})
    assert (reply.kind, reply.code, server.connections) == ("deferred", 421, 1)


def test_a_kept_connection_that_died_in_the_night_is_replaced_unnoticed():
    with hostile_server({"MAIL": ["250 OK", HANG_UP, "250 OK"]}) as server:
        mailer = SmtpMailer(server.url)
        kinds = [mailer.send(TO_HER, Content()).kind for _ in range(2)]
        mailer.close()
    assert kinds == ["accepted", "accepted"]
    assert server.connections == 2


def test_a_connection_carries_a_hundred_mails_and_no_more():
    with hostile_server() as server:
        mailer = SmtpMailer(server.url)
        for _ in range(smtp.MAILS_PER_CONNECTION + 1):
            assert mailer.send(TO_HER, Content(b"x\r\n")).kind == "accepted"
        mailer.close()
    assert server.connections == 2


def test_a_server_that_is_away_defers_the_mail_and_the_check_names_the_setting():
    with hostile_server() as server:
        pass
    mailer = SmtpMailer(server.url.replace("smtp://", "smtp://account:hidden@"), timeout=1)
    assert mailer.send(TO_HER, Content()).kind == "deferred"
    with pytest.raises(Unavailable, match="EQUIPOISE_SMTP_URL") as found:
        mailer.check()
    assert "hidden" not in str(found.value)


def test_the_check_passes_on_a_server_that_answers(mailbox):
    mailer: Mailer = SmtpMailer(mailbox.url)
    mailer.check()
    mailer.close()


def test_nothing_is_sent_in_the_clear_where_starttls_was_asked_for():
    with hostile_server() as server:
        mailer = SmtpMailer(server.url.replace("smtp://", "smtp+starttls://"))
        reply = mailer.send(TO_HER, Content())
    assert reply.kind == "deferred"
    assert server.mails == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:2525", ("smtp", "127.0.0.1", 2525, None, None)),
        (
            "smtp+starttls://study%40x.example:p%3Ass@relay.example",
            ("smtp+starttls", "relay.example", 587, "study@x.example", "p:ss"),
        ),
        ("smtps://relay.example", ("smtps", "relay.example", 465, None, None)),
        ("smtp://[::1]:25", ("smtp", "::1", 25, None, None)),
    ],
)
def test_the_setting_names_a_server(url, expected):
    server = server_of(url)
    assert (server.scheme, server.host, server.port, server.account, server.password) == expected
    assert "p:ss" not in repr(server)


@pytest.mark.parametrize(
    "url", ["", "relay.example:25", "http://relay.example", "smtp://", "smtp://h:port", "smtp://h/x"]
)
def test_a_setting_that_names_no_server_is_named_itself(url):
    with pytest.raises(ValueError, match="EQUIPOISE_SMTP_URL"):
        server_of(url)


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nRCPT TO:<c@d.example>", "a b@c.example", "<a@b.example>", "", "ä@b.example", "a@b.example\0"],
)
def test_an_address_cannot_end_its_smtp_command(address):
    with pytest.raises(ValueError, match="recipient"):
        Envelope("study@trial.example", address)


def test_a_reply_keeps_500_printable_characters():
    reply = Reply("refused", 550, "one\r\ntwo \x1b[31m" + "x" * 900)
    assert reply.text.startswith("one two [31mxxx")
    assert len(reply.text) == 500
