"""The person's own copy of what they signed: to read, and to save under a name that tells nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import Response
from fastapi.responses import HTMLResponse

from reports import consent_copy as files
from trial.core.texts import say
from trial.core.trial import Trial
from trial.pages import consent_copy
from trial.pages.consent_copy import CopyPage
from trial.pages.frame import Frame
from trial.services import consent, enrolment, reconsent, trials
from trial.services.consent import Signed
from trial.web.participant.proof import with_code
from trial.web.participant.visit import Page, Visit

NAME = "my-copy"


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
    form, language = signed.folder.protocol.consent, signed.language
    sharing = form.data_sharing if signed.proof.data_sharing is not None else None
    view = CopyPage(
        title=say(signed.folder.protocol.title, language),
        text=signed.folder.text(form.information, language),
        version=signed.proof.version,
        statements=tuple(say(one.text, language) for one in form.statements if one.id in signed.proof.statements),
        sharing=say(sharing.text, language) if sharing else "",
        shares=bool(signed.proof.data_sharing),
        signature=signed.signature if known else "",
        signed_at=signed.proof.signed_at,
        zone=person.zone,
        digest=signed.folder.digest,
    )
    return _Copy(trial, signed, view, visit.frame(trial, signed.folder, language=language, personal=True))


def show_copy(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    found = _found(visit, visit.session.participant)
    return visit.page(consent_copy.copy_page(found.frame, found.view))


def save_pdf(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    found = _found(visit, visit.session.participant)
    content = files.as_pdf(_bare(found), title=found.view.title, mark=found.trial.mark or "", language=found.language)
    return Response(content, media_type="application/pdf", headers=_saved("pdf"))


def save_page(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    found = _found(visit, visit.session.participant)
    content = files.as_html(_bare(found), title=found.view.title, mark=found.trial.mark or "", language=found.language)
    return HTMLResponse(content, headers=_saved("html"))


def _bare(found: _Copy) -> str:
    """The page without what leads on from it."""
    frame = Frame(
        language=found.language, contact_name=found.frame.contact_name, contact_email=found.frame.contact_email
    )
    return consent_copy.copy_page(frame, replace(found.view, saved=True))


def _saved(ending: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{NAME}.{ending}"'}


def show_named(visit: Visit) -> Response:
    """The copy again, after a fresh code: then with the name."""
    return visit.go("/copy")


PAGES = (
    Page("/copy", show_copy),
    Page("/copy/named", with_code(show_named)),
    Page("/copy/pdf", save_pdf),
    Page("/copy/page", save_page),
)
