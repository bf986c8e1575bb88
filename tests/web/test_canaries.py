"""Nothing that a person types breaks out of where it is shown or kept: every payload, every field, every way out."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import pypdf
import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.web.canaries import CANARY, ELSEWHERE, PAYLOADS, Life
from tests.web.place import BASE

HEADERS = {
    "from", "to", "reply-to", "subject", "date", "message-id", "list-id", "content-language", "auto-submitted",
    "x-auto-response-suppress", "mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post",
}  # fmt: skip
# what starts a formula in Excel, LibreOffice or Google Sheets; a number of ours may start with a minus
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")


# --- what looks for a break-out -----------------------------------------------------------------------------------


def in_html(text: str) -> Iterator[str]:
    """A script or handler of somebody's, an address elsewhere, a template that was worked out, a control character."""
    if _CONTROL.search(text):
        yield f"a control character: {_CONTROL.findall(text)[:3]}"
    if f"49{CANARY}" in text:
        yield "a template of the person's was worked out"
    for node in LexborHTMLParser(text).css("*"):
        for name, value in node.attributes.items():
            if name.startswith("on") or (value or "").strip().lower().startswith(("javascript:", "data:text")):
                yield f"{node.tag} {name}={value}"
            elif name in ("src", "href", "action") and urlsplit(value or "").netloc == ELSEWHERE:
                yield f"{node.tag} leads elsewhere: {value}"
        if node.tag == "script" and CANARY in (node.text() or ""):
            yield "a script of the person's"


def in_headers(headers: list[tuple[str, str]], *, known: set[str] | None = None) -> Iterator[str]:
    """A header that is not ours, or one that holds what somebody typed."""
    for name, value in headers:
        if CANARY in name.lower() or ELSEWHERE in value or (CANARY in value and name != "location"):
            yield f"{name}: {value}"
        if known is not None and name.lower() not in known:
            yield f"a header of nobody's: {name}"


def in_csv(text: str) -> Iterator[str]:
    """A cell that a spreadsheet would work out."""
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            if cell.startswith(FORMULA) and not _NUMBER.fullmatch(cell):
                yield cell


def in_mail(content: bytes) -> Iterator[str]:
    """A second header, a link to anywhere but the trial's own address, a part that is no text."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    yield from in_headers([(name, str(value)) for name, value in mail.items()], known=HEADERS)
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            words = part.get_content()
            yield from (one for one in re.findall(r"https?://[^\s\"'<>]+", words) if not one.startswith(BASE + "/"))
            yield from ("words that were typed" for _ in re.findall(CANARY, words))
            if part.get_content_type() == "text/html":
                yield from in_html(words)


def in_words(text: str) -> Iterator[str]:
    """What somebody typed, where none of it may stand."""
    yield from (text[max(0, found.start() - 80) : found.end() + 40] for found in re.finditer(CANARY, text))


def in_pdf(content: bytes) -> Iterator[str]:
    """Something a reader would run or fetch, or a control character in the text."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    found = [name for name in ("/OpenAction", "/AA", "/JavaScript") if name in root]
    # what links within lead to is named there, and nothing else may be: no script, no file
    found += [name for name in root.get("/Names", {}) if name != "/Dests"]
    for page in reader.pages:
        found += [str(one.get_object()) for one in page.get("/Annots") or [] if ELSEWHERE in str(one.get_object())]
        found += _CONTROL.findall(page.extract_text().replace("\x0c", ""))
    yield from found


def in_docx(content: bytes) -> Iterator[str]:
    """Something that Word would run or fetch, or a control character in the text."""
    with ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            if name.endswith((".xml", ".rels")):
                text = file.read(name).decode()
                yield from re.findall(r'TargetMode="External"|vbaProject|DDEAUTO|INCLUDE\w+', text)
                yield from in_words(text)


# --- where words can come out ------------------------------------------------------------------------------------


def pages(lived: Life) -> Iterator[str]:
    for one in lived.person.answers:
        if one.status_code >= 500:
            yield f"an error of ours: {one.request.url}"
        if one.headers.get("content-type", "").startswith("text/html"):
            yield from in_html(one.text)


def response_headers(lived: Life) -> Iterator[str]:
    for one in lived.person.answers:
        yield from in_headers(list(one.headers.items()))
        where = one.headers.get("location", "")
        if where and urlsplit(where).netloc not in ("", urlsplit(BASE).netloc):
            yield f"leads to {where}"


def mails(lived: Life) -> Iterator[str]:
    for _, content in lived.place.server.mails:
        yield from in_mail(content)


def desk_pages(lived: Life) -> Iterator[str]:
    for one in lived.desk:
        if one.status_code >= 500:
            yield f"an error of ours: {one.request.url}"
        yield from in_headers(list(one.headers.items()))
        yield from in_html(one.text)


def frozen_tables(lived: Life) -> Iterator[str]:
    for path in sorted(lived.frozen.glob("*.csv")):
        text = path.read_text(encoding="utf-8")
        yield from in_csv(text)
        yield from in_words(text)


