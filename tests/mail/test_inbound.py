"""Mail that comes in is foreign matter: whatever it is, it becomes a few plain words, or none."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from trial.mail import inbound, quotes
from trial.mail.inbound import read

OURS = "<0123456789abcdef0123456789abcdef@study.example>"


def mail(text: str = "Hello.", *, html: str | None = None, **headers: str) -> bytes:
    message = EmailMessage()
    given = {"From": "Her <her@mailbox.example>", "To": "team@study.example", "Message-ID": "<a@mailbox.example>"}
    for name, value in (given | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def test_a_plain_answer_is_read_with_what_it_answers_and_from_whom() -> None:
    found = read(mail("I liked it.", In_Reply_To=OURS, References=f"<first@x.example> {OURS}"))
    assert (found.text, found.sender, found.message_id) == ("I liked it.", "her@mailbox.example", "<a@mailbox.example>")
    assert found.answers == (OURS, "<first@x.example>")
    assert "team@study.example" in found.recipients
    assert (found.automatic, found.bounce, found.attachments) == (False, None, 0)


QUOTES = [
    "Mine.\n\nOn Mon, 4 Mar 2041 at 09:00, Study <s@study.example> wrote:\n\n> Our words to you.\n> More of ours.",
    "Mine.\n\nOn Mon, 4 Mar 2041 at 09:00, Study <s@study.example>\nwrote:\n\nOur words to you.",
    "Mine.\n\nAm Mo., 4. März 2041 um 09:00 Uhr schrieb Studie <s@study.example>:\n\nOur words to you.",
    "Mine.\n\n________________________________\nFrom: Study\nSent: Monday\nTo: her\nSubject: X\n\nOur words to you.",
    "Mine.\n\n-----Ursprüngliche Nachricht-----\nVon: Studie\nGesendet: Montag\nBetreff: X\n\nOur words to you.",
    "Mine.\n\nFrom: Study\nSent: Monday\nTo: her\n\nOur words to you.",
    "> Our words to you.\n\nMine.",
    "Mine.\n-- \nR. Example\n0123",
]


@pytest.mark.parametrize("text", QUOTES)
def test_what_is_quoted_is_cut_whatever_program_wrote_it(text: str) -> None:
    assert quotes.own_words(text) == "Mine."


def test_words_between_quoted_lines_are_kept() -> None:
    text = "On 4 March 2041 we wrote:\n> How was it?\nGood.\n> And the second?\nLess so."
    assert quotes.own_words(text) == "Good.\nLess so."


@pytest.mark.parametrize(
    "text",
    ["We met on 4 May.\nIt was good:\nyes.", "From: now on I will do it.\nPromise.", "To: be honest\nI am tired"],
)
def test_what_only_looks_like_a_quote_is_kept(text: str) -> None:
    assert quotes.own_words(text) == text


def test_a_line_of_ours_is_taken_out_however_it_was_quoted() -> None:
    ours = ["Subject: x\n\nPlease **write** about a hard day,\nand be kind to yourself. [Begin]({{ link }})"]
    text = "Fine.\n| x\nplease write about a hard\nday, and be kind to yourself.\nToday I was kind to myself."
    assert quotes.without_ours(text, ours) == "Fine.\n| x\nToday I was kind to myself."


def test_of_html_only_what_a_reader_sees_and_wrote_is_left() -> None:
    html = (
        "<html><head><title>No</title><style>p{}</style></head><body><p>Hi &amp; bye<br>two</p><script>no()</script>"
        "<div class='gmail_quote'>On 4 we wrote:<blockquote>Ours</blockquote></div><img src=x onerror=no()><p>end"
    )
    assert read(mail("", html=html)).text == "Hi & bye\ntwo\n\nend"


def test_attachments_are_counted_and_dropped() -> None:
    message = EmailMessage()
    message["From"] = "her@mailbox.example"
    message.set_content("See the picture.")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="me.png")
    message.add_attachment("a note", filename="note.txt")
    found = read(message.as_bytes())
    assert (found.text, found.attachments) == ("See the picture.", 2)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; x=y"}, {"Precedence": "bulk"},
        {"X_Autoreply": "yes"}, {"Return_Path": "<>"}, {"Subject": "Out of office: back on Monday"},
        {"Subject": "Abwesenheitsnotiz"}, {"Subject": "Automatic reply: your mail"},
    ],
)  # fmt: skip
def test_a_machines_answer_is_known_as_one(headers: dict[str, str]) -> None:
    assert read(mail("I am away.", **headers)).automatic


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "no"}, {"Subject": "Re: office"}, {}])
def test_a_persons_answer_is_not(headers: dict[str, str]) -> None:
    assert not read(mail(**headers)).automatic


def report(status: str, action: str = "failed", said: str = "smtp; 550 5.1.1 no such mailbox") -> bytes:
    return (
        "From: MAILER-DAEMON@mail.example\nTo: study@study.example\nMessage-ID: <b@mail.example>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n"
        f"Final-Recipient: rfc822; her@mailbox.example\nAction: {action}\nStatus: {status}\nDiagnostic-Code: {said}\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {OURS}\nSubject: Your evening\n\n--b--\n"
    ).encode()


@pytest.mark.parametrize(
    ("status", "verdict"), [("5.1.1", "bounced"), ("5.7.1", "policy"), ("4.4.7", "failed"), ("5.1.8", "policy")]
)
def test_a_mail_that_came_back_says_which_it_was_and_whether_the_address_is_dead(status: str, verdict: str) -> None:
    found = read(report(status, said=f"smtp; 550 {status} no"))
    assert found.bounce is not None
    assert (found.bounce.verdict, found.answers, found.text) == (verdict, (OURS,), "")


def test_a_mail_that_is_only_late_did_not_come_back() -> None:
    found = read(report("4.4.1", action="delayed"))
    assert (found.bounce, found.automatic) == (None, True)


HOSTILE = [
    b"",
    b"\x00\xff\xfe" * 1000,
    b"Subject: " + b"x" * 100_000,
    b"From: <>\nMessage-ID: nothing\n\nHi",
    b"From: a@b.example\nContent-Type: text/plain; charset=no-such-charset\n\nHi",
    b"From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n!!!!",
    b"From: =?utf-8?q?a=0d=0aBcc:_x@y.example?= <a@b.example>\n\nHi",
    b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n' * 50,
    b"From: a@b.example\nContent-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nhi",
    b"Content-Type: multipart/report; report-type=delivery-status\n\nnothing",
    b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div>" * 5_000 + b"Hi" + b"</p>" * 5_000,
    b"References: " + b"<a@b.example> " * 10_000 + b"\n\nHi",
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_a_broken_or_hostile_mail_is_read_without_harm(raw: bytes) -> None:
    found = read(raw)
    assert len(found.text) <= inbound.LONGEST_TEXT
    assert len(found.message_id) <= inbound.LONGEST_ID
    assert len(found.answers) <= inbound.MOST_IDS


def test_marks_that_hide_or_turn_text_are_taken_out_and_the_text_is_bounded() -> None:
    found = read(mail("a\u202eb\x00c\x1b[2Jd " + "x" * 100_000))
    assert found.text.startswith("abc[2Jd x")
    assert len(found.text) == inbound.LONGEST_TEXT


def test_a_mail_without_an_id_is_the_same_one_each_time() -> None:
    raw = b"From: a@b.example\n\nHi"
    assert read(raw).message_id == read(raw).message_id != read(raw + b"!").message_id


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (one, one) for one in range(3000))


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 50_000 + b"\nTo: " + b"<" * 5_000 + b"\n\nHello",
        b"To: " + b'"' * 5_000 + b"(\\" * 1_000 + b"\n\nHello",
        b"MIME-Version: 1.0\n" + NESTED + b"\nHello",
        b"MIME-Version: 1.0\n" + b"Content-Type: message/rfc822\n\n" * 3_000 + b"Hello",
        b"Content-Type: text/plain; charset*0*=\xff; charset*1=%ZZ\n\nHello",
        b"Content-Type: text/plain; charset*=utf-8''%00\nContent-Transfer-Encoding: base64\n\n====",
        b"Message-ID: <" + b"<" * 10_000 + b"\n\nHello",
    ],
    ids=range(7),
)
def test_a_mail_that_was_made_to_break_the_parser_is_a_mail_and_holds_up_no_other(raw: bytes) -> None:
    found = read(raw)
    assert found.message_id and found == read(raw)
    assert found.bounce is None
