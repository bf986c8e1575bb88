"""The person's own copy of what they signed: to read, and to save under a name that tells nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import Response
from fastapi.responses import HTMLResponse

from reports import consent_copy as files
from trial.core.trial import Trial
from trial.pages import consent_copy
from trial.pages.consent_copy import CopyPage
from trial.pages.frame import Frame
from trial.services import consent, consent_copies, enrolment, reconsent, trials
from trial.services.consent import Signed
from trial.web.forms import Form
from trial.web.participant.proof import with_code
from trial.web.participant.visit import Page, Visit
from trial.web.rates import Budget

NAME = "my-copy"
_SAID = ("sent", "today")


@dataclass(frozen=True, slots=True)
class _Copy:
    trial: Trial
    signed: Signed
    view: CopyPage
    frame: Frame

    @property
    def language(self) -> str:
        return self.signed.language


def _found(visit: Visit, participant_id: int) -> _Copy:
    with visit.site.open_work(visit.actor, write=False) as work:
        person = enrolment.participant(work, participant_id)
        trial = trials.find(work, visit.session.slug)
        signed = consent.signed(work, participant_id)
        visit.newer = reconsent.is_asked(work, person, trial)
        # who typed a code from a mail in this browser, and did not only follow a link, may see the name
        known = visit.session.screening is not None or visit.session.is_proved(work.now)
    view = consent_copies.view_of(signed, person.zone, named=known)
    frame = visit.frame(trial, signed.folder, language=signed.language, personal=True)
    return _Copy(trial, signed, view, frame)


def show_copy(visit: Visit, *, fault: bool = False) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    found, said = _found(visit, visit.session.participant), visit.request.query_params.get("said", "")
    view = replace(found.view, said=said if said in _SAID else "", fault=fault)
    return visit.page(consent_copy.copy_page(found.frame, view), 422 if fault else 200)


def send_copy(visit: Visit) -> Response:
    """By mail, to the address on file: with a tick, and once a day."""
    if visit.session.participant is None:
        return visit.no_session()
    if visit.form.get("mail") != "yes":
        return show_copy(visit, fault=True)
    with visit.site.open_work(visit.actor) as work:
        sent = consent_copies.ask(work, visit.session.participant)
    visit.site.ring()
    return visit.go("/copy?said=sent" if sent else "/copy?said=today")


def save_pdf(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    found = _found(visit, visit.session.participant)
    content = files.as_pdf(
        consent_copies.bare_page(found.signed, found.view),
        title=found.view.title,
        mark=found.trial.mark or "",
        language=found.language,
    )
    return Response(content, media_type="application/pdf", headers=_saved("pdf"))


def save_page(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    found = _found(visit, visit.session.participant)
    content = files.as_html(
        consent_copies.bare_page(found.signed, found.view),
        title=found.view.title,
        mark=found.trial.mark or "",
        language=found.language,
    )
    return HTMLResponse(content, headers=_saved("html"))


def _saved(ending: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{NAME}.{ending}"'}


def show_named(visit: Visit) -> Response:
    """The copy again, after a fresh code: then with the name."""
    return visit.go("/copy")


def _spends(form: Form) -> Budget | None:
    return "mails" if form.get("mail") == "yes" else None


PAGES = (
    Page("/copy", show_copy),
    Page("/copy/mail", show_copy, send_copy, spends=_spends),
    Page("/copy/named", with_code(show_named)),
    Page("/copy/pdf", save_pdf),
    Page("/copy/page", save_page),
)