def report(lived: Life) -> Iterator[str]:
    page = (lived.frozen / "report.html").read_text(encoding="utf-8")
    yield from in_html(page)
    yield from in_words(page)
    yield from in_words((lived.frozen / "results.json").read_text(encoding="utf-8"))
    yield from in_pdf((lived.frozen / "report.pdf").read_bytes())
    yield from in_docx((lived.frozen / "report.docx").read_bytes())
    for path in sorted((*lived.frozen.glob("tables/*.csv"), *lived.frozen.glob("figures/*.csv"))):
        yield from in_csv(path.read_text(encoding="utf-8-sig"))
    for path in sorted(lived.frozen.glob("figures/*.svg")):
        yield from in_words(path.read_text(encoding="utf-8"))


def own_data(lived: Life) -> Iterator[str]:
    with ZipFile(io.BytesIO(lived.person.zipped)) as file:
        assert sorted(file.namelist()) == ["answers.csv", "consents.csv", "mails.csv", "my-data.json"]
        for name in file.namelist():
            text = file.read(name).decode()
            yield from in_csv(text) if name.endswith(".csv") else _CONTROL.findall(text)


def consent_copy(lived: Life) -> Iterator[str]:
    found = [one for one in lived.person.answers if one.request.url.path == "/copy/page"]
    papers = [one for one in lived.person.answers if one.request.url.path == "/copy/pdf"]
    assert found and papers
    yield from in_html(found[-1].text)
    yield from in_pdf(papers[-1].content)


def logs(lived: Life) -> Iterator[str]:
    yield from in_words(lived.said.getvalue())


SINKS: dict[str, Callable[[Life], Iterator[str]]] = {
    one.__name__.replace("_", " "): one
    for one in (pages, response_headers, mails, desk_pages, frozen_tables, report, own_data, consent_copy, logs)
}


TYPED = {
    "agree", "age", "reads_english", "email", "zone", "language", "country", "code", "statement_free", "signature",
    "question_stop", "data_sharing", "seen", "feeling_1", "feeling_sleep", "feeling_else", "breathing_done",
    "voices_1_harsh", "voices_2_kind", "small_things_rest", "cards_caring", "wish", "contact", "text", "when", "long",
    "day", "fewer", "level", "reason", "download", "withdraw", "erase", "submission", "opened", "active", "answer",
}  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_typed_into_every_field_stays_what_it_is_wherever_it_comes_out(payload: str) -> None:
    lived = Life(payload)
    found = {sink: sorted(set(look(lived))) for sink, look in SINKS.items()}
    assert {sink: hits for sink, hits in found.items() if hits} == {}
    # and the canary did get everywhere: without this the grid could be empty because nobody got anywhere
    assert TYPED - lived.person.typed == set()
    kept = ZipFile(io.BytesIO(lived.person.zipped)).read("my-data.json").decode()
    assert kept.count(CANARY) >= 8
    assert any(CANARY in one.text for one in lived.person.answers if one.request.url.path == "/copy")
    assert len(lived.place.server.mails) > 12


@pytest.mark.parametrize(
    ("detector", "broken"),
    [
        (in_html, f"<p>{PAYLOADS['HTML']}</p>"),
        (in_html, f"<p onclick='{CANARY}'>x</p>"),
        (in_html, f'<a href="http://{ELSEWHERE}/">x</a>'),
        (in_html, f"<p>49{CANARY}</p>"),
        (in_html, f"<p>{PAYLOADS['control']}</p>"),
        (in_headers, [("x-canary7x", "1")]),
        (in_headers, [("location", f"http://{ELSEWHERE}/")]),
        (in_csv, f'a,"{PAYLOADS["at"]}"\r\n'),
        (in_csv, f"a,\t=1+{CANARY}\r\n"),
        (in_csv, f"-{CANARY},1\r\n"),
        (in_mail, f"Subject: x\r\nBcc: {CANARY}@{ELSEWHERE}\r\n\r\nHello".encode()),
        (in_mail, f"Subject: x\r\n\r\nhttp://{ELSEWHERE}/go/1".encode()),
        (in_mail, f"Subject: x\r\n\r\nHello {CANARY}".encode()),
        (in_words, f"Traceback: {CANARY}"),
    ],
)
def test_each_detector_finds_a_break_out(detector: Callable[..., Iterator[str]], broken: object) -> None:
    assert list(detector(broken))


def test_numbers_below_zero_are_no_formulas() -> None:
    assert list(in_csv("a,-3,-0.25,12\r\n")) == []


def test_the_detector_of_papers_finds_a_script(tmp_path: Path) -> None:
    paper = pypdf.PdfWriter()
    paper.add_blank_page(100, 100)
    paper.add_uri(0, f"http://{ELSEWHERE}/", (0, 0, 50, 50))
    paper.write(tmp_path / "x.pdf")
    assert list(in_pdf((tmp_path / "x.pdf").read_bytes()))
