"""Participants by study code: looking one up, their page, a mail as it was sent, and what the team does for them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response

from trial.core.access import Verb
from trial.core.enrolment_errors import IN_WORDS
from trial.core.errors import NotFound, Refused
from trial.services import care, participant_page
from trial.storage import members
from trial.storage.work import Work
from trial.web.desk.navigation import LISTS
from trial.web.desk.reading import whole, wrong
from trial.web.desk.visit import DeskPage, Visit
from trial.web.forms import Form


def _look_up(visit: Visit) -> Response:
    return visit.page("people.html")


def _search(visit: Visit) -> Response:
    """To the page of whoever has this code; or the code of whoever has this address, and nothing else of them."""
    if visit.form.get("act") == "address":
        with visit.acting() as work:
            code = care.find_by_address(work, visit.slug, visit.form.get("address", ""))
        if code is None:
            raise wrong("address", "Nobody in this trial has this address.")
        return visit.go(f"/{visit.slug}/participants/{code}")
    with visit.reading() as work:
        try:
            code = participant_page.code_of(work, visit.slug, visit.form.get("code", ""))
        except NotFound:
            raise wrong("code", "Nobody in this trial has this study code.") from None
    return visit.go(f"/{visit.slug}/participants/{code}")


def _code(visit: Visit) -> str:
    return str(visit.request.path_params["code"])


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found = participant_page.page(work, visit.slug, _code(visit))
        wrote = {*(one.by for one in found.notes), *(one.by for one in found.errors)}
        names = {one: members.name_of(work, one) for one in wrote}
    return visit.page("participant.html", found=found, names=names, lists=LISTS, in_words=IN_WORDS)


def _act(visit: Visit) -> Response:
    act = ACTS.get(visit.form.get("act", ""))
    if act is None:
        raise Refused("This form says nothing that could be done.")
    with visit.acting() as work:
        act(work, visit.slug, _code(visit), visit.form)
    visit.site.ring()
    return visit.go(f"/{visit.slug}/participants/{_code(visit)}", visit.form["act"])


def _address(work: Work, slug: str, code: str, form: Form) -> None:
    care.correct_address(work, slug, code, form.get("email", ""), form.get("again", ""))


ACTS: dict[str, Callable[[Work, str, str, Form], None]] = {
    "pause": lambda work, slug, code, form: care.pause(work, slug, code, whole(form, "days")),
    "end_pause": lambda work, slug, code, form: care.end_pause(work, slug, code),
    "link": lambda work, slug, code, form: care.new_link(work, slug, code),
    "correct": _address,
    "note": lambda work, slug, code, form: care.write_note(work, slug, code, form.get("note", "")),
}


def _mail(visit: Visit) -> Response:
    with visit.reading() as work:
        drawn = participant_page.mail(work, visit.slug, _code(visit), str(visit.request.path_params["mark"]))
    return visit.page("participant_mail.html", drawn=drawn, code=_code(visit))


PAGES = (
    DeskPage("/{slug}/participants", _look_up, _search, verb=Verb.READ_PARTICIPANT),
    DeskPage("/{slug}/participants/{code}", _show, _act, verb=Verb.READ_PARTICIPANT),
    DeskPage("/{slug}/participants/{code}/mails/{mark}", _mail, verb=Verb.READ_PARTICIPANT),
)
