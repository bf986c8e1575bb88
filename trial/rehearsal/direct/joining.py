"""The way in: from the trial's address to the signature."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from trial.core import proof
from trial.core.answers import asked_plainly
from trial.core.consent import QUESTION, is_valid_somewhere
from trial.core.fraud import FormEvidence
from trial.core.participant import ParticipantState
from trial.core.trial import Trial
from trial.pages.help import choices
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.direct.asking import questions
from trial.rehearsal.direct.visit import ASKED_AGAIN, VISITOR, Answer, Query, Told, Visit, form, hidden, ticks
from trial.rehearsal.forms import Field, Form
from trial.services import consent, enrolment, trials
from trial.services.consent import Consented
from trial.storage.work import Work

TRAP = "web-site"
_STATEMENT = "statement_"


def _found(work: Work, slug: str) -> tuple[Trial, ProtocolFolder]:
    trial = trials.find(work, slug)
    return trial, trials.folder(work, trial.protocol_id)


def _is_open(work: Work, trial: Trial, folder: ProtocolFolder) -> bool:
    return trial.has_begun and is_valid_somewhere(folder.protocol.consent, work.now)


def show_trial(visit: Visit, slug: str, query: Query) -> Answer:
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = _found(work, slug)
        takes = trial.recruits and _is_open(work, trial, folder)
    carried = "?" + urlencode({"from": query["from"]}) if query.get("from") else ""
    return Told(f"/{slug}", links=[f"/{slug}/notice{carried}"] if takes else [])


def show_notice(visit: Visit, slug: str, query: Query, *, status: int = 200) -> Answer:
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = _found(work, slug)
        valid = _is_open(work, trial, folder)
    path = f"/{slug}/notice"
    if not trial.has_begun:
        return f"/{slug}"
    if not trial.recruits or not valid:
        return Told(path)
    source = [hidden("from", query["from"])] if query.get("from") else []
    return Told(path, form(path, *source, *ticks("agree")), status=status)


def agree(visit: Visit, slug: str, sent: Query) -> Answer:
    if sent.get("agree") != "yes":
        return show_notice(visit, slug, sent, status=ASKED_AGAIN)
    before = visit.state
    known = {"first": before.first, "first_eligible": before.first_eligible} if before.slug == slug else {}
    visit.begin(slug=slug, agreed=True, source=sent.get("from", ""), **known)
    return f"/{slug}/screening"


def show_screening(visit: Visit, slug: str, sent: Query, *, status: int = 200) -> Answer:
    if not _reached(visit, slug, visit.state.agreed):
        return f"/{slug}/notice"
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = _found(work, slug)
        if not _is_open(work, trial, folder):
            return f"/{slug}/notice"
        given = _challenge(visit, sent)
        asked = given or proof.challenge(visit.site.secret, visit.state.id, work.now, proof.REHEARSAL_BITS)
    fields = questions(asked_plainly(folder.protocol.eligibility.questions), sent)
    ours = [hidden(proof.CHALLENGE, str(asked)), Field(TRAP, "text")]
    return Told(f"/{slug}/screening", form(f"/{slug}/screening", *ours, *fields), status=status)


def screen(visit: Visit, slug: str, sent: Query) -> Answer:
    state = visit.state
    if not _reached(visit, slug, state.agreed):
        return f"/{slug}/notice"
    if state.screening is not None or state.turned_away:
        return f"/{slug}/address" if state.screening else "/done"
    with visit.site.open_work(VISITOR) as work:
        trial, folder = _found(work, slug)
        if not _is_open(work, trial, folder):
            return f"/{slug}/notice"
        asked = _challenge(visit, sent)
        evidence = FormEvidence(
            proof=proof.judge(asked, sent.get(proof.PROOF, "").strip(), work.now),
            trapped=bool(sent.get(TRAP, "").strip()),
            seconds=None if asked is None else (work.now - asked.issued_at).total_seconds(),
            earlier=None if state.first is None else (state.first, state.first_eligible),
        )
        result = enrolment.screen(
            work,
            trial,
            sent,
            state.source,
            submission=visit.submission,
            evidence=evidence,
            language=visit.of(folder.protocol.languages),
        )
    if result.faults:
        return show_screening(visit, slug, sent, status=ASKED_AGAIN)
    first = result.id if state.first is None else state.first
    visit.go_on(first=first, first_eligible=state.first_eligible and result.eligible)
    if not result.eligible:
        visit.go_on(turned_away=True)
        return "/resources?to=done" if result.calls else "/done"
    visit.go_on(screening=result.id)
    return "/resources?to=address" if result.calls else f"/{slug}/address"


def show_address(visit: Visit, slug: str, sent: Query, *, status: int = 200) -> Answer:
    if not _reached(visit, slug, visit.state.screening):
        return f"/{slug}/notice"
    with visit.site.open_work(VISITOR, write=False) as work:
        _, folder = _found(work, slug)
    offered = folder.protocol.languages
    language = visit.of(offered)
    fields = [Field("email", "email", sent.get("email", "")), Field("zone", "select", sent.get("zone", ""))]
    if len(offered) > 1:
        fields.append(Field("language", "select", sent.get("language") or language, list(offered)))
    if countries := choices(folder.resources, language):
        fields.append(Field("country", "select", sent.get("country", ""), ["", *(one for one, _ in countries), "ZZ"]))
    return Told(f"/{slug}/address", form(f"/{slug}/address", *fields), status=status)


def give_address(visit: Visit, slug: str, sent: Query) -> Answer:
    if not _reached(visit, slug, visit.state.screening) or visit.state.screening is None:
        return f"/{slug}/notice"
    with visit.site.open_work(VISITOR) as work:
        trial, folder = _found(work, slug)
        fault = enrolment.give_address(
            work,
            trial,
            visit.state.screening,
            email=sent.get("email", "").strip(),
            language=sent.get("language") or visit.of(folder.protocol.languages),
            zone=sent.get("zone", ""),
            country=sent.get("country", ""),
        )
    if fault:
        return show_address(visit, slug, sent, status=ASKED_AGAIN)
    visit.site.ring()
    return f"/{slug}/code"


def show_code(visit: Visit, slug: str, _: Query, *, status: int = 200) -> Answer:
    if not _reached(visit, slug, visit.state.screening):
        return f"/{slug}/notice"
    links = [f"/{slug}/address"]
    return Told(f"/{slug}/code", form(f"/{slug}/code", Field("code", "text")), status=status, links=links)


def confirm(visit: Visit, slug: str, sent: Query) -> Answer:
    if not _reached(visit, slug, visit.state.screening) or visit.state.screening is None:
        return f"/{slug}/notice"
    with visit.site.open_work(VISITOR) as work:
        trial, _ = _found(work, slug)
        person = enrolment.confirm_address(work, trial, visit.state.screening, sent.get("code", ""))
    if person is None:
        return show_code(visit, slug, sent, status=ASKED_AGAIN)
    visit.go_on(participant=person)
    return f"/{slug}/consent"


def show_consent(visit: Visit, slug: str, _: Query, *, result: Consented | None = None) -> Answer:
    if not _reached(visit, slug, visit.state.participant) or visit.state.participant is None:
        return f"/{slug}/notice"
    with visit.site.open_work(visit.actor, write=False) as work:
        person = enrolment.participant(work, visit.state.participant)
        todo = consent.baseline_to_do(work, person.id)
        folder = trials.folder(work, person.protocol_id)
        valid = consent.may_sign(work, person)
    path = f"/{slug}/consent"
    if person.state is ParticipantState.DECLINED:
        return Told(path)
    if person.state is not ParticipantState.CONFIRMED:
        visit.go_on(occasion=visit.state.occasion or todo)
        return "/now"
    if not valid:
        return Told(path)
    again = result is not None and bool(result.missing or result.wrong)
    return Told(path, _consent_form(path, folder, person.language), status=ASKED_AGAIN if again else 200)


def _consent_form(path: str, folder: ProtocolFolder, language: str) -> Form:
    asked = folder.protocol.consent
    return form(
        path,
        hidden("seen", folder.digest),
        hidden("language", language),
        *(
            Field(f"{QUESTION}{one.id}", "radio", "", [str(each.value) for each in one.choices])
            for one in asked.comprehension
        ),
        *ticks(*(f"{_STATEMENT}{one.id}" for one in asked.statements)),
        *(ticks("data_sharing") if asked.data_sharing else ()),
        Field("signature", "text"),
        buttons=[("answer", "agree"), ("answer", "decline")],
    )


def answer_consent(visit: Visit, slug: str, sent: Query) -> Answer:
    person = visit.state.participant
    if not _reached(visit, slug, person) or person is None:
        return f"/{slug}/notice"
    with visit.site.open_work(visit.actor) as work:
        if sent.get("answer") == "decline":
            consent.decline(work, person)
            return "/done"
        result = consent.consent(
            work,
            person,
            ticked=frozenset(_given(sent, _STATEMENT)),
            signature=sent.get("signature", "").strip()[:200],
            answers=_given(sent, QUESTION),
            data_sharing=sent.get("data_sharing") == "yes",
            seen=sent.get("seen", ""),
            language=sent.get("language", ""),
        )
    if result.missing or result.wrong:
        return show_consent(visit, slug, sent, result=result)
    visit.go_on(occasion=result.occasion_id)
    return "/now"


def _reached(visit: Visit, slug: str, step: object) -> bool:
    return visit.state.slug == slug and bool(step)


def _challenge(visit: Visit, sent: Query) -> proof.Challenge | None:
    return proof.read(visit.site.secret, visit.state.id, sent.get(proof.CHALLENGE, ""), proof.REHEARSAL_BITS)


def _given(sent: Query, prefix: str) -> Mapping[str, str]:
    return {name.removeprefix(prefix): value for name, value in sent.items() if name.startswith(prefix)}
