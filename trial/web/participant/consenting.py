"""The last step of the way in: the information, the signature, a yes or a no."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Response

from trial.core.participant import Participant, ParticipantState
from trial.core.texts import say
from trial.pages import activities, joining
from trial.services import consent, enrolment
from trial.web.participant.enrolment import reached
from trial.web.participant.public import found
from trial.web.participant.visit import Page, Visit

_STATEMENT = "statement_"


def show_consent(visit: Visit, *, missing: tuple[str, ...] = ()) -> Response:
    if not reached(visit, visit.session.participant):
        return visit.go(f"/{visit.slug}/notice")
    with visit.site.open_work(visit.actor, write=False) as work:
        trial, folder = found(work, visit)
        person = enrolment.participant(work, visit.session.participant) if visit.session.participant else None
        todo = consent.baseline_to_do(work, person.id) if person else None
    if person is not None and person.state is ParticipantState.DECLINED:
        return visit.page(activities.after_page(visit.frame(trial, folder, language=person.language), "declined"))
    if person is not None and person.state is not ParticipantState.CONFIRMED and not visit.site.read_only:
        return visit.go("/now", replace(visit.session, occasion=visit.session.occasion or todo))
    frame = visit.frame(trial, folder, language=_language_of(person))
    form = folder.protocol.consent
    view = joining.ConsentPage(
        text=folder.text(form.information, frame.language),
        version=form.version,
        statements=tuple((one.id, say(one.text, frame.language)) for one in form.statements),
        ticked=_ticked(visit),
        signature=visit.form.get("signature", ""),
        missing=missing,
    )
    return visit.page(joining.consent_page(frame, view), 422 if missing else 200)


def answer_consent(visit: Visit) -> Response:
    person = visit.session.participant
    if not reached(visit, person) or person is None:
        return visit.go(f"/{visit.slug}/notice")
    if visit.form.get("answer") == "decline":
        return _decline(visit, person)
    signature = visit.form.get("signature", "").strip()[:200]
    with visit.site.open_work(visit.actor) as work:
        result = consent.consent(work, person, ticked=_ticked(visit), signature=signature)
    if result.missing:
        return show_consent(visit, missing=result.missing)
    return visit.go("/now", replace(visit.session, occasion=result.occasion_id, after=""))


def _decline(visit: Visit, person: int) -> Response:
    with visit.site.open_work(visit.actor) as work:
        consent.decline(work, person)
    return visit.go("/done", replace(visit.session, after="declined"))


def _ticked(visit: Visit) -> frozenset[str]:
    return frozenset(name.removeprefix(_STATEMENT) for name in visit.form if name.startswith(_STATEMENT))


def _language_of(person: Participant | None) -> str:
    return "" if person is None else person.language


PAGES = (Page("/{slug}/consent", show_consent, answer_consent),)
