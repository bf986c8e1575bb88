"""The last step of the way in: the information, the signature, a yes or a no."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Response

from trial.core.consent import QUESTION
from trial.core.participant import Participant, ParticipantState
from trial.core.protocol.joining import ComprehensionQuestion
from trial.core.texts import say
from trial.pages import activities, joining
from trial.protocol_files import ProtocolFolder
from trial.services import consent, enrolment, trials
from trial.services.consent import Consented
from trial.web.participant.enrolment import reached
from trial.web.participant.public import found
from trial.web.participant.visit import Page, Visit

_STATEMENT = "statement_"
NOTHING = Consented((), None)


def show_consent(visit: Visit, *, result: Consented = NOTHING) -> Response:
    if not reached(visit, visit.session.participant):
        return visit.go(f"/{visit.slug}/notice")
    with visit.site.open_work(visit.actor, write=False) as work:
        trial, folder = found(work, visit)
        person = enrolment.participant(work, visit.session.participant) if visit.session.participant else None
        todo = consent.baseline_to_do(work, person.id) if person else None
        folder = trials.folder(work, person.protocol_id) if person else folder
        valid = person is None or consent.may_sign(work, person)
    frame = visit.frame(trial, folder, language="" if visit.chosen else _language_of(person))
    if person is not None and person.state is ParticipantState.DECLINED:
        return visit.page(activities.after_page(frame, "declined"))
    if person is not None and person.state is not ParticipantState.CONFIRMED and not visit.site.read_only:
        return visit.go("/now", replace(visit.session, occasion=visit.session.occasion or todo))
    if not valid and not visit.site.read_only:
        return visit.page(activities.after_page(frame, "form_not_valid"))
    html = joining.consent_page(frame, form_page(visit, folder, frame.language, result))
    return visit.page(html, 422 if result.missing or result.wrong else 200)


def form_page(visit: Visit, folder: ProtocolFolder, language: str, result: Consented) -> joining.ConsentPage:
    """The form of a version as this visit shows it."""
    form = folder.protocol.consent
    return joining.ConsentPage(
        text=folder.text(form.information, language),
        version=form.version,
        statements=tuple((one.id, say(one.text, language)) for one in form.statements),
        ticked=_ticked(visit),
        signature=visit.form.get("signature", ""),
        missing=result.missing,
        questions=tuple(_question(visit, one, language, result) for one in form.comprehension),
        sharing=say(form.data_sharing.text, language) if form.data_sharing else "",
        shares=_shares(visit),
        seen=folder.digest,
    )


def _question(visit: Visit, one: ComprehensionQuestion, language: str, result: Consented) -> joining.Comprehension:
    """A question as it stands; an answer that was not right is explained and taken back."""
    wrong = one.id in result.wrong
    return joining.Comprehension(
        id=one.id,
        question=say(one.question, language),
        choices=tuple((str(each.value), say(each.label, language)) for each in one.choices),
        chosen="" if wrong else visit.form.get(f"{QUESTION}{one.id}", ""),
        explanation=say(one.explanation, language) if wrong else "",
        open=f"{QUESTION}{one.id}" in result.missing,
    )


def answer_consent(visit: Visit) -> Response:
    person = visit.session.participant
    if not reached(visit, person) or person is None:
        return visit.go(f"/{visit.slug}/notice")
    if visit.form.get("answer") == "decline":
        return _decline(visit, person)
    with visit.site.open_work(visit.actor) as work:
        result = consent.consent(work, person, **said(visit))
    if result.missing or result.wrong:
        return show_consent(visit, result=result)
    return visit.go("/now", replace(visit.session, occasion=result.occasion_id, after=""))


def said(visit: Visit) -> dict[str, Any]:
    """What was ticked, answered and signed, as the services take it."""
    return {
        "ticked": _ticked(visit),
        "signature": visit.form.get("signature", "").strip()[:200],
        "answers": _given(visit, QUESTION),
        "data_sharing": _shares(visit),
        "seen": visit.form.get("seen", ""),
        "language": visit.form.get("language", ""),
    }


def _decline(visit: Visit, person: int) -> Response:
    with visit.site.open_work(visit.actor) as work:
        consent.decline(work, person)
    return visit.go("/done", replace(visit.session, after="declined"))


def _ticked(visit: Visit) -> frozenset[str]:
    return frozenset(_given(visit, _STATEMENT))


def _given(visit: Visit, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in visit.form.items() if name.startswith(prefix)}


def _shares(visit: Visit) -> bool:
    return visit.form.get("data_sharing") == "yes"


def _language_of(person: Participant | None) -> str:
    return "" if person is None else person.language


PAGES = (Page("/{slug}/consent", show_consent, answer_consent),)
