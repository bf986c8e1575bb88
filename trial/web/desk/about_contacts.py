"""What stands on the page of a reply, a held enrolment, a mail that did not arrive and a deviation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trial.core.deviations import IN_WORDS as DEVIATIONS
from trial.core.matters import Matter, MatterKind
from trial.core.missing import IN_WORDS as CAUSES
from trial.core.missing import Cause
from trial.services import deviations, missing_mails, participant_page, replies, reviews, suspending
from trial.storage import matters, participants, trials
from trial.storage import reviews as stored_reviews
from trial.storage.work import Work
from trial.web.desk.about import About
from trial.web.desk.reading import whole, wrong
from trial.web.forms import Form

DECISIONS = (
    ("everything", "They want to stop everything"),
    ("exercises", "They want no more exercises, and go on with the questionnaires"),
    ("questionnaires", "They want no more questionnaires, and go on with the exercises"),
    ("pause", "They want a pause"),
    ("go_on", "They did not mean it so: mails go on"),
)


def _reply(work: Work, matter: Matter) -> Mapping[str, Any]:
    opened = matters.history(work, matter.id)[0].detail
    return {
        "letter": replies.read_letter(work, matter.id),
        "attachments": int(opened.get("attachments", 0)),
        "decisions": DECISIONS,
        "longest": replies.LONGEST_ANSWER,
    }


def _answer(work: Work, matter: Matter, form: Form) -> None:
    replies.answer(work, matter.id, form.get("answer", ""))


def _decide(work: Work, matter: Matter, form: Form) -> None:
    decision = form.get("decision", "")
    if decision not in suspending.DECISIONS:
        raise wrong("decision", "Nothing was chosen.", "Choose what the person meant.")
    suspending.decide(work, matter.id, decision, days=whole(form, "days") if decision == "pause" else 0)


def _belongs_to(work: Work, matter: Matter, form: Form) -> None:
    replies.belongs_to(work, matter.id, form.get("code", ""))


def _held(work: Work, matter: Matter) -> Mapping[str, Any]:
    slug = trials.by_id(work, matter.trial_id).slug
    person = participants.by_id(work, matter.about)
    waiting = reviews.held(work, slug)
    codes = [one.code for one in waiting]
    place = codes.index(person.code) if person.code in codes else None
    return {
        "held": waiting[place] if place is not None else None,
        "before": sum(one.decision is None for one in waiting[:place]) if place is not None else 0,
        "review": stored_reviews.of_trial(work, matter.trial_id).get(person.id),
    }


def _release(work: Work, matter: Matter, form: Form) -> None:
    reviews.release(work, *_whom(work, matter), form.get("reason", ""))


def _refuse(work: Work, matter: Matter, form: Form) -> None:
    reviews.refuse(work, *_whom(work, matter), form.get("reason", ""))


def _whom(work: Work, matter: Matter) -> tuple[str, str]:
    return trials.by_id(work, matter.trial_id).slug, participants.by_id(work, matter.about).code


def _missing(work: Work, matter: Matter) -> Mapping[str, Any]:
    cause = missing_mails.cause_of(matter)
    person = participants.by_id(work, matter.participant_id or 0)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    mails = [(participant_page.about(protocol, one), one.due_at) for one in missing_mails.mails_of(work, matter)]
    return {"cause": CAUSES[cause], "doubt": cause is Cause.UNKNOWN, "mails": mails, "person": person}


def _again(work: Work, matter: Matter, form: Form) -> None:
    missing_mails.send_again(work, matter.id, may_be_double="double" in form)


def _deviation(work: Work, matter: Matter) -> Mapping[str, Any]:
    found = deviations.one(work, matter.id)
    return {"deviation": found, "what": DEVIATIONS[found.kind]}


ABOUT: dict[MatterKind, About] = {
    MatterKind.REPLY: About(
        "about_reply.html", _reply, {"answer": _answer, "decide": _decide, "belongs_to": _belongs_to}
    ),
    MatterKind.HELD_ENROLMENT: About("about_held.html", _held, {"release": _release, "refuse": _refuse}),
    MatterKind.MISSING_MAIL: About("about_missing.html", _missing, {"again": _again}),
    MatterKind.DEVIATION: About("about_deviation.html", _deviation),
}
