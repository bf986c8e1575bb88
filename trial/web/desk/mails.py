"""The mailbox as pages: a list with search, one mail, its HTML by itself, its bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from trial.mail.answering import answer_to
from trial.mail.mailbox_files import (
    MailSummary,
    StoredMail,
    keep_mail,
    last_number,
    mail_path,
    numbers,
    read_mail,
    read_summary,
)
from trial.web.desk.pages import Pages
from trial.web.desk.visit import DeskPage, Visit
from trial.web.forms import clean

PER_PAGE = 50
LONGEST_SEARCH = 200

# A mail is foreign matter: no script, no form, nothing loaded; its links open pages of their own.
MAIL_POLICY = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    ),
    "x-frame-options": "SAMEORIGIN",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of the list: its mails, newest first, and where one can turn."""

    mails: tuple[MailSummary, ...]
    found: int
    page: int
    pages: int
    search: str

    def address_of(self, page: int) -> str:
        """The address of another page of this list."""
        return "/mailbox?" + urlencode({"search": self.search, "page": page})


def how_many(mailbox: Path) -> int:
    """How many mails the folder holds."""
    return len(numbers(mailbox))


def leaf(mailbox: Path, search: str, page: int) -> Leaf:
    """The page of this number, or the nearest that exists, of the mails whose recipient or subject holds the words."""
    words = clean(search).strip()[:LONGEST_SEARCH]
    known = numbers(mailbox)[::-1]
    found = [number for number in known if _holds(_summary(mailbox, number), words)] if words else known
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Leaf(tuple(_summary(mailbox, number) for number in shown), len(found), page, pages, words)


def routes(pages: Pages, mailbox: Path, *, answers: bool = False) -> dict[str, Callable[..., Response]]:
    """The pages of this mailbox by path; `answers`: a mail can be answered here."""

    def mail_list(search: str = "", page: str = "1") -> Response:
        return pages.show(
            "mails.html", leaf=leaf(mailbox, search, int(page) if page.isascii() and page.isdigit() else 1)
        )

    def mail(number: int, said: str = "") -> Response:
        return pages.show("mail.html", answered=said == "answered", answers=answers, **one_mail(mailbox, number))

    def mail_html(number: int) -> Response:
        return HTMLResponse(_in_new_windows(_mail(mailbox, number).html), headers=MAIL_POLICY)

    def mail_bytes(number: int) -> Response:
        path = mail_path(mailbox, number)
        if not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type="message/rfc822", filename=path.name)

    return {
        "/mailbox": mail_list,
        "/mailbox/{number:int}": mail,
        "/mailbox/{number:int}/html": mail_html,
        "/mailbox/{number:int}/eml": mail_bytes,
    }


def one_mail(mailbox: Path, number: int) -> dict[str, Any]:
    """What the page of a mail shows: the mail, and the numbers of the next newer and older one."""
    known = numbers(mailbox)
    return {
        "mail": _mail(mailbox, number),
        "newer": min((other for other in known if other > number), default=None),
        "older": max((other for other in known if other < number), default=None),
    }


def answering(mailbox: Path) -> DeskPage:
    """The page on which a mail is answered, as the person who got it: who sits at this machine plays everybody."""

    def show(visit: Visit) -> Response:
        return visit.page("mail_answer.html", mail=_mail(mailbox, visit.number("number")))

    def act(visit: Visit) -> Response:
        number = visit.number("number")
        sender, to, raw = answer_to(_mail(mailbox, number), visit.form.get("words", ""), visit.machine_now)
        keep_mail(mailbox, sender, [to], raw, last_number(mailbox) + 1)
        visit.site.ring()
        return visit.go(f"/mailbox/{number}", "answered")

    return DeskPage("/mailbox/{number}/answer", show, act, open=True)


def _mail(mailbox: Path, number: int) -> StoredMail:
    try:
        return read_mail(mailbox, number)
    except (FileNotFoundError, OverflowError):
        raise HTTPException(404) from None


def _in_new_windows(html: str) -> str:
    # inside the frame a link would replace the mail; the participants' pages refuse to be framed anyway
    return html.replace("<head>", '<head><base target="_blank">', 1)


@lru_cache(maxsize=100_000)
def _summary(mailbox: Path, number: int) -> MailSummary:
    return read_summary(mailbox, number)  # a stored mail never changes


def _holds(mail: MailSummary, words: str) -> bool:
    return words.casefold() in f"{mail.envelope_to}\n{mail.subject}".casefold()
