"""The way in: screening, address, code. Each step is open once the one before it was taken; consent follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import Response

from trial.core.answers import Fault, asked_plainly
from trial.pages import joining
from trial.pages.fields import Typed, plain_fields
from trial.pages.help import choices
from trial.services import enrolment
from trial.web.participant import checks
from trial.web.participant.help import ADDRESS, by_way_of_help
from trial.web.participant.public import found, is_open
from trial.web.participant.session import renewed, submission_of
from trial.web.participant.visit import VISITOR, Page, Visit
from trial.web.rates import a_code, a_mail


def reached(visit: Visit, step: object) -> bool:
    """Whether this browser may see a step of this trial; a finished trial's pages are there to be looked at."""
    return visit.site.read_only or (visit.session.slug == visit.slug and bool(step))


def show_screening(visit: Visit, *, faults: Mapping[str, Fault] | None = None) -> Response:
    if not reached(visit, visit.session.agreed):
        return visit.go(f"/{visit.slug}/notice")
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = found(work, visit)
        if not is_open(visit, work, trial, folder):
            return visit.go(f"/{visit.slug}/notice")
        challenge, proof = ("", "") if visit.site.read_only else checks.challenge_of(visit, trial, work.now)
    frame = visit.frame(trial, folder)
    asked = asked_plainly(folder.protocol.eligibility.questions)
    fields = plain_fields(asked, frame.language, Typed(visit.form, faults or {}))
    view = joining.ScreeningPage(fields, challenge, proof)
    return visit.page(joining.screening_page(frame, view), 422 if faults else 200)


def screen(visit: Visit) -> Response:
    session = visit.session
    if not reached(visit, session.agreed):
        return visit.go(f"/{visit.slug}/notice")
    if session.screening is not None or session.after == "not_eligible":
        return visit.go(f"/{visit.slug}/address" if session.screening else "/done")
    with visit.site.open_work(VISITOR) as work:
        trial, folder = found(work, visit)
        if not is_open(visit, work, trial, folder):
            return visit.go(f"/{visit.slug}/notice")
        result = enrolment.screen(
            work,
            trial,
            visit.form,
            session.source,
            submission=submission_of(visit.site.secret, session),
            evidence=checks.evidence_of(visit, trial, work.now),
            language=visit.language(folder.protocol.languages),
        )
    if result.faults:
        return show_screening(visit, faults=result.faults)
    tried = checks.tried(session, result.id, eligible=result.eligible)
    if not result.eligible:
        return visit.go(by_way_of_help("/done") if result.calls else "/done", replace(tried, after="not_eligible"))
    onward = f"/{visit.slug}/address"
    return visit.go(by_way_of_help(ADDRESS) if result.calls else onward, replace(tried, screening=result.id))


def show_address(visit: Visit, *, fault: str | None = None) -> Response:
    if not reached(visit, visit.session.screening):
        return visit.go(f"/{visit.slug}/notice")
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = found(work, visit)
    offered, frame = folder.protocol.languages, visit.frame(trial, folder)
    view = joining.AddressPage(
        languages=tuple(offered) if len(offered) > 1 else (),
        email=visit.form.get("email", ""),
        language=visit.form.get("language", ""),
        zone=visit.form.get("zone", ""),
        fault=fault,
        countries=choices(folder.resources, frame.language),
        country=visit.form.get("country", visit.session.country),
    )
    return visit.page(joining.address_page(frame, view), 422 if fault else 200)


def give_address(visit: Visit) -> Response:
    if not reached(visit, visit.session.screening) or visit.session.screening is None:
        return visit.go(f"/{visit.slug}/notice")
    with visit.site.open_work(VISITOR) as work:
        trial, folder = found(work, visit)
        language = visit.form.get("language") or visit.language(folder.protocol.languages)
        fault = enrolment.give_address(
            work,
            trial,
            visit.session.screening,
            email=visit.form.get("email", "").strip(),
            language=language,
            zone=visit.form.get("zone", ""),
            country=visit.form.get("country", ""),
        )
    if fault:
        return show_address(visit, fault=fault)
    visit.site.ring()
    kept = language if len(folder.protocol.languages) > 1 else ""
    return visit.go(f"/{visit.slug}/code", replace(visit.session, language=kept))


def show_code(visit: Visit, *, wrong: bool = False) -> Response:
    if not reached(visit, visit.session.screening):
        return visit.go(f"/{visit.slug}/notice")
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = found(work, visit)
    html = joining.code_page(visit.frame(trial, folder), joining.CodePage(wrong=wrong))
    return visit.page(html, 422 if wrong else 200)


def confirm(visit: Visit) -> Response:
    if not reached(visit, visit.session.screening) or visit.session.screening is None:
        return visit.go(f"/{visit.slug}/notice")
    with visit.site.open_work(VISITOR) as work:
        trial, _ = found(work, visit)
        person = enrolment.confirm_address(work, trial, visit.session.screening, visit.form.get("code", ""))
    if person is None:
        return show_code(visit, wrong=True)
    return visit.go(f"/{visit.slug}/consent", renewed(visit.session, participant=person))


PAGES = (
    Page("/{slug}/screening", show_screening, screen),
    Page("/{slug}/address", show_address, give_address, spends=a_mail),
    Page("/{slug}/code", show_code, confirm, spends=a_code),
)
