"""The mail as Python's own e-mail package, and so a mail program, reads it."""

from __future__ import annotations

import email
import email.policy
import html.parser
import re
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote

import pytest

from tests.mail.letters import LINK, STOP, TEMPLATE, written
from trial.mail.compose import LARGEST_HTML, Mail, compose
from trial.mail.headers import UnsafeHeader

EXPECTED_HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id", "Content-Language", "Auto-Submitted",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
]  # fmt: skip


class Page(html.parser.HTMLParser):
    """Words, addresses and elements of an HTML part, without its head."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words, self.elements, self.links, self._skip = [], [], [], False
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._skip = self._skip or tag in ("head", "h1")
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        self._skip = self._skip and tag not in ("head", "h1")

    def handle_data(self, data):
        self.words += [] if self._skip else data.split()


def parsed(mail: Mail) -> EmailMessage:
    return email.message_from_bytes(compose(mail), policy=email.policy.default)


def parts(mail: Mail) -> tuple[str, str]:
    message = parsed(mail)
    text, html_part = message.iter_parts()
    assert (text.get_content_type(), html_part.get_content_type()) == ("text/plain", "text/html")
    return text.get_content().replace("\r\n", "\n"), html_part.get_content().replace("\r\n", "\n")


def test_the_headers_are_these_and_no_others():
    message = parsed(written())
    assert message.keys() == EXPECTED_HEADERS
    assert message.defects == []
    assert message["From"].addresses[0].display_name == "Letters to myself"
    assert (message["To"], message["Reply-To"]) == ("her@mailbox.example", "team@trial.example")
    assert message["Subject"] == "Your exercise for today"
    assert message["Date"].datetime.isoformat() == "2030-05-01T19:00:00+02:00"
    assert message["Message-ID"] == "<17.0a1b2c3d@trial.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"


@pytest.mark.parametrize("stream", ["exercises", "questionnaires", "service"])
def test_each_stream_has_its_own_neutral_list_id(stream):
    assert parsed(written(stream=stream))["List-Id"] == f"<{stream}.trial.example>"


def test_a_stream_can_be_left_by_the_button_of_a_mail_program_and_in_the_clear_by_its_page():
    sure = parsed(written(leave_link="https://trial.example/go/abc?to=stop"))
    assert sure["List-Unsubscribe"] == "<https://trial.example/go/abc?to=stop>"
    assert sure["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = parsed(written(leave_link="http://127.0.0.1:8765/go/abc?to=stop"))
    assert (plain["List-Unsubscribe"], plain["List-Unsubscribe-Post"]) == (
        "<http://127.0.0.1:8765/go/abc?to=stop>", None,
    )  # fmt: skip
    with pytest.raises(ValueError):
        compose(written(leave_link="https://trial.example/go/a>\r\nBcc: all@elsewhere.example"))


def test_both_parts_say_the_same():
    text, page = parts(written())
    shown = Page(page)
    addresses = {LINK, STOP, "https://trial.example/about"}
    said = [word for word in re.sub(r"[<>]", " ", text).split() if word not in addresses]
    seen = [word for word in shown.words if word not in addresses]
    assert re.findall(r"[\w@]+", " ".join(said)) == re.findall(r"[\w@]+", " ".join(seen))
    assert len(seen) > 50
    assert all(text.count(address) == 1 for address in addresses)
    assert set(shown.links) == {*addresses, "mailto:first_last@trial.example"}


def test_the_link_is_a_large_target_with_its_address_in_sight():
    text, page = parts(written())
    shown = Page(page)
    (button,) = [attrs for tag, attrs in shown.elements if tag == "a" and attrs.get("class") == "button"]
    padding = int(re.search(r"padding: (\d+)px", button["style"])[1])
    line = int(re.search(r"line-height: (\d+)px", button["style"])[1])
    assert line + 2 * padding >= 44
    assert button["href"] == LINK
    assert shown.words.count(LINK) == 1
    assert f"Open today’s exercise:\n{LINK}\n" in text


def test_the_page_stands_without_pictures_scripts_or_anything_from_elsewhere():
    _, page = parts(
        written(TEMPLATE + "\n![a smiling sun](https://elsewhere.example/sun.png)\n<img src=x> <script>1</script>")
    )
    names = {tag for tag, _ in Page(page).elements}
    assert not names & {"img", "script", "link", "iframe", "object", "form", "video"}
    assert "url(" not in page
    assert "elsewhere.example" not in page
    assert "a smiling sun\n&lt;img src=x&gt;" in page


def test_the_page_is_accessible_by_structure():
    _, page = parts(written(language="de"))
    elements = Page(page).elements
    assert ("html", {"lang": "de", "dir": "ltr"}) in elements
    assert [tag for tag, _ in elements].count("h1") == 1
    assert "<title>Your exercise for today</title>" in page
    assert all(attrs["role"] == "presentation" for tag, attrs in elements if tag == "table")
    assert "prefers-color-scheme: dark" in page
    assert 'dir="rtl"' in parts(written(language="he"))[1]


def test_a_mail_of_a_test_says_so_on_top_of_both_parts():
    text, page = parts(written(marked="Test trial. Nobody reads what you write here."))
    assert text.startswith("Test trial. Nobody reads what you write here.\n")
    assert " ".join(Page(page).words).startswith("Test trial. Nobody reads what you write here.")
    assert "Test trial" not in "".join(parts(written(marked=None)))


def test_it_fits_the_wire_whatever_is_written_in_it():
    long = (
        "Subject: Größe 数 "
        + "sehr " * 60
        + "\n\n"
        + "ein Wort 数字 " * 300
        + "\n\n"
        + "x" * 3000
        + "\n\n.\n\nFrom here\n"
    )
    raw = compose(written(long))
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"].split() == ["Größe", "数", *["sehr"] * 60]
    text, _ = (part.get_content() for part in message.iter_parts())
    assert text.count("ein Wort 数字") == 300
    assert "\n.\n\nFrom here\n" in text.replace("\r\n", "\n")


def test_the_same_mail_is_the_same_bytes():
    assert compose(written()) == compose(written())


def test_the_pages_size_has_a_bound():
    with pytest.raises(ValueError, match="30000 bytes"):
        compose(written("Subject: x\n\n" + "- word\n" * 1500))
    _, page = parts(written())
    assert len(page.encode()) < LARGEST_HTML / 4


def test_two_mails_of_one_wording_keep_their_own_links():
    other = LINK.replace("q-9", "r-8")
    first, second = parts(written()), parts(written(link=other))
    assert LINK in first[0] and LINK in first[1] and other not in "".join(first)
    assert other in second[0] and other in second[1] and LINK not in "".join(second)
    assert second[1] == first[1].replace(LINK, other)


def test_a_bare_address_becomes_a_link_and_keeps_its_underscores():
    text, page = parts(written("Subject: x\n\nOpen {{ link }}.\n"))
    assert f"Open {LINK}.\n" in text
    assert LINK in Page(page).links
    assert LINK in Page(page).words


HOSTILE = [
    "x\r\nBcc: evil@x.test",
    "x\nBcc: evil@x.test",
    "x\rBcc: evil@x.test",
    "=?utf-8?q?hi=0d=0aBcc:_evil@x.test?=",
    "=?utf-8?b?aGkNCkJjYzogZXZpbEB4LnRlc3Q=?=",
    "x %0d%0aBcc: evil@x.test",
    "x\u2028Bcc: evil@x.test",
    "x\u0085Bcc: evil@x.test",
    "x\x00y",
    "x\x1b]0;title\x07",
    "half a pair \ud83d",
]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
@pytest.mark.parametrize(
    ("field", "header"),
    [
        ("subject", "Subject"), ("sender_name", "From"), ("sender_email", "From"), ("reply_to", "Reply-To"),
        ("recipient", "To"), ("message_id", "Message-ID"), ("language", "Content-Language"),
    ],
)  # fmt: skip
def test_no_value_breaks_out_of_its_header(field, header, value):
    for hostile in (value, f"her@mailbox.example{value}", f"{value} <her@mailbox.example>"):
        with pytest.raises(UnsafeHeader, match=header) as found:
            compose(written(**{field: hostile}))
        assert "evil" not in str(found.value)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example, c@d.example", "a@b.example;c@d.example", "Her <her@mailbox.example>", "<her@mailbox.example>",
        "her", "her@", "@mailbox.example", "her@mailbox", "her@@mailbox.example", "her @mailbox.example",
        "ä@mailbox.example",        '"her\\"@x"@mailbox.example', "her@[127.0.0.1]", "a@b.example(c@d.example)", "",
    ],
)  # fmt: skip
def test_a_recipient_is_one_plain_address(address):
    with pytest.raises(UnsafeHeader, match="To: is not one mail address"):
        compose(written(recipient=address))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("her@mailbox.example", "her@mailbox.example"),
        ("her+tag.x@example.org", "her+tag.x@example.org"),
        ("o'neil@mailbox.example", "o'neil@mailbox.example"),
        ("her@post.test", "her@post.test"),
        ("her@müller.example", "her@xn--mller-kva.example"),
    ],
)
def test_an_honest_address_passes(address, shown):
    assert unquote(parsed(written(recipient=address))["To"]) == shown


def test_names_and_subjects_in_any_script_survive():
    message = parsed(written(subject="Übung für heute: 今日の練習 100 % (neu)", sender_name="Étude „Lettres“, équipe"))
    assert message["Subject"] == "Übung für heute: 今日の練習 100 % (neu)"
    assert message["From"].addresses[0].display_name == "Étude „Lettres“, équipe"
    assert message.keys() == EXPECTED_HEADERS


def test_a_date_without_a_zone_and_a_footer_that_is_no_address_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        compose(written(date=datetime(2030, 5, 1)))
    with pytest.raises(ValueError, match="footer"):
        compose(written(footer_links=(("Stop", "javascript:alert(1)"),)))


def test_a_pdf_goes_along_beside_both_parts_and_unchanged():
    paper = b"%PDF-1.7\n" + bytes(range(256)) * 40
    read = parsed(written(paper=paper))
    body, attached = read.iter_parts()
    assert [one.get_content_type() for one in body.iter_parts()] == ["text/plain", "text/html"]
    assert attached.get_content() == paper
    assert attached["Content-Disposition"] == 'attachment; filename="my-copy.pdf"'
    assert attached.get_content_type() == "application/pdf"
    assert read.keys() == EXPECTED_HEADERS
    assert read.defects == body.defects == attached.defects == []
    content = compose(written(paper=paper))
    assert content.isascii() and max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize("paper", [b"", b"<html>", b"%PDF-" + b"0" * 5_000_000], ids=["nothing", "a page", "too large"])
def test_what_is_no_pdf_or_too_large_does_not_go_along(paper):
    with pytest.raises(ValueError, match="PDF"):
        compose(written(paper=paper))
